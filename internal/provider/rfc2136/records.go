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
		return nil, newError(provider.NoZone, "", "there is no zone %s", zone.ID)
	}
	if e := p.tryServers(ctx, func(ctx context.Context, s *session) (e *provider.Error) {
		questions, serial := questionsForNames(names, texts), uint32(0)
		if len(questions) > maxQuestionsWithoutSerial {
			serial = s.querySerial(ctx, zone.Name) // before all else: what is changed meanwhile has a later one
		}
		if records, e = s.queryRecords(ctx, zone.Name, questions); e == nil && serial != 0 {
			p.serials.recordRead(s.server, zone.Name, serial, questions)
		}
		return e
	}); e != nil {
		e.What = "read " + zone.Name.Describe()
		return nil, e
	}
	return records, nil
}

// questionsForNames returns the questions for what is wanted.
func questionsForNames(names, texts []dns.Name) []question {
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

func (s *session) queryRecords(ctx context.Context, zone dns.Name, questions []question) ([]dns.Record, *provider.Error) {
	sort.Slice(questions, func(i, j int) bool { return questions[i].compare(questions[j]) < 0 })
	questions = slices.Compact(questions)
	all, err := s.query(ctx, withWildcardQuestions(zone, questions))
	if err != nil {
		return nil, s.readError(err)
	}
	var records []dns.Record
	var doubtful []dns.Key
	for _, q := range questions {
		what := all[q]
		if err := s.answerError(q.name, zone, what); err != nil {
			return nil, err
		}
		records = append(records, what.records...)
		records = append(records, delegationsInZone(zone, what.delegations)...)
		for i := range what.records {
			if r := &what.records[i]; !what.hasDNAME && maybeFromWildcard(all, zone, q.name, q.typ, r) {
				doubtful = append(doubtful, r.Key())
			}
		}
	}
	records, err = s.dropWildcardAnswers(ctx, zone, records, doubtful)
	if err != nil {
		return nil, s.readError(err)
	}
	dns.SortRecords(records)
	once := records[:0]
	for i := range records {
		if i == 0 || !records[i].Equal(&records[i-1]) {
			once = append(once, records[i])
		}
	}
	return once, nil
}

// withWildcardQuestions returns these questions, and the same for the wildcards above them.
func withWildcardQuestions(zone dns.Name, questions []question) (all []question) {
	asked := make(map[question]bool)
	add := func(q question) {
		if !asked[q] {
			asked[q] = true
			all = append(all, q)
		}
	}
	for _, q := range questions {
		add(q)
		for _, w := range wildcardsAbove(zone, q.name) {
			add(question{w, q.typ})
		}
	}
	return all
}

// wildcardsAbove returns those that could answer for n.
func wildcardsAbove(zone, n dns.Name) (all []dns.Name) {
	for up, ok := n.Parent(); ok && up.IsWithin(zone); up, ok = up.Parent() {
		if w, err := dns.ParseName("*." + up.String()); err == nil && w != n && !up.IsWildcard() {
			all = append(all, w)
		}
	}
	return all
}

// maybeFromWildcard reports whether a wildcard may have answered to this question for n with r.
func maybeFromWildcard(all map[question]*parsedAnswer, zone, n dns.Name, t dnsmessage.Type, r *dns.Record) bool {
	return slices.ContainsFunc(wildcardsAbove(zone, n), func(w dns.Name) bool {
		return anyRecord(all[question{w, t}].records, func(o *dns.Record) bool {
			return o.Type == r.Type && o.Addr == r.Addr && o.Text == r.Text && o.TTL == r.TTL
		})
	})
}

// dropWildcardAnswers leaves out what is not there although the server answers with it. One
// message for all will do where everything is there.
func (s *session) dropWildcardAnswers(ctx context.Context, zone dns.Name, records []dns.Record, doubtful []dns.Key) ([]dns.Record, error) {
	sort.Slice(doubtful, func(i, j int) bool { return doubtful[i].Compare(doubtful[j]) < 0 })
	doubtful = slices.Compact(doubtful)
	if len(doubtful) == 0 {
		return records, nil
	}
	if there, err := s.allExist(ctx, zone, doubtful); there || err != nil {
		return records, err
	}
	each := make([]updateMessage, len(doubtful))
	for i, k := range doubtful {
		each[i] = updateMessage{zone: zone}
		each[i].requireExists(k)
	}
	codes, err := s.checkPrerequisites(ctx, each...)
	if err != nil {
		return nil, err
	}
	for i, k := range doubtful {
		switch codes[i] {
		case dnsmessage.RCodeSuccess:
		case rcodeNXRRSet:
			records = filterRecords(records, func(r *dns.Record) bool { return r.Key() != k })
		default:
			return nil, &rcodeError{codes[i], k.String()}
		}
	}
	return records, nil
}

// allExist reports whether every key has a record.
func (s *session) allExist(ctx context.Context, zone dns.Name, keys []dns.Key) (bool, error) {
	m := updateMessage{zone: zone}
	for _, k := range keys {
		m.requireExists(k)
	}
	if len(m.prerequisites) > sizeForSets {
		return false, nil
	}
	codes, err := s.checkPrerequisites(ctx, m)
	return err == nil && codes[0] == dnsmessage.RCodeSuccess, err
}

// filterRecords returns the records for which match holds.
//
//go:noinline // a record is large: see dependencies.md
func filterRecords(records []dns.Record, match func(*dns.Record) bool) (some []dns.Record) {
	for i := range records {
		if match(&records[i]) {
			some = append(some, records[i])
		}
	}
	return some
}

// anyRecord reports whether match holds for any of the records.
//
//go:noinline // a record is large: see dependencies.md
func anyRecord(records []dns.Record, match func(*dns.Record) bool) bool {
	for i := range records {
		if match(&records[i]) {
			return true
		}
	}
	return false
}

// delegationsInZone returns the delegations that lie inside the zone.
func delegationsInZone(zone dns.Name, cut []dns.Record) []dns.Record {
	return filterRecords(cut, func(r *dns.Record) bool { return r.Name != zone && r.Name.IsWithin(zone) })
}

// answerError is the error for an answer that tells nothing about n; nil if it does.
func (s *session) answerError(n, zone dns.Name, what *parsedAnswer) *provider.Error {
	if what.isConclusive() || what.code == dnsmessage.RCodeSuccess && len(what.records) == 0 && len(delegationsInZone(zone, what.delegations)) > 0 {
		return nil
	}
	if what.code != dnsmessage.RCodeSuccess && what.code != dnsmessage.RCodeNameError {
		return s.readError(&rcodeError{what.code, n.Describe()})
	}
	return s.readError(errors.New("it does not speak for " + n.Describe()))
}
