package rfc2136

import (
	"context"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// Zones asks for the SOA of each name: it stands in the answer or beside it,
// wherever the zone begins. Nothing lists the zones of a server.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced, err error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	if e := p.read(ctx, func(ctx context.Context, s *session) (e *provider.Error) {
		placed, unplaced, e = s.zones(ctx, names)
		return e
	}); e != nil {
		e.What = "find the zones of names"
		return nil, nil, e
	}
	return placed, unplaced, nil
}

func (s *session) zones(ctx context.Context, names []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced, err *provider.Error) {
	apex := make(map[dns.Name]search)
	for _, n := range names {
		apex[n] = s.p.begin(n)
	}
	if err := s.climb(ctx, apex); err != nil {
		return nil, nil, err
	}
	for _, n := range names {
		if found := apex[n]; found.err != nil {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: found.err})
		} else {
			placed = append(placed, provider.Placed{Name: n, Zone: foundZone(found.at)})
		}
	}
	return placed, unplaced, nil
}

// search is where the zone of a name is looked for: at is its apex once it is done.
type search struct {
	at   dns.Name
	set  bool // somebody says that this is the zone
	done bool
	err  *provider.Error
}

// begin is where the search for the zone of n begins: at n, or at the zone that
// is set.
func (p *Provider) begin(n dns.Name) search {
	zone, set := p.zones[n]
	if !set {
		zone = p.zone
	}
	switch {
	case zone.IsZero():
		return search{at: n}
	case n.Within(zone):
		return search{at: zone, set: true}
	}
	return search{err: failed(provider.NoZone, hintZone, "it does not lie in the zone %s", zone)}
}

// climb asks until each search has come to an end, all of one height at once.
func (s *session) climb(ctx context.Context, apex map[dns.Name]search) *provider.Error {
	for {
		var questions []question
		asked := make(map[dns.Name]bool)
		for _, a := range apex {
			if !a.done && a.err == nil && !asked[a.at] {
				asked[a.at] = true
				questions = append(questions, question{a.at, dnsmessage.TypeSOA})
			}
		}
		if len(questions) == 0 {
			return nil
		}
		answers, err := s.askOwners(ctx, questions)
		if err != nil {
			return s.unread(err)
		}
		for n, a := range apex {
			if !a.done && a.err == nil {
				apex[n] = s.step(a.at, a.set, answers[question{a.at, dnsmessage.TypeSOA}])
			}
		}
	}
}

// askOwners asks whose names are. Knot refuses without a signature what lies in no
// zone of its own; that is believed of some names where the answers of others show
// that the server takes the key.
func (s *session) askOwners(ctx context.Context, questions []question) (map[question]*said, error) {
	refused := make(map[question]*said)
	s.bare = func(i int, code dnsmessage.RCode) { refused[questions[i]] = &said{code: code} }
	defer func() { s.bare = nil }()
	answers, err := s.ask(ctx, questions)
	if err != nil {
		return nil, err
	}
	for q, what := range refused {
		if !s.verified {
			return nil, &unverified{code: what.code}
		}
		answers[q] = what
	}
	return answers, nil
}

// step is the search once this was said of the name at which it is. An alias is
// answered with the zone it leads to, a delegation with none.
func (s *session) step(at dns.Name, set bool, what *said) search {
	astray := len(what.here) > 0 || what.renamed
	switch {
	case what.code == dnsmessage.RCodeServerFailure:
		return search{err: failed(provider.Unavailable, hintLoaded, "%s has trouble with %s (SERVFAIL)", s.server, at)}
	case !astray && what.answered() && what.soa != "":
		apex, err := dns.ParseName(what.soa)
		if err != nil || !at.Within(apex) {
			return search{err: failed(provider.NoZone, "", "its zone %q at %s is none that can be kept: it needs a name of two labels", what.soa, s.server)}
		}
		if !set || apex == at {
			return search{at: apex, done: true}
		}
	case astray || len(what.cut) > 0:
		below := at
		if len(what.cut) > 0 && at.Within(what.cut[0].Name) {
			below = what.cut[0].Name
		}
		if up, ok := below.Parent(); ok && !set {
			return search{at: up}
		}
	}
	return search{err: s.noZone(what.code)}
}

// noZone is a name for which the server does not speak.
func (s *session) noZone(code dnsmessage.RCode) *provider.Error {
	said := ""
	if code != dnsmessage.RCodeSuccess {
		said = " (" + codeName(code) + ")"
	}
	return failed(provider.NoZone, hintZone, "%s holds no zone of it, or does not answer this key%s", s.server, said)
}
