package cloudflare

import (
	"math"
	"sync"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

var _ provider.Learner = (*Provider)(nil)

// fieldOfCode returns the attribute of a record that a code speaks of; 0 for none.
func fieldOfCode(code int) plan.Fields {
	switch code {
	case 9003, 9004, 9041:
		return plan.Proxied
	case 9021:
		return plan.TTL
	case 9313:
		return plan.Comment
	case 9300:
		return plan.Tags
	}
	return 0
}

// refusedFields returns the attribute that Cloudflare refuses; 0 where it is none of them.
func (f *failure) refusedFields() plan.Fields {
	var all plan.Fields
	for _, m := range f.messages {
		all |= fieldOfCode(int(m.Code))
	}
	return all
}

// learnedLimits is what refusals have said about zones whose plan is not known, or is
// not what it seems. Its zero value knows nothing.
type learnedLimits struct {
	mu     sync.Mutex
	byZone map[string]plan.Limits // by zone id; what is not known is zero
}

// mergeInto returns known limits of a zone with what was learnt about it.
func (l *learnedLimits) mergeInto(id string, known plan.Limits) plan.Limits {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.byZone[id]
	put := func(to *int, learnt int) {
		if learnt != 0 {
			*to = learnt
		}
	}
	put(&known.MinTTL, now.MinTTL)
	put(&known.MaxTTL, now.MaxTTL)
	put(&known.Comment, now.Comment)
	put(&known.Tags, now.Tags)
	return known
}

func (l *learnedLimits) store(id string, to plan.Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byZone == nil {
		l.byZone = make(map[string]plan.Limits)
	}
	l.byZone[id] = to
}

// Learnt returns the limits of a zone after all that was refused in it.
func (p *Provider) Learnt(zone provider.Zone) plan.Limits {
	return p.learnedLimits.mergeInto(zone.ID, zone.Limits)
}

// withLearnedLimits returns a zone with what was learnt about it.
func (p *Provider) withLearnedLimits(z provider.Zone) provider.Zone {
	z.Limits = p.Learnt(z)
	return z
}

// learnLimits draws from a refusal what the zone takes less of than was thought. Then
// nothing more is sent: these changes are to be planned again.
func (j *applyJob) learnLimits(sets []changeGroup, err *provider.Error) bool {
	field := failureFrom(err).refusedFields()
	if field == 0 {
		return false
	}
	var sent []dns.Record
	for _, s := range sets {
		for _, i := range s {
			if c := &j.changes[i]; c.Action == plan.ToCreate || c.Fields().Has(field) {
				sent = append(sent, c.New)
			}
		}
	}
	now, ok := tightenLimits(j.p.Learnt(j.zone), field, sent)
	if !ok {
		return false
	}
	j.p.learnedLimits.store(j.zone.ID, now)
	j.setError(sets, err)
	j.stopAfter(err)
	return true
}

// tightenLimits returns the next limits, of those that Cloudflare's plans have (its docs, as
// of 2026-03; comments of 50 in reports of 2023), that the records sent do not
// keep to. Where they keep to all of them the attribute is refused for another
// reason.
func tightenLimits(l plan.Limits, field plan.Fields, sent []dns.Record) (plan.Limits, bool) {
	was, tags, comment, ttl := l, 0, 0, math.MaxInt
	for i := range sent {
		r := &sent[i]
		tags, comment = max(tags, len(r.Tags)), max(comment, utf8.RuneCountInString(r.Comment))
		if r.TTL > dns.AutoTTL {
			ttl = min(ttl, r.TTL)
		}
	}
	switch {
	case field.Has(plan.Tags) && tags > 20:
		l.Tags = 20
	case field.Has(plan.Tags) && tags > 0:
		l.Tags = -1
	case field.Has(plan.Comment):
		for _, step := range [...]int{50, 100, 500} {
			if comment > step {
				l.Comment = step
			}
		}
	case field.Has(plan.TTL) && ttl < 30:
		l.MinTTL, l.MaxTTL = 30, 86400
	case field.Has(plan.TTL) && ttl < 60:
		l.MinTTL, l.MaxTTL = 60, 86400
	}
	return l, l != was
}

// adviseOnKeptFields gives the advice that helps where the settings have nothing to do with
// an attribute that is refused: the record has it from before, and keeps it.
func (j *applyJob) adviseOnKeptFields() {
	for i := range j.changes {
		c := &j.changes[i]
		err := j.results[i].Err
		if err == nil || err.Kind != provider.Rejected || c.Action != plan.ToUpdate {
			continue
		}
		kept := failureFrom(err).refusedFields() &^ c.Fields()
		for _, m := range keptAttributes() {
			if kept.Has(m.field) {
				better := *err // others may share it
				better.Hint = text.Advise("this record is %s from before and keeps that: set %s with %s, or change the record in the dashboard",
					m.is, text.The("policy.enforce").To(m.field.String()), m.to)
				j.results[i].Err = &better
			}
		}
	}
}

// keptAttribute is what a record can keep from before homing.
type keptAttribute struct {
	field plan.Fields
	is    string
	to    text.Hint
}

func keptAttributes() []keptAttribute {
	return []keptAttribute{
		{plan.Proxied, "proxied", "{records.proxied=false}"},
		{plan.TTL, "set to its TTL", "{records.ttl=1}"},
		{plan.Comment, "given its comment", "a shorter {records.comment}"},
		{plan.Tags, "given its tags", "fewer {records.tags}"},
	}
}
