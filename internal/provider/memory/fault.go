package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Step is a place at which a hook can make the host fail.
type Step uint8

const (
	FindZones Step = iota + 1
	ReadRecords
	WriteBatch // the changes of one request
	WriteRRset // the changes of one RRset within it
	ReadRRset  // of one that is about to be written, by a host that compares nothing
	ReadList
	MakeList
	AddItems
	DropItems
)

// Call is what a hook is asked about, once before the step and, if it was
// carried out, once after. An error before means that nothing happened, one
// after that it happened all the same: an answer of Kind Unconfirmed is one
// that was lost on its way back.
//
// A hook runs without locks, so that it may use the host itself, and in
// several goroutines when zones are worked on side by side.
type Call struct {
	Step    Step
	Done    bool          // the step was carried out
	Zone    dns.Name      // zero for FindZones and for lists
	Key     dns.Key       // of WriteRRset and ReadRRset
	Changes []plan.Change // of WriteBatch and WriteRRset

	List  plan.List         // of ReadList, MakeList, AddItems and DropItems
	Items []plan.ListChange // of AddItems and DropItems
}

func (h *Host) callHookBefore(c Call) *provider.Error {
	h.mu.Lock()
	hook := h.hook
	h.mu.Unlock()
	if hook == nil {
		return nil
	}
	return hook(c)
}

// beginRead waits for the latency of a read, and counts it.
func (h *Host) beginRead(ctx context.Context, c Call) error {
	h.mu.Lock()
	latency := h.read
	h.mu.Unlock()
	if err := context.Cause(ctx); err != nil {
		return unavailableError(err)
	}
	h.calls.Add(1)
	if err := sleep(ctx, latency); err != nil {
		return unavailableError(err)
	}
	if err := h.callHookBefore(c); err != nil {
		return err
	}
	return nil
}

// callHookAfter hears what becomes of the answer to a step that was carried out.
func (h *Host) callHookAfter(c Call) error {
	c.Done = true
	if err := h.callHookBefore(c); err != nil {
		return err
	}
	return nil
}

func unavailableError(err error) *provider.Error {
	return &provider.Error{Kind: provider.Unavailable, Err: fmt.Errorf("ask the DNS host: %w", err)}
}

// sleep sleeps for d, or until ctx is done and returns the cause of that.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx) // a timer of no time crashes the race detector in a synctest bubble (Go 1.26.8)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
