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

// keepOnReturn keeps what is published where an address that was confirmed is one that
// was replaced within the day: the place may leave by two lines, and then it is
// right either way. Every way is asked once more, because any may have taken the
// other line; where no other round follows, as often as rounds would have been.
func (at *origin) keepOnReturn(ctx context.Context, s *lookResult, stays []addr.Stay, last bool) {
	now := time.Now()
	if at.lines.Detected() && now.Sub(at.returned) > forgotten {
		at.lines, at.other = addr.MultiWAN{}, addr.Observation{}
	}
	if len(stays) == 0 || s.seen.Same(stays[0].Seen) {
		if len(stays) == 0 || !at.lines.OnlyByStaleRoute(stays[0].Seen, s.seen.Votes()) {
			at.lines = at.lines.Reset()
		}
		return
	}
	if !addr.IsReturning(stays, s.seen, now) {
		return
	}
	published := stays[0].Seen
	looks, stay := at.surveyRoutes(ctx, s, stays, last, addr.MultiWAN.PublishedUnseen)
	if !stay {
		return
	}
	if at.lines.PublishedUnseen() {
		s.retry = now.Add(doubtPause) // one of the rounds in which nobody saw it
	}
	at.returned, at.other = now, s.seen
	s.seen, s.publishable = published.With(looks...), false
}

// surveyRoutes asks every way once more, where no other round follows until the matter
// is no longer open, and reports whether what is published stays.
func (at *origin) surveyRoutes(ctx context.Context, s *lookResult, stays []addr.Stay, last bool, open func(addr.MultiWAN) bool) (looks []addr.Vote, stay bool) {
	again := addr.KeepsReturning(stays, time.Now())
	looks = s.seen.Votes()
	for more := true; more; more = last && stay && open(at.lines) {
		looks = slices.Concat(looks, at.panel.Survey(ctx))
		at.lines, stay = at.lines.Next(stays[0].Seen, looks, again)
	}
	return looks, stay
}

// resolveTwoLineDoubt settles a doubt between what is published and what it replaced within
// the day: a place with two lines answers so where two ways leave by one each.
// What is published stays, but for a way that alone sees it again and again: that
// may be stale, and the doubt remains.
func (at *origin) resolveTwoLineDoubt(ctx context.Context, s *lookResult, stays []addr.Stay, last bool) {
	other, ok := addr.Alternates(stays, s.seen.Votes(), time.Now())
	if !ok {
		return
	}
	before := at.lines
	looks, stay := at.surveyRoutes(ctx, s, stays, last, addr.MultiWAN.SeenByOneRoute)
	if !stay {
		at.lines = before
		return
	}
	at.returned, at.other, at.doubts = time.Now(), other, 0
	s.seen, s.retry = stays[0].Seen.With(looks...), time.Time{}
}

// twoLinesCondition returns the condition of a place that leaves by two lines.
func twoLinesCondition(of plan.Origin, published, other addr.Observation) status.Condition {
	c := status.Condition{Code: status.TwoLines, Subject: of.String(),
		Text: fmt.Sprintf("others see this network as both %s and %s, as if a router balanced connections over two lines; %s stays published as long as it is seen",
			published.Describe(), other.Describe(), published.Describe()),
		Hint: "choose one line with {network.bind=<interface>}, read the address from the line itself (local.iface:<interface>), or publish both with {sites}"}
	c.Hint = OfSite(c.Hint, of.Site)
	return c
}
