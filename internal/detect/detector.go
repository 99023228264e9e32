package detect

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// Config says whom to ask for one family, and whom to believe. All of its
// fields are needed, but for Filter.
type Config struct {
	Family  addr.Family
	Sources []Source // made for Family
	Rule    addr.Rule
	Timeout time.Duration // of one Observe, and of one Confirm; DETECTION_TIMEOUT
	// Filter says of each address whether it is heard at all; nil hears all of
	// them. It may be called side by side.
	Filter func(netip.Addr) bool
}

// A Detector asks the sources of one family. Its methods may be called side by side.
type Detector struct{ Config }

// New makes a Detector; Filter is not looked at later.
func New(c Config) *Detector {
	c.Sources = withFilter(c.Sources, c.Family, c.Filter)
	return &Detector{c}
}

// Operators returns how many different ones the sources have.
func (p *Detector) Operators() int {
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
func (p *Detector) Observe(ctx context.Context) addr.Observation {
	ctx, cancel := p.withTimeout(ctx)
	defer cancel()
	r := race{sources: p.Sources}
	if p.Rule.IsFirst() {
		r.delay, r.enough = constantDelay(p.timePerSource(ctx)), anyKnown
	} else {
		r.delay, r.enough = constantDelay(0), p.isDecided
	}
	answers := r.run(ctx)
	return addr.Agree(p.Rule, p.Operators(), votesOf(sortByIndex(answers)))
}

// Survey asks every route of every source, whatever the others say.
func (p *Detector) Survey(ctx context.Context) []addr.Vote {
	ctx, cancel := p.withTimeout(ctx)
	defer cancel()
	var routes []Source
	for _, s := range p.Sources {
		routes = append(routes, routesOf(s)...)
	}
	answers := race{routes, constantDelay(0), func([]answer) bool { return false }}.run(ctx)
	return votesOf(sortByIndex(answers))
}

// CloseIdle closes the connections that are kept for the next question.
func (p *Detector) CloseIdle() {
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

func (p *Detector) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, p.Timeout, &TimedOut{p.Timeout})
}

// timePerSource returns what each source has of the time that is left.
func (p *Detector) timePerSource(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline()
	return time.Until(deadline) / time.Duration(max(len(p.Sources), 1))
}

// isDecided reports whether no outstanding answer can change what a majority says:
// operators of whom everything is heard suffice for it.
func (p *Detector) isDecided(answers []answer) bool {
	if 2*p.Rule.Needs(p.Operators()) <= p.Operators() {
		return false
	}
	outstanding := map[string]bool{}
	answered := make([]bool, len(p.Sources))
	for _, a := range answers {
		answered[a.index] = true
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

func constantDelay(d time.Duration) func(context.Context) time.Duration {
	return func(context.Context) time.Duration { return d }
}
