package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// forgotten is how long a second line is remembered that is not seen again.
const forgotten = 24 * time.Hour

// hold keeps what is published where an address that was confirmed is one that
// was replaced within the day: the place may leave by two lines, and then it is
// right either way. Every way is asked once more, because any may have taken the
// other line; where no other round follows, as often as rounds would have been.
func (at *origin) hold(ctx context.Context, s *sight, stays []addr.Stay, last bool) {
	now := time.Now()
	if at.lines.Two() && now.Sub(at.returned) > forgotten {
		at.lines, at.other = addr.Lines{}, addr.Observation{}
	}
	if len(stays) == 0 || s.seen.Same(stays[0].Seen) {
		if len(stays) == 0 || !at.lines.Alone(stays[0].Seen, s.seen.Votes()) {
			at.lines = at.lines.Home()
		}
		return
	}
	if !addr.Returns(stays, s.seen, now) {
		return
	}
	published, again, stay := stays[0].Seen, addr.Again(stays, now), false
	looks := s.seen.Votes()
	for more := true; more; more = last && stay && at.lines.Unseen() {
		looks = slices.Concat(looks, at.panel.Survey(ctx))
		at.lines, stay = at.lines.Judge(published, looks, again)
	}
	if stay {
		if at.lines.Unseen() {
			s.retry = now.Add(doubtPause) // one of the rounds in which nobody saw it
		}
		at.returned, at.other = now, s.seen
		s.seen, s.publishable = published.With(looks...), false
	}
}

// ofLines is the condition of a place that leaves by two lines.
func ofLines(of plan.Origin, published, other addr.Observation) status.Condition {
	return status.Condition{Code: status.TwoLines, Subject: of.String(),
		Text: fmt.Sprintf("this place is seen as %s and as %s, as where a router shares connections out over two lines; %s stays published as long as it is seen",
			published.Describe(), other.Describe(), published.Describe()),
		Hint: "choose one of the lines by {network.bind=<interface>}, or take the address from the line itself (local.iface:<interface>)"}
}
