package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Apply sends batches that never split an RRset. Within a batch each RRset
// stands for itself: all of its changes happen, or none.
func (h *Host) Apply(ctx context.Context, in provider.Zone, sets []plan.Set) []provider.SetResult {
	defer h.occupy(in)()
	results := make([]provider.SetResult, 0, len(sets))
	for batch := range provider.Batches(sets, &in.Limits, nil) {
		results = append(results, h.applyBatch(ctx, in, batch)...)
	}
	return results
}

// applyBatch carries out one batch.
func (h *Host) applyBatch(ctx context.Context, in provider.Zone, batch []plan.Set) []provider.SetResult {
	h.mu.Lock()
	latency := h.write
	h.mu.Unlock()
	if err := context.Cause(ctx); err != nil {
		return failAll(batch, &provider.Error{Kind: provider.NotTried, Err: fmt.Errorf("stop before this change: %w", err)})
	}
	h.calls.Add(1)
	lingering, done := provider.GraceContext(ctx)
	defer done()
	if err := sleep(lingering, latency); err != nil {
		return failAll(batch, &provider.Error{Kind: provider.Unconfirmed, Err: fmt.Errorf("wait for the answer to a write: %w", err)})
	}
	call := Call{Step: WriteBatch, Zone: in.Name, Changes: plan.Plan{Sets: batch}.Changes()}
	if err := h.callHookBefore(call); err != nil {
		return failAll(batch, err)
	}
	if h.wholeSets && in.Guard == provider.GuardsBatch && h.anyStale(in, batch...) {
		return failAll(batch, newError(provider.Stale, "a set of this call is not as it was read"))
	}
	results := make([]provider.SetResult, 0, len(batch))
	for i, set := range batch {
		if err := firstError(results); set.Joined && i > 0 && err != nil {
			results = append(results, provider.FailedSet(&set, err))
			continue
		}
		results = append(results, h.writeRRset(ctx, in, set))
	}
	call.Done = true
	if err := h.callHookBefore(call); err != nil {
		return failAll(batch, err)
	}
	return results
}

// firstError is why the latest of these sets was not written; nil if it was.
func firstError(results []provider.SetResult) *provider.Error {
	if len(results) == 0 {
		return nil
	}
	errs := results[len(results)-1].Errs
	if i := slices.IndexFunc(errs, func(err *provider.Error) bool { return err != nil && err.Kind != provider.NotTried }); i >= 0 {
		return errs[i]
	}
	return nil
}

func failAll(sets []plan.Set, err *provider.Error) []provider.SetResult {
	results := make([]provider.SetResult, len(sets))
	for i, s := range sets {
		results[i] = provider.FailedSet(&s, err)
	}
	return results
}

func (h *Host) writeRRset(ctx context.Context, in provider.Zone, set plan.Set) provider.SetResult {
	if h.wholeSets && in.Guard == provider.Unguarded {
		if err := h.rereadSet(ctx, in, set); err != nil {
			return provider.FailedSet(&set, err)
		}
	}
	call := Call{Step: WriteRRset, Zone: in.Name, Key: set.Key, Changes: set.Changes}
	if err := h.callHookBefore(call); err != nil {
		return provider.FailedSet(&set, err)
	}
	result := h.applySet(in, set)
	if slices.ContainsFunc(result.Errs, func(err *provider.Error) bool { return err != nil }) {
		return result
	}
	call.Done = true
	if err := h.callHookBefore(call); err != nil {
		return provider.FailedSet(&set, err)
	}
	result.Receipt = h.newReceipt()
	return result
}

// applySet writes the changes of a set, or the set as a whole.
func (h *Host) applySet(in provider.Zone, set plan.Set) provider.SetResult {
	switch {
	case h.wholeSets:
		return h.replaceSet(in, set)
	case h.ignoresWrites:
		h.mu.Lock()
		defer h.mu.Unlock()
		return provider.Confirm(&set, h.recordsAt(in, set.Key))
	}
	results, _ := h.commitChanges(in, set.Changes)
	return provider.ResultOfChanges(&set, results)
}

// commitChanges carries out the changes of one RRset on a copy of what stands at its
// name, and keeps the copy if every one of them was possible.
func (h *Host) commitChanges(in provider.Zone, changes []plan.Change) (results []provider.Result, done bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.zones[in.ID]
	if z == nil {
		return slices.Repeat([]provider.Result{{Err: h.noZoneError(in.Name)}}, len(changes)), false
	}
	name := changes[0].Key().Name
	here := slices.Clone(z.at[name])
	for i, c := range changes {
		var r dns.Record
		var err *provider.Error
		if here, r, err = h.applyChange(z, here, c); err != nil {
			skipped := &provider.Error{Kind: provider.NotTried, Err: errors.New("another change of the same name and type was refused")}
			results = slices.Repeat([]provider.Result{{Err: skipped}}, len(changes))
			results[i].Err = err
			return results, false
		}
		results = append(results, provider.Result{Record: clone(r)})
	}
	z.setRecords(name, here)
	return results, true
}

// applyChange carries out one change on what stands at its name, and returns what
// stands there then and the record that is stored.
func (h *Host) applyChange(z *zone, here []dns.Record, c plan.Change) ([]dns.Record, dns.Record, *provider.Error) {
	if c.Action == plan.ToCreate {
		r := clone(c.New)
		r.ID = h.newID("r")
		return z.storeRecord(here, len(here), r)
	}
	i := slices.IndexFunc(here, func(r dns.Record) bool { return r.ID == c.Old.ID })
	switch {
	case i < 0 && c.Action == plan.ToDelete:
		return here, dns.Record{}, nil // it is gone, as was asked
	case i < 0:
		return here, dns.Record{}, newError(provider.Stale, "there is no record %s", c.Old.ID)
	case here[i].ReadOnly:
		return here, dns.Record{}, newError(provider.Rejected, "%s is managed by another feature", here[i].Key())
	case c.Action == plan.ToDelete:
		return slices.Delete(here, i, i+1), dns.Record{}, nil
	}
	return z.storeRecord(here, i, mergeChange(here[i], c))
}
