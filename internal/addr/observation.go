// Package addr holds what is known about addresses, as values: families,
// observations with the votes behind them, what a public address is, and the
// rules by which several answers become one that may be published.
package addr

import (
	"errors"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"
)

// Observation is what was learnt about the addresses of one family. Its zero
// value is "not known", and what is not known changes nothing.
//
// "Not known" and "known to be none" are different: only a person who writes
// static.empty says the second.
type Observation struct {
	of *observation // never changed; nil: nobody was asked
}

// observation is what an Observation is of.
type observation struct {
	known    bool
	prefixes []netip.Prefix // host bits kept; sorted, no two alike
	why      error
	votes    []Vote

	tentative bool // nothing may be done on account of it yet
}

// value returns what was learnt; the zero one if nobody was asked.
func (o Observation) value() observation {
	if o.of == nil {
		return observation{}
	}
	return *o.of
}

// A Voter is who answered, and by which way.
type Voter struct {
	Source   string // as a person would type it: "cloudflare.trace"
	Operator string // who runs it; an operator has one vote, however many sources it runs
	Route    string // the route that was asked: a host, or a host and a protocol

	// Authenticated: the answer came over a channel that nobody between can
	// forge (HTTPS, DoH), or did not cross a network at all.
	Authenticated bool
	// Certain: the person or the machine itself said so (static, file, exec,
	// an interface). Such an answer is neither confirmed nor damped.
	Certain bool
	// Weak: whoever sits on the way, or in the house, can say so in its place
	// (stun, router). Weak votes alone are never enough, however many.
	Weak bool
}

// A Vote is what one source said.
type Vote struct {
	Voter
	Said Observation
	Took time.Duration
}

// ErrNotAsked is the reason inside the zero Observation.
var ErrNotAsked = errors.New("no source was asked")

// Unknown is an Observation of nothing, with the reason.
func Unknown(why error) Observation { return Observation{&observation{why: why}} }

// None is the knowledge that there is no address.
func None() Observation { return Observation{&observation{known: true}} }

// Known is the knowledge of these addresses, each with its prefix length. No
// address at all is not None but a failure to learn one.
func Known(prefixes ...netip.Prefix) Observation {
	if len(prefixes) == 0 {
		return Unknown(errors.New("the answer held no address"))
	}
	ps := slices.Clone(prefixes)
	sort.Slice(ps, func(i, j int) bool { return ps[i].Compare(ps[j]) < 0 })
	return Observation{&observation{known: true, prefixes: slices.Compact(ps)}}
}

// With returns o with the votes it came from.
func (o Observation) With(votes ...Vote) Observation {
	with := o.value()
	with.votes = votes
	return Observation{&with}
}

// Tentative marks o as unconfirmed: nothing may be done on account of it yet.
func (o Observation) Tentative() Observation {
	tentative := o.value()
	tentative.tentative = true
	return Observation{&tentative}
}

// Firm reports whether o is known and confirmed, so that it may be acted upon.
func (o Observation) Firm() bool { return o.Known() && !o.of.tentative }

func (o Observation) Known() bool   { return o.of != nil && o.of.known }
func (o Observation) Votes() []Vote { return o.value().votes }

// Prefixes returns the addresses with their prefix lengths; none when not known.
func (o Observation) Prefixes() []netip.Prefix { return o.value().prefixes }

// Addrs returns the addresses, ascending, no two alike.
func (o Observation) Addrs() []netip.Addr {
	as := make([]netip.Addr, 0, len(o.Prefixes()))
	for _, p := range o.Prefixes() {
		as = append(as, p.Addr())
	}
	sort.Slice(as, func(i, j int) bool { return as[i].Less(as[j]) })
	return slices.Compact(as)
}

// Why returns the reason an Observation is not known; nil when it is known.
func (o Observation) Why() error {
	switch l := o.value(); {
	case l.known:
		return nil
	case l.why != nil:
		return l.why
	}
	return ErrNotAsked
}

// Same reports whether both are known and know the same.
//
//go:noinline // many callers: see dependencies.md
func (o Observation) Same(p Observation) bool {
	return o.Known() && p.Known() && slices.Equal(o.of.prefixes, p.of.prefixes)
}

// Certain reports whether o needs neither confirmation nor damping.
//
//go:noinline // many callers: see dependencies.md
func (o Observation) Certain() bool {
	return o.Known() && len(o.of.votes) > 0 && !slices.ContainsFunc(o.of.votes, func(v Vote) bool {
		return v.Said.Known() && !v.Certain
	})
}

// Weak reports whether nobody stands behind o whose word could be enough.
func (o Observation) Weak() bool {
	said := func(weak bool) bool {
		return slices.ContainsFunc(o.Votes(), func(v Vote) bool { return v.Weak == weak && v.Said.Same(o) })
	}
	return o.Known() && said(true) && !said(false)
}

// Describe returns o for a person: the addresses, "no address", or the reason.
func (o Observation) Describe() string {
	if !o.Known() {
		return "not known: " + o.Why().Error()
	}
	if len(o.of.prefixes) == 0 {
		return "no address"
	}
	words := make([]string, 0, len(o.of.prefixes))
	for _, a := range o.Addrs() {
		words = append(words, a.String())
	}
	return strings.Join(words, ", ")
}
