package rfc2136

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sort"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// Records asks for A and AAAA at each name: an alias and a delegation stand in the
// answer to either. What a wildcard may have answered with is asked once more as a
// condition, to which it gives no answer.
func (p *Provider) Records(ctx context.Context, zone provider.Zone, names []dns.Name) (records []dns.Record, err error) {
	return p.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts asks for TXT at each of texts as well.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) (records []dns.Record, err error) {
	if zone.ID != zone.Name.String() {
		return nil, failed(provider.NoZone, "", "there is no zone %s", zone.ID)
	}
	if e := p.read(ctx, func(ctx context.Context, s *session) (e *provider.Error) {
		questions, serial := asked(names, texts), uint32(0)
		if len(questions) > fewQuestions {
			serial = s.serial(ctx, zone.Name) // before all else: what is changed meanwhile has a later one
		}
		if records, e = s.records(ctx, zone.Name, questions); e == nil && serial != 0 {
			p.serials.read(s.server, zone.Name, serial, questions)
		}
		return e
	}); e != nil {
		e.What = "read " + zone.Name.Describe()
		return nil, e
	}
	return records, nil
}

// asked are the questions for what is wanted.
func asked(names, texts []dns.Name) []question {
	questions := make([]question, 0, 2*len(names)+len(texts))
	for _, n := range names {
		questions = append(questions, question{n, dnsmessage.TypeA}, question{n, dnsmessage.TypeAAAA})
	}
	for _, n := range texts {
		questions = append(questions, question{n, dnsmessage.TypeTXT})
	}
	return questions
}

func (q question) compare(r question) int {
	return cmp.Or(q.name.Compare(r.name), cmp.Compare(q.typ, r.typ))
}

func (s *session) records(ctx context.Context, zone dns.Name, questions []question) ([]dns.Record, *provider.Error) {
	sort.Slice(questions, func(i, j int) bool { return questions[i].compare(questions[j]) < 0 })
	questions = slices.Compact(questions)
	all, err := s.ask(ctx, besideWildcards(zone, questions))
	if err != nil {
		return nil, s.unread(err)
	}
	var records []dns.Record
	var doubtful []dns.Key
	for _, q := range questions {
		what := all[q]
		if err := s.unsaid(q.name, zone, what); err != nil {
			return nil, err
		}
		records = append(records, what.here...)
		records = append(records, within(zone, what.cut)...)
		for i := range what.here {
			if r := &what.here[i]; !what.renamed && conjured(all, zone, q.name, q.typ, r) {
				doubtful = append(doubtful, r.Key())
			}
		}
	}
	records, err = s.exact(ctx, zone, records, doubtful)
	if err != nil {
		return nil, s.unread(err)
	}
	dns.InOrder(records)
	once := records[:0]
	for i := range records {
		if i == 0 || !records[i].Equal(&records[i-1]) {
			once = append(once, records[i])
		}
	}
	return once, nil
}

// besideWildcards is these questions, and the same for the wildcards above them.
func besideWildcards(zone dns.Name, questions []question) (all []question) {
	asked := make(map[question]bool)
	add := func(q question) {
		if !asked[q] {
			asked[q] = true
			all = append(all, q)
		}
	}
	for _, q := range questions {
		add(q)
		for _, w := range wildcards(zone, q.name) {
			add(question{w, q.typ})
		}
	}
	return all
}

// wildcards are those that could answer for n.
func wildcards(zone, n dns.Name) (all []dns.Name) {
	for up, ok := n.Parent(); ok && up.Within(zone); up, ok = up.Parent() {
		if w, err := dns.ParseName("*." + up.String()); err == nil && w != n && !up.IsWildcard() {
			all = append(all, w)
		}
	}
	return all
}

// conjured says whether a wildcard may have answered to this question for n with r.
func conjured(all map[question]*said, zone, n dns.Name, t dnsmessage.Type, r *dns.Record) bool {
	return slices.ContainsFunc(wildcards(zone, n), func(w dns.Name) bool {
		return anyOf(all[question{w, t}].here, func(o *dns.Record) bool {
			return o.Type == r.Type && o.Addr == r.Addr && o.Text == r.Text && o.TTL == r.TTL
		})
	})
}

// exact leaves out what is not there although the server answers with it. One
// message for all will do where everything is there.
func (s *session) exact(ctx context.Context, zone dns.Name, records []dns.Record, doubtful []dns.Key) ([]dns.Record, error) {
	sort.Slice(doubtful, func(i, j int) bool { return doubtful[i].Compare(doubtful[j]) < 0 })
	doubtful = slices.Compact(doubtful)
	if len(doubtful) == 0 {
		return records, nil
	}
	if there, err := s.allThere(ctx, zone, doubtful); there || err != nil {
		return records, err
	}
	each := make([]message, len(doubtful))
	for i, k := range doubtful {
		each[i] = message{zone: zone}
		each[i].wantsAny(k)
	}
	codes, err := s.holds(ctx, each...)
	if err != nil {
		return nil, err
	}
	for i, k := range doubtful {
		switch codes[i] {
		case dnsmessage.RCodeSuccess:
		case rcodeNXRRSet:
			records = only(records, func(r *dns.Record) bool { return r.Key() != k })
		default:
			return nil, &refusal{codes[i], k.String()}
		}
	}
	return records, nil
}

// allThere says whether a record of each key is there.
func (s *session) allThere(ctx context.Context, zone dns.Name, keys []dns.Key) (bool, error) {
	m := message{zone: zone}
	for _, k := range keys {
		m.wantsAny(k)
	}
	if len(m.conditions) > room {
		return false, nil
	}
	codes, err := s.holds(ctx, m)
	return err == nil && codes[0] == dnsmessage.RCodeSuccess, err
}

// only is the records that this is said of.
//
//go:noinline // a record is large: see dependencies.md
func only(records []dns.Record, is func(*dns.Record) bool) (some []dns.Record) {
	for i := range records {
		if is(&records[i]) {
			some = append(some, records[i])
		}
	}
	return some
}

// anyOf says whether this is said of any of the records.
//
//go:noinline // a record is large: see dependencies.md
func anyOf(records []dns.Record, is func(*dns.Record) bool) bool {
	for i := range records {
		if is(&records[i]) {
			return true
		}
	}
	return false
}

// within is what of these delegations lies inside the zone.
func within(zone dns.Name, cut []dns.Record) []dns.Record {
	return only(cut, func(r *dns.Record) bool { return r.Name != zone && r.Name.Within(zone) })
}

// unsaid is why an answer tells nothing about n; nil where it does.
func (s *session) unsaid(n, zone dns.Name, what *said) *provider.Error {
	if what.answered() || what.code == dnsmessage.RCodeSuccess && len(what.here) == 0 && len(within(zone, what.cut)) > 0 {
		return nil
	}
	if what.code != dnsmessage.RCodeSuccess && what.code != dnsmessage.RCodeNameError {
		return s.unread(&refusal{what.code, n.Describe()})
	}
	return s.unread(errors.New("it does not speak for " + n.Describe()))
}
