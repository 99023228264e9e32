package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// Site is how a site with a name is looked at.
type Site struct {
	Confirm bool // ask twice before an address is published
	Line    Line // its line, as this machine sees it; zero where that is not known
}

// site returns the one of this name; this machine itself has none.
func (e *Engine) site(name string) Site {
	if name == "" {
		return Site{e.cfg.Confirm, e.cfg.Line}
	}
	return e.cfg.Sites[name]
}

// OfSite returns advice that means the settings of a site.
func OfSite(h text.Hint, site string) text.Hint {
	if site == "" || (plan.Origin{Site: site}).IsLAN() {
		return h
	}
	return h.Map(func(s text.Setting) text.Setting {
		if s.Path == "network.bind" {
			s.Path = "detect.bind"
		}
		for _, leaf := range []string{"ipv4.", "ipv6.", "bind", "confirm", "timeout"} {
			if below, of := strings.CutPrefix(s.Path, "detect."); of && strings.HasPrefix(below, leaf) {
				s.Path = "sites." + site + "." + below
			}
		}
		return s
	})
}

// failoverGroup is what the engine keeps of an origin that is the first of several which
// has an address, from round to round.
type failoverGroup struct {
	among []plan.Origin // those in scope
	state plan.Failover
}

// newFailoverGroups returns those that these accounts need.
func newFailoverGroups(accounts []Account, inScope map[plan.Origin]*origin) map[plan.Origin]*failoverGroup {
	firsts := make(map[plan.Origin]*failoverGroup)
	for _, a := range accounts {
		for _, o := range a.Spec.FailoverOrigins() {
			among := slices.DeleteFunc(o.Among(), func(m plan.Origin) bool { return inScope[m] == nil })
			if len(among) > 0 {
				firsts[o] = &failoverGroup{among: among}
			}
		}
	}
	return firsts
}

// failoverChoice is what a round sees of the first of several: the look at one of them.
type failoverChoice struct {
	*failoverGroup
	*pendingLook
	at    int
	looks []plan.Look // when all have settled
}

// chooseSites has each first of several settle as soon as it is clear which of them
// counts.
func (e *Engine) chooseSites(ctx context.Context, m mode, started time.Time, looks lookSet, wg *sync.WaitGroup) map[plan.Origin]*failoverChoice {
	all := make(map[plan.Origin]*failoverChoice, len(e.firsts))
	for o, f := range e.firsts {
		c := &failoverChoice{failoverGroup: f, pendingLook: newPendingLook()}
		all[o] = c
		if m.clears() {
			c.settle(lookResult{seen: addr.None(), publishable: true})
			continue
		}
		wg.Go(func() {
			c.settle(c.decide(ctx, e, started, looks))
			for _, o := range f.among {
				<-looks[o].settled
			}
			c.looks = e.siteLooks(ctx, f.among, looks)
		})
	}
	return all
}

// decide waits until it is clear which of them counts, and is the look at that.
func (c *failoverChoice) decide(ctx context.Context, e *Engine, started time.Time, looks lookSet) lookResult {
	for {
		at, known, decided := c.state.Choose(started, e.siteLooks(ctx, c.among, looks))
		if decided {
			c.at = at
			l := looks[c.among[at]].lookResult
			l.publishable, l.retry = l.publishable && known, time.Time{}
			return l
		}
		waitAny(c.among, looks)
	}
}

// waitAny waits until one more of these has settled.
func waitAny(among []plan.Origin, looks lookSet) {
	var cases []reflect.SelectCase
	for _, o := range among {
		select {
		case <-looks[o].settled:
		default:
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(looks[o].settled)})
		}
	}
	if len(cases) > 0 {
		reflect.Select(cases)
	}
}

// siteLooks returns what these turned out to be, as far as they have settled.
func (e *Engine) siteLooks(ctx context.Context, among []plan.Origin, looks lookSet) []plan.Look {
	all := make([]plan.Look, len(among))
	for i, o := range among {
		s := looks[o]
		select {
		case <-s.settled:
			known := s.seen.Known() && len(s.seen.Prefixes()) > 0
			all[i] = plan.Look{Settled: true, Known: known, Confirmed: known && s.publishable, Alive: known || hasAnswer(s.seen)}
			if !all[i].Alive && !s.interrupted {
				all[i].Down = s.isLineDown(ctx, e.site(o.Site).Line, o.Family)
			}
		default:
		}
	}
	return all
}

// hasAnswer reports whether somebody told an address though none is believed yet, so
// that the line is well.
func hasAnswer(seen addr.Observation) bool {
	_, held := errors.AsType[*addr.DampedError](seen.Why())
	return held || slices.ContainsFunc(seen.Votes(), func(v addr.Vote) bool { return v.Said.Known() && !v.Certain })
}

// rememberChoices has the next round know what this one saw of each first of several.
func (e *Engine) rememberChoices(started time.Time, all map[plan.Origin]*failoverChoice) {
	for _, c := range all {
		if !c.interrupted {
			c.state = c.state.After(started, c.looks, c.at)
			c.retry = c.state.NextLook(started, c.looks)
		}
	}
}

// chosenSites returns what the firsts of several have.
func chosenSites(firsts map[plan.Origin]*failoverChoice) plan.Seen {
	if len(firsts) == 0 {
		return nil
	}
	seen := make(plan.Seen, len(firsts))
	for o, c := range firsts {
		seen[o] = c.seen.With() // the votes are those of the site
	}
	return seen
}

// attributeToSites says of which site what was done is that comes of the first of several.
func attributeToSites(r status.Round, firsts map[plan.Origin]*failoverChoice) {
	if len(firsts) == 0 {
		return
	}
	for _, z := range r.Zones {
		for i := range z.Done {
			needs := slices.Clone(z.Done[i].Needs)
			for k, o := range needs {
				if c := firsts[o]; c != nil {
					needs[k] = c.among[c.at]
				}
			}
			z.Done[i].Needs = needs
		}
	}
}

// mergeLooks returns the looks at each origin that something may need.
func mergeLooks(looks lookSet, firsts map[plan.Origin]*failoverChoice) lookSet {
	if len(firsts) == 0 {
		return looks
	}
	all := maps.Clone(looks)
	for o, c := range firsts {
		all[o] = c.pendingLook
	}
	return all
}

// standbySites returns the sites that have taken the place of one that is not known,
// wherever it may be the first; none where something needs that one itself.
func (e *Engine) standbySites(of plan.Origin, firsts map[plan.Origin]*failoverChoice) (sites []string) {
	for _, a := range e.accounts {
		if a.Spec.Needs(of) {
			return nil
		}
	}
	for o, c := range firsts {
		if !slices.Contains(o.Among(), of) {
			continue
		}
		if !c.seen.Known() {
			return nil
		}
		if at := cmp.Or(c.among[c.at].Site, "this machine"); !slices.Contains(sites, at) {
			sites = append(sites, at)
		}
	}
	slices.Sort(sites)
	return sites
}

// standbyCondition returns the condition of a site whose place another has taken.
func standbyCondition(c status.Condition, others []string) status.Condition {
	c.Code, c.Text = status.SiteDown, c.Text+"; meanwhile its names have the address of "+strings.Join(others, " and ")
	return c
}
