package year

import (
	"errors"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
)

var errWorld = errors.New("the world went wrong")

func (w *world) mapped() *mapped { return w.host.store.(*mapped) }

// hostFault has one in n of such steps fail; done says that it happened all the same.
func hostFault(at func(memory.Call) bool, kind provider.Kind, done bool, n uint64) func(*world) func() {
	return func(w *world) func() {
		var wait time.Duration
		if kind == provider.Throttled {
			wait = w.dice.between(20*time.Second, 5*time.Minute)
		}
		return w.mapped().goes(func(c memory.Call) *provider.Error {
			if !at(c) || c.Done != done || w.lots.draw("fault"+c.Zone.String()+c.List.Name)%n != 0 {
				return nil
			}
			return &provider.Error{Kind: kind, RetryAfter: wait, Err: errWorld}
		})
	}
}

// refusal has the host refuse all that is to become of one RRset; where that is
// stale, with all that goes in one call with it. Others are none the worse for it.
func refusal(kind provider.Kind) func(*world) func() {
	return func(w *world) func() {
		keys := w.settings.keys()
		k := keys[w.dice.IntN(len(keys))]
		w.tell("  it is %s", k)
		w.locked(func() { w.excused = k })
		end := w.mapped().goes(func(c memory.Call) *provider.Error {
			hit := c.Step == memory.WriteRRset && c.Key == k
			if kind == provider.Stale {
				hit = c.Step == memory.WriteBatch && slices.ContainsFunc(c.Changes, func(c plan.Change) bool { return c.Key() == k })
			}
			if !hit || c.Done {
				return nil
			}
			return &provider.Error{Kind: kind, Err: errWorld}
		})
		return func() {
			w.locked(func() { w.excused = dns.Key{} })
			end()
		}
	}
}

// full leaves a zone no room for a record more, and takes some of homing's away.
func full(w *world) func() {
	z := w.settings.zones[w.dice.IntN(len(w.settings.zones))]
	end := edits(nothing)(w)
	size := 0
	for _, r := range w.mapped().all() {
		if r.Name.IsWithin(z) {
			size++
		}
	}
	w.mapped().host.SetQuota(z, max(1, size))
	return func() {
		w.mapped().host.SetQuota(z, 0)
		end()
	}
}

func lagging(w *world) func() {
	m := w.mapped()
	w.locked(func() { m.lag = w.dice.between(5*time.Second, 4*time.Minute) })
	return func() {
		w.locked(func() { m.lag = 0 })
		w.unclear()
	}
}

// blank has listings show nothing for a moment.
func blank(w *world) func() {
	m := w.mapped()
	w.locked(func() { m.blank = true })
	if w.dice.oneIn(2) {
		w.process.engine.Invalidate()
	}
	time.Sleep(w.dice.between(time.Second, every))
	w.locked(func() { m.blank = false })
	w.unclear()
	return func() {}
}

// partial has listings leave out what they would show at their end.
func partial(w *world) func() {
	m := w.mapped()
	w.locked(func() { m.partial = true })
	if w.dice.oneIn(2) {
		w.process.engine.Invalidate()
	}
	return func() {
		w.locked(func() { m.partial = false })
		w.unclear()
	}
}

func slowHost(w *world) func() {
	m := w.mapped()
	w.locked(func() { m.slow = w.dice.between(5*time.Second, 45*time.Second) })
	return func() { w.locked(func() { m.slow = 0 }) }
}

// unclear says that what homing believes of its records may be wrong without its
// fault, until it has read them again.
func (w *world) unclear() { w.locked(func() { w.clear = time.Now() }) }
