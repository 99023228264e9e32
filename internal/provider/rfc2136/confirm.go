package rfc2136

import (
	"context"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// confirm finds out whether the server holds what it said it took: BIND and Knot
// say so of an address beside a CNAME, and store nothing. One message asks for
// all values; what it cannot confirm, and each TTL that was to change, is read.
func (w *writer) confirm(ctx context.Context, sets []plan.Set) []provider.SetResult {
	m := message{zone: w.zone}
	for i := range sets {
		s := &sets[i]
		m.wants(s.Key, s.After())
	}
	codes, err := w.holds(ctx, m)
	if err != nil {
		return w.lost(sets, err)
	}
	as := codes[0] == dnsmessage.RCodeSuccess
	var questions []question
	for i := range sets {
		s := &sets[i]
		if !as || newTTL(s) {
			questions = append(questions, about(s.Key)...)
		}
	}
	held, unread := w.records(ctx, w.zone, questions)
	if unread != nil {
		return w.lost(sets, unread)
	}
	results := make([]provider.SetResult, len(sets))
	for i := range sets {
		s := &sets[i]
		if as && !newTTL(s) {
			results[i] = provider.Confirm(s, s.After())
		} else {
			results[i] = judged(s, held)
		}
	}
	return results
}

// about are the questions for a key, and for what can be in its way.
func about(k dns.Key) []question {
	if k.Type == dns.TXT {
		return asked(nil, []dns.Name{k.Name})
	}
	return asked([]dns.Name{k.Name}, nil)
}

// lost is what is to be said of a write that was taken and could not be read again.
func (w *writer) lost(sets []plan.Set, err error) []provider.SetResult {
	w.broken = true
	return all(sets, failed(provider.Unconfirmed, "", "read what %s stored: %w", w.server, err))
}

// newTTL says whether the TTL of a set is to be another one.
func newTTL(s *plan.Set) bool {
	after := s.After()
	return len(after) > 0 && len(s.Records) > 0 && after[0].TTL != s.Records[0].TTL
}

// judged is what became of a set, by what stands at its name.
func judged(s *plan.Set, held []dns.Record) provider.SetResult {
	if alias := aliasAt(s.Key.Name, held); alias != "" {
		return provider.Failed(s, beside(alias))
	}
	return provider.Confirm(s, only(held, func(r *dns.Record) bool { return r.Key() == s.Key }))
}

// aliasAt is where a CNAME at n leads; empty where there is none.
func aliasAt(n dns.Name, held []dns.Record) (to string) {
	for i := range held {
		if held[i].Name == n && held[i].Type == dns.CNAME {
			return held[i].Text
		}
	}
	return ""
}

// beside is why an address is not stored where an alias stands.
func beside(alias string) *provider.Error {
	return failed(provider.Rejected, hintAlias, "there is a CNAME to %s, and nothing can stand beside it", alias)
}

// blameAll is what became of sets that go together, for which a message was
// refused.
func (w *writer) blameAll(ctx context.Context, sets []plan.Set, code dnsmessage.RCode) []provider.SetResult {
	return all(sets, w.blamed(ctx, sets[len(sets)-1].Key, together(sets), code))
}

// together is what sets that go together are about.
func together(sets []plan.Set) string {
	var keys []string
	for i := range sets {
		s := &sets[i]
		keys = append(keys, s.Key.String())
	}
	return strings.Join(keys, " with ")
}

// denial is an unsigned BADKEY to a message for sets that go together.
type denial struct {
	sets []plan.Set
	err  *provider.Error
}

// settle says of a denial that it is a matter of its name: the server took another
// message with this key, and what it signs shows that nothing of this one was done.
func (w *writer) settle(ctx context.Context, d denial) {
	for _, s := range d.sets {
		held, err := w.records(ctx, w.zone, about(s.Key))
		held = only(held, func(r *dns.Record) bool { return r.Key() == s.Key })
		if err != nil || len(held) != len(s.Records) || anyOf(held, func(r *dns.Record) bool {
			return !anyOf(s.Records, func(o *dns.Record) bool { return o.Is(r) && o.TTL == r.TTL })
		}) {
			return
		}
	}
	*d.err = *failed(provider.Rejected, hintRight, "%s does not let the key %s change %s (BADKEY)", w.server, w.p.key.label, together(d.sets))
}

// blamed is why a message for these sets, of which k is one, was refused.
func (w *writer) blamed(ctx context.Context, k dns.Key, what string, code dnsmessage.RCode) *provider.Error {
	held, err := w.records(ctx, w.zone, about(k))
	if err != nil {
		held = nil // the refusal is what counts
	}
	if alias := aliasAt(k.Name, held); alias != "" {
		return beside(alias)
	}
	refused := w.refused(&refusal{code, what})
	if refused.Kind == provider.Auth {
		refused.Kind = provider.Rejected // of this name; see judge
	}
	return refused
}

// judge says that the key may change nothing where the server took no message and
// refused names: then it is no matter of this or that name.
func (w *writer) judge(ctx context.Context, results []provider.SetResult) []provider.SetResult {
	if w.took {
		for _, d := range w.denied {
			w.settle(ctx, d)
		}
		return results
	}
	for _, r := range results {
		for _, err := range r.Errs {
			if err != nil && err.Kind == provider.Rejected && err.Hint == hintRight {
				err.Kind = provider.Auth
			}
		}
	}
	return results
}
