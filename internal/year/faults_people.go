package year

import (
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// what somebody does to a record.
type deed uint8

const (
	content deed = iota
	attributes
	nothing
	another
)

// edits is somebody who changes a record of homing's by hand.
func edits(how deed) func(*world) func() {
	return func(w *world) func() {
		defer w.unclear()
		w.locked(func() {
			if r, ok := w.victim(how != attributes); ok {
				w.edit(r, how)
			}
		})
		return func() {}
	}
}

// victim is a record of homing's that it keeps and may make again.
func (w *world) victim(whole bool) (dns.Record, bool) {
	var all []dns.Record
	for _, r := range w.host.all() {
		rec := w.settings.managed(r.Key())
		if rec != nil && w.settings.mine(r) && !w.host.theirs(r) && (!whole || rec.Create == plan.Always && rec.Leftovers == plan.Remove) {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return dns.Record{}, false
	}
	return all[w.dice.IntN(len(all))], true
}

// edit is what somebody does to r. w.mu is held.
func (w *world) edit(r dns.Record, how deed) {
	was := r
	switch how {
	case content:
		r.Addr = w.foreign(r.Type)
	case attributes:
		w.edited = time.Now()
		if r.TTL = 600; !w.host.proxies() && !w.alike(was, r.TTL) {
			return
		}
		if r.Proxied = r.Proxied || w.host.proxies() && w.dice.oneIn(2); r.Proxied {
			r.TTL = dns.AutoTTL
		}
	case nothing:
		w.host.remove(r)
		w.tell("☞ somebody deletes %s", show(r))
		return
	case another:
		r.ID, r.Addr = "", w.foreign(r.Type)
		w.host.put(r)
		w.tell("☞ somebody adds %s", show(r))
		return
	}
	w.host.swap(was, r)
	w.tell("☞ somebody makes %s of %s", show(r), show(was))
}

// alike has all of the set in which a record stands have this TTL, as at hosts of
// sets there is one; it says whether there may be, because all of it is homing's.
func (w *world) alike(r dns.Record, ttl int) bool {
	set := slices.DeleteFunc(w.host.all(), func(o dns.Record) bool { return o.Key() != r.Key() || o.Equal(&r) })
	if slices.ContainsFunc(set, w.host.theirs) {
		return false
	}
	for _, o := range set {
		was := o
		o.TTL = ttl
		w.host.swap(was, o)
	}
	return true
}

// takesOver is somebody who makes a record of homing's his own for a while.
func takesOver(w *world) func() {
	defer w.unclear()
	var theirs dns.Record
	w.locked(func() {
		r, ok := w.victim(true)
		if !ok {
			return
		}
		w.tell("☞ somebody takes %s over", show(r))
		w.host.remove(r)
		r.ID, r.Comment = "", "mine now"
		theirs = w.host.leave(r)
	})
	return func() {
		defer w.unclear()
		w.locked(func() {
			if theirs.Type != "" {
				w.host.take(theirs)
			}
		})
	}
}

// alias is somebody who puts a CNAME where homing's records were.
func alias(w *world) func() {
	defer w.unclear()
	var cname dns.Record
	w.locked(func() {
		r, ok := w.victim(true)
		if !ok {
			return
		}
		for _, o := range w.host.all() {
			if o.Name == r.Name && (w.host.theirs(o) || w.settings.managed(o.Key()) == nil) {
				return // it would have to go as well
			}
		}
		for _, o := range w.host.all() {
			if o.Name == r.Name {
				w.host.remove(o)
			}
		}
		w.tell("☞ somebody puts a CNAME at %s", r.Name)
		cname = w.host.leave(dns.Record{Name: r.Name, Type: dns.CNAME, Text: "elsewhere.example", TTL: 300})
	})
	return func() {
		defer w.unclear()
		w.locked(func() {
			if cname.Type != "" {
				w.host.take(cname)
			}
		})
	}
}

// rival is another program that keeps a name of homing's, for another place.
func rival(w *world) func() {
	var k dns.Key
	theirs := w.foreign(dns.A)
	w.locked(func() {
		if r, ok := w.victim(true); ok {
			k, theirs = r.Key(), w.foreign(r.Type)
			w.contended = k
		}
	})
	end := w.meanwhile(20*time.Second, 4*time.Minute, func() {
		w.locked(func() {
			all := w.host.all()
			if slices.ContainsFunc(all, func(r dns.Record) bool { return r.Key() == k && r.Addr == theirs }) {
				return // no host has two records that are the same
			}
			for _, r := range all {
				if r.Key() == k && w.settings.mine(r) && !w.host.theirs(r) {
					was := r
					r.Addr = theirs
					w.tell("☞ a rival makes %s of %s", show(r), show(was))
					w.host.swap(was, r)
					w.clear = time.Now()
					return
				}
			}
		})
	})
	time.Sleep(w.dice.between(40*time.Minute, 80*time.Minute)) // until it is seen to be a fight
	return func() {
		end()
		w.locked(func() { w.contended = dns.Key{} })
		w.unclear()
	}
}

// asserted waits until the name that somebody fights over says where this place
// is now: a new address is no part of the fight.
func (w *world) asserted(p *place) {
	var k dns.Key
	w.locked(func() { k = w.contended })
	if rec := w.settings.managed(k); rec == nil || !slices.Equal(rec.Needs(k.Type), []plan.Origin{p.of}) || p.busy {
		return
	}
	now, was := p.home.Addr(p.of.Family), 0
	for _, s := range p.stays {
		if s.addr == now {
			was++
		}
	}
	if was > 1 {
		return // one that was fought over before is none
	}
	want := w.settings.says(k.Name, k.Type, now)
	for until := time.Now().Add(3*every + slack); ; time.Sleep(10*time.Second + 1) {
		done := false
		w.locked(func() {
			if done = w.said == want || !want.IsValid(); !done && time.Now().After(until) {
				w.fail("%s was never given its new address %s, because somebody else changes it back", k, want)
			}
		})
		if done || w.report.Broken != "" {
			return
		}
	}
}
