package year

import (
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/sim"
)

// falsehood is what ways say that lie.
type falsehood uint8

const (
	apart  falsehood = iota // each an address of its own
	alike                   // all of them one address
	late                    // the address of now, whatever comes
	hidden                  // addresses that are not public, or Cloudflare's
)

// majority says whether there are places that believe what most operators say.
func majority(w *world) bool { return w.placeOf(addr.Majority()) != nil }

// placeOf is any place with this rule; nil where there is none.
func (w *world) placeOf(rule addr.Rule) *place {
	var all []*place
	for _, p := range w.places {
		if p.rule == rule {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return w.trouble(all[w.dice.IntN(len(all))])
}

// line is any place whose address is asked for.
func (w *world) line() *place {
	for {
		if p := w.place(); p.file == "" {
			return w.trouble(p)
		}
	}
}

// lies makes so many ways of a place lie.
func lies(n int, how falsehood) func(*world) func() {
	return func(w *world) func() {
		p := w.line()
		if how == alike {
			p = w.placeOf(addr.Majority())
		}
		hosts := traceHosts()
		if n > len(hosts) {
			hosts = append(hosts, "cloudflare-dns.com")
		}
		at := w.dice.IntN(len(hosts))
		one := w.foreign(plan.TypeOf(p.of.Family))
		return p.lie(slices.Concat(hosts[at:], hosts[:at])[:n], func() netip.Addr {
			switch how {
			case alike:
				return one
			case late:
				return p.home.Addr(p.of.Family)
			case hidden:
				return p.hidden()
			}
			return w.foreign(plan.TypeOf(p.of.Family))
		})
	}
}

// hidden is an address that no record may say.
func (p *place) hidden() netip.Addr {
	no := []string{"192.168.1.23", "100.64.3.4", "104.16.9.9", "198.18.0.1", "169.254.7.7", "127.0.0.1"}
	if p.of.Family == addr.IPv6 {
		no = []string{"fd00::23", "fe80::1", "2606:4700::9", "::1", "2001:db8::5", "64:ff9b::1"}
	}
	return netip.MustParseAddr(no[p.w.dice.IntN(len(no))])
}

// lie has these hosts say what is not so, until it is ended.
func (p *place) lie(hosts []string, of func() netip.Addr) (end func()) {
	for _, h := range hosts {
		lie := of()
		p.w.tell("  %s of %s says %s", h, p.of, lie)
		p.home.Lie(h, sim.Lie{Family: p.of.Family, Addr: lie})
	}
	return func() { p.honest(hosts) }
}

func (p *place) honest(hosts []string) {
	for _, h := range hosts {
		p.home.Lie(h, sim.Lie{Family: p.of.Family})
	}
}

// collusion is a lie that two ways tell alike: nothing protects from it where two
// that agree are believed.
func collusion(w *world) func() {
	p := w.line()
	lie := w.foreign(plan.TypeOf(p.of.Family))
	w.locked(func() { p.believed = lie })
	end := p.lie(traceHosts()[:2], func() netip.Addr { return lie })
	return func() {
		end()
		w.later = append(w.later, func() { p.believed = netip.Addr{} })
	}
}

func portal(*world) sim.Lie { return sim.Portal() }

// everywhere has all hosts that a place asks answer so.
func everywhere(how func(*world) sim.Lie) func(*world) func() {
	return func(w *world) func() {
		p := w.line()
		for _, h := range p.hosts() {
			lie := how(w)
			lie.Family = p.of.Family
			p.home.Lie(h, lie)
		}
		return func() { p.honest(p.hosts()) }
	}
}

// bad has so many hosts answer in ways that are no answer.
func bad(n int) func(*world) func() {
	return func(w *world) func() {
		p := w.line()
		hosts := traceHosts()[:n]
		for _, h := range hosts {
			all := []sim.Lie{{Status: http.StatusInternalServerError}, {Hang: true}, {Pad: 1 << 20}, {Redirect: "/"}, {Warp: "on"}, {Host: "elsewhere.example"},
				{Body: "<html><body>your address is 78.46.1.1</body></html>"}, {More: []netip.Addr{p.home.Addr(p.of.Family), w.foreign(plan.TypeOf(p.of.Family))}}}
			lie := all[w.dice.IntN(len(all))]
			lie.Family = p.of.Family
			p.home.Lie(h, lie)
		}
		return func() { p.honest(hosts) }
	}
}

// slowWays has all hosts but one take seconds.
func slowWays(w *world) func() {
	p := w.line()
	slow := func(of time.Duration, hosts ...string) {
		w.locked(func() {
			clear(p.held)
			for p.slow = of; len(hosts) > 0; hosts = hosts[1:] {
				p.held[hosts[0]] = true
			}
		})
	}
	slow(w.dice.between(700*time.Millisecond, 6*time.Second), p.hosts()[1:]...)
	return func() { slow(0) }
}

func lineDown(w *world) func() {
	p := w.line()
	if p.busy {
		return func() {}
	}
	back := p.home.Addr(p.of.Family)
	p.set(netip.Addr{})
	return func() {
		if !p.home.Addr(p.of.Family).IsValid() {
			p.set(back)
		}
	}
}

// meanwhile does something again and again until it is ended, at times of its own.
func (w *world) meanwhile(least, most time.Duration, do func()) (end func()) {
	dice, stop, stopped := newDice(w.dice.Uint64()), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			t := time.NewTimer(dice.between(least, most))
			select {
			case <-stop:
				t.Stop()
				return
			case <-t.C:
				do()
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// flapping is a line that has two addresses by turns, or another one each time, and
// is heard to change.
func flapping(w *world) func() {
	p := w.line()
	if p.busy {
		return func() {}
	}
	p.busy = true
	w.locked(func() { w.damped = damped{line: p} })
	other, least := p.fresh(), 10*time.Second
	next := func(now netip.Addr) netip.Addr { return now }
	if w.dice.oneIn(2) {
		var fresh []netip.Addr // the dice belong to the world's own goroutine
		for range 40 {
			fresh = append(fresh, p.fresh())
		}
		least, next = 5*time.Second, func(netip.Addr) netip.Addr {
			a := fresh[0]
			fresh = append(fresh[1:], a)
			return a
		}
	}
	end := w.meanwhile(least, 4*time.Minute, func() {
		now := p.home.Addr(p.of.Family)
		w.tell("● %s flaps from %s to %s", p.of, now, other)
		p.set(other)
		other = next(now)
		w.locked(func() { w.process.engine.Trigger() })
	})
	return func() {
		end()
		p.busy = false
	}
}

// comesBack is a line that has another address for a while and then the one before
// again, which one way does not notice.
func comesBack(w *world) func() {
	p := w.line()
	was := p.home.Addr(p.of.Family)
	if p.busy || !was.IsValid() {
		return func() {}
	}
	p.busy = true
	p.set(p.fresh())
	w.tell("● %s is at %s for a while, and then at %s again", p.of, p.home.Addr(p.of.Family), was)
	time.Sleep(3 * every) // it is published meanwhile, where nothing else is wrong
	at := w.dice.IntN(len(traceHosts()))
	end := p.lie(traceHosts()[at:at+1], func() netip.Addr { return p.home.Addr(p.of.Family) })
	p.set(was)
	return func() {
		end()
		p.busy = false
	}
}

// comesBackAmidEdits is comesBack, and somebody deletes records in the very moment: a
// repair must not make them of what the way that is late tells.
func comesBackAmidEdits(w *world) func() {
	end := comesBack(w)
	for range 3 {
		edits(nothing)(w)
	}
	return end
}

// twoLines is a router that lets each question leave by either of two lines.
func twoLines(w *world) func() {
	p := w.line()
	now := p.home.Addr(p.of.Family)
	if p.busy || !now.IsValid() {
		return func() {}
	}
	p.busy = true
	other := p.fresh()
	w.tell("● %s is at %s and at %s", p.of, now, other)
	w.locked(func() {
		p.other = sim.NewHome(other)
		p.stay(now, other)
	})
	return func() {
		w.locked(func() {
			p.other = nil
			p.stay(now)
		})
		p.busy = false
	}
}
