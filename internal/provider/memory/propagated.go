package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/homing-dns/homing/internal/provider"
)

var _ provider.Propagator = (*Host)(nil)

// SetLag makes the name servers answer with what is stored only after d.
func (h *Host) SetLag(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lag, h.receipts = d, map[string]time.Time{}
}

// newReceipt is for what was stored just now; none where it is visible at once.
func (h *Host) newReceipt() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lag == 0 {
		return ""
	}
	id := h.newID("c")
	h.receipts[id] = time.Now()
	return id
}

func (h *Host) Propagated(ctx context.Context, _ provider.Zone, receipt string) (bool, error) {
	if err := context.Cause(ctx); err != nil {
		return false, unavailableError(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls.Add(1)
	stored, known := h.receipts[receipt]
	if !known {
		return false, &provider.Error{Kind: provider.Rejected, Err: fmt.Errorf("there is no receipt %q", receipt)}
	}
	return time.Since(stored) >= h.lag, nil
}
