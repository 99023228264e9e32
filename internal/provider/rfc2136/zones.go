package rfc2136

import (
	"context"
	"maps"

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
	if e := p.tryServers(ctx, func(ctx context.Context, s *session) (e *provider.Error) {
		placed, unplaced, e = s.findZones(ctx, names)
		return e
	}); e != nil {
		e.What = "find the zones of names"
		return nil, nil, e
	}
	return placed, unplaced, nil
}

func (s *session) findZones(ctx context.Context, names []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced, err *provider.Error) {
	apex := make(map[dns.Name]zoneSearch)
	for _, n := range names {
		apex[n] = s.p.startSearch(n)
	}
	if err := s.searchUpward(ctx, apex); err != nil {
		return nil, nil, err
	}
	for _, n := range names {
		if found := apex[n]; found.err != nil {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: found.err})
		} else {
			placed = append(placed, provider.Placed{Name: n, Zone: zoneNamed(found.current)})
		}
	}
	return placed, unplaced, nil
}

// zoneSearch is the search for the zone of a name: current is its apex once it is done.
type zoneSearch struct {
	current    dns.Name
	configured bool // somebody says that this is the zone
	done       bool
	err        *provider.Error
}

// startSearch returns where the search for the zone of n begins: at n, or at the zone that
// is set.
func (p *Provider) startSearch(n dns.Name) zoneSearch {
	zone, set := p.zones[n]
	if !set {
		zone = p.zone
	}
	switch {
	case zone.IsZero():
		return zoneSearch{current: n}
	case n.IsWithin(zone):
		return zoneSearch{current: zone, configured: true}
	}
	return zoneSearch{err: newError(provider.NoZone, hintZone, "it does not lie in the zone %s", zone)}
}

// searchUpward asks until each search has come to an end, all of one height at once.
func (s *session) searchUpward(ctx context.Context, apex map[dns.Name]zoneSearch) *provider.Error {
	for {
		var questions []question
		asked := make(map[dns.Name]bool)
		for _, a := range apex {
			if !a.done && a.err == nil && !asked[a.current] {
				asked[a.current] = true
				questions = append(questions, question{a.current, dnsmessage.TypeSOA})
			}
		}
		if len(questions) == 0 {
			return nil
		}
		answers, err := s.querySOA(ctx, questions)
		if err != nil {
			return s.readError(err)
		}
		for n, a := range apex {
			if !a.done && a.err == nil {
				apex[n] = s.nextStep(a.current, a.configured, answers[question{a.current, dnsmessage.TypeSOA}])
			}
		}
	}
}

// querySOA asks whose names are. Knot refuses without a signature what lies in no
// zone of its own; that is believed of some names where the answers of others show
// that the server takes the key. Until one does, a single name is asked for: a server
// that does not take the key is not asked once per name.
func (s *session) querySOA(ctx context.Context, questions []question) (map[question]*parsedAnswer, error) {
	refused := make(map[question]*parsedAnswer)
	s.onUnsignedRefusal = func(i int, code dnsmessage.RCode) { refused[questions[i]] = &parsedAnswer{code: code} }
	defer func() { s.onUnsignedRefusal = nil }()
	answers := make(map[question]*parsedAnswer, len(questions))
	alone := 0
	if !s.verified {
		alone = 1
	}
	for _, part := range [][]question{questions[:alone], questions[alone:]} {
		questions = part // by which a refusal is told
		some, err := s.query(ctx, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(answers, some)
	}
	for q, what := range refused {
		if !s.verified {
			return nil, &unverifiedAnswerError{code: what.code}
		}
		answers[q] = what
	}
	return answers, nil
}

// nextStep continues the search with the answer for the name at which it is. An alias is
// answered with the zone it leads to, a delegation with none.
func (s *session) nextStep(at dns.Name, set bool, what *parsedAnswer) zoneSearch {
	astray := len(what.records) > 0 || what.hasDNAME
	switch {
	case what.code == dnsmessage.RCodeServerFailure:
		return zoneSearch{err: newError(provider.Unavailable, hintLoaded, "%s has trouble with %s (SERVFAIL)", s.server, at)}
	case !astray && what.isConclusive() && what.zoneApex != "":
		apex, err := dns.ParseName(what.zoneApex)
		if err != nil || !at.IsWithin(apex) {
			return zoneSearch{err: newError(provider.NoZone, "", "its zone %q at %s is none that can be kept: it needs a name of two labels", what.zoneApex, s.server)}
		}
		if !set || apex == at {
			return zoneSearch{current: apex, done: true}
		}
	case astray || len(what.delegations) > 0:
		below := at
		if len(what.delegations) > 0 && at.IsWithin(what.delegations[0].Name) {
			below = what.delegations[0].Name
		}
		if up, ok := below.Parent(); ok && !set {
			return zoneSearch{current: up}
		}
	}
	return zoneSearch{err: s.noZoneError(what.code)}
}

// noZoneError is the error for a name for which the server does not speak.
func (s *session) noZoneError(code dnsmessage.RCode) *provider.Error {
	said := ""
	if code != dnsmessage.RCodeSuccess {
		said = " (" + codeName(code) + ")"
	}
	return newError(provider.NoZone, hintZone, "%s holds no zone of it, or does not answer this key%s", s.server, said)
}
