package rfc2136

import (
	"context"
	"fmt"
	"slices"

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
	for _, s := range sets {
		m.wants(s.Key, s.After())
	}
	codes, err := w.holds(ctx, m)
	if err != nil {
		return w.lost(sets, err)
	}
	as := codes[0] == dnsmessage.RCodeSuccess
	var names []dns.Name
	for _, s := range sets {
		if !as || newTTL(s) {
			names = append(names, s.Key.Name)
		}
	}
	held, failed := w.records(ctx, w.zone, names)
	if failed != nil {
		return w.lost(sets, failed)
	}
	results := make([]provider.SetResult, len(sets))
	for i, s := range sets {
		if as && !newTTL(s) {
			results[i] = provider.Confirm(s, s.After())
		} else {
			results[i] = judged(s, held)
		}
	}
	return results
}

// lost is what is to be said of a write that was taken and could not be read again.
func (w *writer) lost(sets []plan.Set, err error) []provider.SetResult {
	w.broken = true
	return all(sets, &provider.Error{Kind: provider.Unconfirmed, Err: fmt.Errorf("read what %s stored: %w", w.server, err)})
}

// newTTL says whether the TTL of a set is to be another one.
func newTTL(s plan.Set) bool {
	after := s.After()
	return len(after) > 0 && len(s.Records) > 0 && after[0].TTL != s.Records[0].TTL
}

// judged is what became of a set, by what stands at its name.
func judged(s plan.Set, held []dns.Record) provider.SetResult {
	if alias, ok := aliasAt(s.Key.Name, held); ok {
		return provider.Failed(s, beside(alias))
	}
	here := slices.DeleteFunc(slices.Clone(held), func(r dns.Record) bool { return r.Key() != s.Key })
	return provider.Confirm(s, here)
}

func aliasAt(n dns.Name, held []dns.Record) (dns.Record, bool) {
	i := slices.IndexFunc(held, func(r dns.Record) bool { return r.Name == n && r.Type == dns.CNAME })
	if i < 0 {
		return dns.Record{}, false
	}
	return held[i], true
}

// beside is why an address is not stored where an alias stands.
func beside(alias dns.Record) *provider.Error {
	return &provider.Error{Kind: provider.Rejected, Hint: hintAlias,
		Err: fmt.Errorf("there is a CNAME to %s, and nothing can stand beside it", alias.Text)}
}

// blamed is what became of the one set for which a message was refused.
func (w *writer) blamed(ctx context.Context, s plan.Set, code dnsmessage.RCode) provider.SetResult {
	held, err := w.records(ctx, w.zone, []dns.Name{s.Key.Name})
	if err != nil {
		held = nil // the refusal is what counts
	}
	if alias, ok := aliasAt(s.Key.Name, held); ok {
		return provider.Failed(s, beside(alias))
	}
	failed := w.refused(&refusal{code, s.Key.String()})
	if failed.Kind == provider.Auth {
		failed.Kind = provider.Rejected // of this name; see judge
	}
	return provider.Failed(s, failed)
}

// judge says that the key may change nothing where the server took no message and
// refused names: then it is no matter of this or that name.
func (w *writer) judge(results []provider.SetResult) []provider.SetResult {
	if w.took {
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
