package rfc2136

import (
	"context"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// verifyStored finds out whether the server holds what it said it took: BIND and Knot
// say so of an address beside a CNAME, and store nothing. One message asks for
// all values; what it cannot confirm, and each TTL that was to change, is read.
func (w *zoneWriter) verifyStored(ctx context.Context, sets []plan.Set) []provider.SetResult {
	m := updateMessage{zone: w.zone}
	for i := range sets {
		s := &sets[i]
		m.requireExactSet(s.Key, s.After())
	}
	codes, err := w.checkPrerequisites(ctx, m)
	if err != nil {
		return w.failUnconfirmed(sets, err)
	}
	as := codes[0] == dnsmessage.RCodeSuccess
	var questions []question
	for i := range sets {
		s := &sets[i]
		if !as || changesTTL(s) {
			questions = append(questions, questionsFor(s.Key)...)
		}
	}
	held, unread := w.queryRecords(ctx, w.zone, questions)
	if unread != nil {
		return w.failUnconfirmed(sets, unread)
	}
	results := make([]provider.SetResult, len(sets))
	for i := range sets {
		s := &sets[i]
		if as && !changesTTL(s) {
			results[i] = provider.Confirm(s, s.After())
		} else {
			results[i] = resultFromRecords(s, held)
		}
	}
	return results
}

// questionsFor returns the questions for a key, and for what can be in its way.
func questionsFor(k dns.Key) []question {
	if k.Type == dns.TXT {
		return questionsForNames(nil, []dns.Name{k.Name})
	}
	return questionsForNames([]dns.Name{k.Name}, nil)
}

// failUnconfirmed fails sets that the server took and that could not be read again.
func (w *zoneWriter) failUnconfirmed(sets []plan.Set, err error) []provider.SetResult {
	w.aborted = true
	return failAll(sets, newError(provider.Unconfirmed, "", "read what %s stored: %w", w.server, err))
}

// changesTTL reports whether a set is to get another TTL.
func changesTTL(s *plan.Set) bool {
	after := s.After()
	return len(after) > 0 && len(s.Records) > 0 && after[0].TTL != s.Records[0].TTL
}

// resultFromRecords judges a set by the records that stand at its name now.
func resultFromRecords(s *plan.Set, held []dns.Record) provider.SetResult {
	if alias := cnameTarget(s.Key.Name, held); alias != "" {
		return provider.FailedSet(s, cnameConflictError(alias))
	}
	return provider.Confirm(s, filterRecords(held, func(r *dns.Record) bool { return r.Key() == s.Key }))
}

// cnameTarget returns where a CNAME at n leads; empty where there is none.
func cnameTarget(n dns.Name, held []dns.Record) (to string) {
	for i := range held {
		if held[i].Name == n && held[i].Type == dns.CNAME {
			return held[i].Text
		}
	}
	return ""
}

// cnameConflictError is the error for an address beside a CNAME.
func cnameConflictError(alias string) *provider.Error {
	return newError(provider.Rejected, hintCNAME, "there is a CNAME to %s, and nothing can stand beside it", alias)
}

// failRefused fails sets that go together, for which a message was
// refused.
func (w *zoneWriter) failRefused(ctx context.Context, sets []plan.Set, code dnsmessage.RCode) []provider.SetResult {
	return failAll(sets, w.explainRefusal(ctx, sets[len(sets)-1].Key, joinKeys(sets), code))
}

// joinKeys names the sets that go together.
func joinKeys(sets []plan.Set) string {
	var keys []string
	for i := range sets {
		s := &sets[i]
		keys = append(keys, s.Key.String())
	}
	return strings.Join(keys, " with ")
}

// badKeyDenial is an unsigned BADKEY to a message for sets that go together.
type badKeyDenial struct {
	sets []plan.Set
	err  *provider.Error
}

// resolveDenial blames a denial on its name alone: the server took another
// message with this key, and what it signs shows that nothing of this one was done.
func (w *zoneWriter) resolveDenial(ctx context.Context, d badKeyDenial) {
	for _, s := range d.sets {
		held, err := w.queryRecords(ctx, w.zone, questionsFor(s.Key))
		held = filterRecords(held, func(r *dns.Record) bool { return r.Key() == s.Key })
		if err != nil || len(held) != len(s.Records) || anyRecord(held, func(r *dns.Record) bool {
			return !anyRecord(s.Records, func(o *dns.Record) bool { return o.SameRecord(r) && o.TTL == r.TTL })
		}) {
			return
		}
	}
	*d.err = *newError(provider.Rejected, hintPermission, "%s does not let the key %s change %s (BADKEY)", w.server, w.p.key.label, joinKeys(d.sets))
}

// explainRefusal finds out why a message for these sets, of which k is one, was refused.
func (w *zoneWriter) explainRefusal(ctx context.Context, k dns.Key, what string, code dnsmessage.RCode) *provider.Error {
	held, err := w.queryRecords(ctx, w.zone, questionsFor(k))
	if err != nil {
		held = nil // the refusal is what counts
	}
	if alias := cnameTarget(k.Name, held); alias != "" {
		return cnameConflictError(alias)
	}
	refused := w.refusedError(&rcodeError{code, what})
	if refused.Kind == provider.Auth {
		refused.Kind = provider.Rejected // of this name; see classifyDenials
	}
	return refused
}

// classifyDenials concludes that the key may change nothing where the server took no message and
// refused names: then no single name is to blame.
func (w *zoneWriter) classifyDenials(ctx context.Context, results []provider.SetResult) []provider.SetResult {
	if w.anyAccepted {
		for _, d := range w.denials {
			w.resolveDenial(ctx, d)
		}
		return results
	}
	for _, r := range results {
		for _, err := range r.Errs {
			if err != nil && err.Kind == provider.Rejected && err.Hint == hintPermission {
				err.Kind = provider.Auth
			}
		}
	}
	return results
}
