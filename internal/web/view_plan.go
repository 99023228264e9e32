package web

import (
	"bytes"
	"net/http"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// planView is what the next round would do.
type planView struct {
	frame
	Sentence string
	Zones    []planZone
	More     int // changes that are not listed
	Troubles []*troubleView
}

type planZone struct {
	Name   string
	Groups []*planGroup
}

// planGroup is changes for one reason.
type planGroup struct {
	Reason  string
	Changes []*planChange
}

type planChange struct{ Level, Sign, What, Step string }

func actionLevel(a plan.Action) string {
	switch a {
	case plan.ToCreate:
		return "good"
	case plan.ToUpdate:
		return "doubtful"
	}
	return "bad"
}

// planMost is how many changes the page lists.
const planMost = 200

func (s *Server) servePlanPage(w http.ResponseWriter, r *http.Request) {
	round, err := s.plan(w, r)
	s.withinQuota(w, r, s.answers, planTimeout, func() {
		v := &planView{frame: s.frame(r)}
		if err != nil {
			v.Sentence = "No plan could be made: " + plain(err.Error()) + "."
		} else {
			v.show(round)
		}
		var page bytes.Buffer
		planOf(&page, v)
		writePage(w, r, http.StatusOK, &page)
	})
}

func newPlanView(f frame, r *status.Round) *planView {
	v := &planView{frame: f}
	v.show(r)
	return v
}

// show takes over what a round would do.
func (v *planView) show(r *status.Round) {
	left := planMost
	for _, z := range r.Zones {
		b := planZone{}
		for _, c := range z.Plan.Changes() {
			b.add(&left, c.Action, c.Key().String(), c.Step(), c.Reason)
		}
		v.take(b, z.Name.Describe())
	}
	for _, l := range r.Lists {
		var b planZone
		for _, c := range l.Plan.Changes {
			b.add(&left, c.Action, "item", c.Step(), c.Reason)
		}
		v.take(b, "list "+plain(l.Name))
	}
	v.More = max(0, -left)
	bad, _, _ := troubles(r.Conditions)
	v.Troubles = bad
	switch n := r.Pending(); {
	case n > 0:
		v.Sentence = count(n, "change", "changes") + " would be made."
	case r.Outcome() == status.Failed:
		v.Sentence = "Nothing would be changed, but there are problems."
	default:
		v.Sentence = "Nothing to change."
	}
}

func (v *planView) take(z planZone, name string) {
	if len(z.Groups) > 0 {
		z.Name = name
		v.Zones = append(v.Zones, z)
	}
}

// add adds a change to those of its reason, as long as there is room.
func (z *planZone) add(left *int, a plan.Action, what, step, reason string) {
	*left--
	if *left < 0 {
		return
	}
	c := &planChange{actionLevel(a), a.Sign(), plain(what), plain(text.Cut(step, textMost))}
	for _, g := range z.Groups {
		if g.Reason == plain(reason) {
			g.Changes = append(g.Changes, c)
			return
		}
	}
	z.Groups = append(z.Groups, &planGroup{plain(reason), []*planChange{c}})
}
