package year

import (
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// store is a simulated DNS host, as the world that surrounds it uses it. Its
// methods are called with w.mu held, but for connect and close.
type store interface {
	// connect is the host as a new process sees it, the way to the network where
	// there is a wire, and what is to be done when the process has ended.
	connect(p *process) (host provider.Provider, dial httpx.Dial, closed func())
	all() []dns.Record
	put(r dns.Record) dns.Record // as somebody else does
	swap(was, r dns.Record) dns.Record
	remove(r dns.Record)
	catchUp() // holds what homing did since the latest look, where that comes late
	proxies() bool
	close()
}

// hands are the host in the hands of others than homing, who leave records there
// that are not homing's.
type hands struct {
	store
	w      *world
	others []dns.Record
	taken  map[dns.Key]time.Time // when somebody last took a record of his own away
}

// theirs says whether a record is somebody else's.
func (h *hands) theirs(r dns.Record) bool {
	return slices.ContainsFunc(h.others, func(o dns.Record) bool { return o.Equal(&r) })
}

// leave puts a record there that is somebody else's, and stays so.
func (h *hands) leave(r dns.Record) dns.Record {
	r = h.put(r)
	h.others = append(h.others, r)
	return r
}

// take has somebody else remove a record.
func (h *hands) take(r dns.Record) {
	h.remove(r)
	h.taken[r.Key()] = time.Now()
	h.others = slices.DeleteFunc(h.others, func(o dns.Record) bool { return o.Equal(&r) })
}

// furnish puts into the host what stands there before homing comes: some of what
// it is to keep, as it was yesterday or not at all, and what others have.
func (h *hands) furnish() {
	w, d := h.w, h.w.dice
	for _, z := range w.settings.zones {
		h.leave(dns.Record{Name: z, Type: "TXT", Text: "v=spf1 -all", TTL: 300})
		h.leave(dns.Record{Name: name("mail." + z.String()), Type: dns.A, Addr: w.places[0].foreign(), TTL: 300})
	}
	for _, k := range w.settings.keys() {
		rec := w.settings.managed(k)
		old := dns.Record{Name: k.Name, Type: k.Type, TTL: 300, Comment: rec.Attrs.Comment}
		if old.Addr = w.foreign(k.Type); rec.Leftovers == plan.Keep || rec.Create == plan.Never || !d.oneIn(3) {
			h.put(old)
		}
		switch {
		case rec.Leftovers == plan.Keep && d.oneIn(2):
			old.Addr = private(k.Type)
			h.leave(old)
		case w.updates:
		case rec.Leftovers == plan.Remove && d.oneIn(6):
			old.Addr = w.foreign(k.Type)
			if old.Proxied = h.proxies(); old.Proxied {
				old.TTL = dns.AutoTTL
			}
			h.put(old)
		case w.settings.owned && d.oneIn(4):
			old.Addr, old.Comment = w.foreign(k.Type), "by hand"
			h.leave(old)
		}
	}
}

func newStore(w *world) *hands {
	h := &hands{w: w, taken: map[dns.Key]time.Time{}}
	switch {
	case w.updates:
		h.store = newUpdated(w)
	case w.report.Wire:
		h.store = newWired(w)
	default:
		h.store = newMapped(w)
	}
	w.host = h
	w.locked(h.furnish)
	return h
}
