package detect

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// PanelConfig says whom to ask for one family, and whom to believe. All of its
// fields are needed, but for Filter.
type PanelConfig struct {
	Family  addr.Family
	Sources []Source // made for Family
	Rule    addr.Rule
	Timeout time.Duration // of one Observe, and of one Confirm; DETECTION_TIMEOUT
	// Filter says of each address whether it is heard at all; nil hears all of
	// them. It may be called side by side.
	Filter func(netip.Addr) bool
}

// A Panel asks the sources of one family. Its methods may be called side by side.
type Panel struct{ PanelConfig }

// NewPanel makes a Panel; Filter is not looked at later.
func NewPanel(c PanelConfig) *Panel {
	c.Sources = filtered(c.Sources, c.Family, c.Filter)
	return &Panel{c}
}

// Operators is how many different ones the sources have.
func (p *Panel) Operators() int {
	seen := map[string]bool{}
	for _, s := range p.Sources {
		seen[s.Voter().Operator] = true
	}
	return len(seen)
}

// Observe asks until the rule is met, and never for longer than Timeout.
//
// Under addr.First the sources are asked in their order; each has its share of
// the time to itself before the next is asked too. Otherwise all are asked at
// once.
func (p *Panel) Observe(ctx context.Context) addr.Observation {
	ctx, cancel := p.limit(ctx)
	defer cancel()
	r := relay{sources: p.Sources}
	if p.Rule.IsFirst() {
		r.patience, r.enough = constant(p.share(ctx)), oneKnows
	} else {
		r.patience, r.enough = constant(0), p.decided
	}
	answers := r.run(ctx)
	return addr.Agree(p.Rule, p.Operators(), votesOf(inOrder(answers)))
}

// Survey asks every way of every source, whatever the others say.
func (p *Panel) Survey(ctx context.Context) []addr.Vote {
	ctx, cancel := p.limit(ctx)
	defer cancel()
	var ways []Source
	for _, s := range p.Sources {
		ways = append(ways, waysOf(s)...)
	}
	answers := relay{ways, constant(0), func([]answer) bool { return false }}.run(ctx)
	return votesOf(inOrder(answers))
}

// CloseIdle closes the connections that are kept for the next question.
func (p *Panel) CloseIdle() {
	for _, s := range p.Sources {
		closeIdle(s)
	}
}

// TimedOut is why those who had not answered by then are not heard.
type TimedOut struct{ After time.Duration }

func (e *TimedOut) Error() string {
	return fmt.Sprintf("no answer within %v", e.After)
}

func (e *TimedOut) Unwrap() error { return context.DeadlineExceeded }

func (p *Panel) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, p.Timeout, &TimedOut{p.Timeout})
}

// share is what each source has of the time that is left.
func (p *Panel) share(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline()
	return time.Until(deadline) / time.Duration(max(len(p.Sources), 1))
}

// decided says whether no outstanding answer can change what a majority says:
// operators of whom everything is heard suffice for it.
func (p *Panel) decided(answers []answer) bool {
	if 2*p.Rule.Needs(p.Operators()) <= p.Operators() {
		return false
	}
	outstanding := map[string]bool{}
	answered := make([]bool, len(p.Sources))
	for _, a := range answers {
		answered[a.nth] = true
	}
	for i, s := range p.Sources {
		if !answered[i] {
			outstanding[s.Voter().Operator] = true
		}
	}
	var heard []addr.Vote
	for _, v := range votesOf(answers) {
		if !outstanding[v.Operator] {
			heard = append(heard, v)
		}
	}
	return addr.Agree(p.Rule, p.Operators(), heard).Known()
}

func constant(d time.Duration) func(context.Context) time.Duration {
	return func(context.Context) time.Duration { return d }
}
