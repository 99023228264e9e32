package engine

import (
	"context"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// bells is what was heard that may have changed an address.
type bells struct {
	mu      sync.Mutex
	heard   *status.Bell  // by no round yet
	running bool          // a round of the loop is
	again   chan struct{} // closed by the next bell
	truth   status.Truth  // of the loop's goroutine
}

// Ring asks for a round because of b. While one runs, what it has not learnt
// yet is asked for anew, for the questions may wait for answers that will never
// come; Ring then reports false, and who rings does so again after it. It never
// blocks.
func (e *Engine) Ring(b status.Bell) bool {
	e.bells.mu.Lock()
	running := e.bells.running
	if e.bells.heard == nil {
		e.bells.heard = &b
	}
	close(e.bells.again)
	e.bells.again = make(chan struct{})
	e.bells.mu.Unlock()
	if !running {
		e.Trigger()
	}
	return !running
}

// beginRound returns the bell that a round begins with; nil when there is none.
func (b *bells) beginRound() *status.Bell {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running = true
	return b.takeHeard()
}

func (b *bells) takeHeard() *status.Bell {
	heard := b.heard
	b.heard = nil
	return heard
}

// endRound returns the bell that was heard while a round ran.
func (b *bells) endRound() *status.Bell {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running = false
	return b.takeHeard()
}

// roundWithBell makes a round that began with a bell, or with none. What rang meanwhile
// is its own where the records were then changed.
func (e *Engine) roundWithBell(bell *status.Bell, round func() status.Round) status.Round {
	if bell != nil && bell.By == status.BySystem {
		e.endPauses()
	}
	r := round()
	late := e.bells.endRound()
	if r.Bell = bell; bell == nil && r.Outcome() == status.Changed {
		r.Bell = late
	}
	e.bells.truth, r.Truth = e.bells.truth.After(r)
	return r
}

// askAgain is how often a round asks anew because of bells.
const askAgain = 3

// observe asks a panel, and asks anew when a bell rings meanwhile.
func (b *bells) observe(ctx context.Context, p *detect.Detector) addr.Observation {
	for try := 0; ; try++ {
		b.mu.Lock()
		again := b.again
		b.mu.Unlock()
		asking, cancel := context.WithCancel(ctx)
		asked := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			select {
			case <-again:
				cancel()
			case <-asked:
			}
		})
		o := p.Observe(asking)
		close(asked)
		wg.Wait()
		rang := asking.Err() != nil && ctx.Err() == nil
		cancel()
		if !rang || try == askAgain {
			return o // else even what is known lacks those who were called off, and nobody could confirm it
		}
	}
}

// endPauses ends the pauses after what failed for want of a network: there may be
// one now. What a DNS host itself asked for stays.
func (e *Engine) endPauses() {
	e.blind = 0
	for _, a := range e.accounts {
		a.endPauses()
	}
}

func (a *account) endPauses() {
	end := func(p *pause, err *provider.Error) {
		if isKind(err, provider.Unavailable) || isKind(err, provider.Unconfirmed) {
			p.until = time.Time{}
		}
	}
	end(&a.pause, a.failure)
	for _, r := range a.resources() {
		end(&r.state().pause, r.state().failure)
	}
	for n, u := range a.unplaced {
		end(&u.pause, u.err)
		a.unplaced[n] = u
	}
}
