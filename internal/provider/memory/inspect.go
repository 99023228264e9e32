package memory

import (
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// All is every record of every zone, ordered by name, type and content.
func (h *Host) All() []dns.Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	var records []dns.Record
	for _, z := range h.zones {
		for _, here := range z.at {
			for _, r := range here {
				records = append(records, clone(r))
			}
		}
	}
	slices.SortFunc(records, byContent)
	return records
}

// At is the records at one name.
func (h *Host) At(n dns.Name) []dns.Record {
	return slices.DeleteFunc(h.All(), func(r dns.Record) bool { return r.Name != n })
}

// Put stores r as somebody else would, past every rule, and returns it with
// its id. A record with the id of an existing one takes its place.
func (h *Host) Put(r dns.Record) dns.Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.zoneOf(r.Name)
	if z == nil {
		panic(fmt.Sprintf("memory: %s lies in no zone of this host", r.Name))
	}
	if r.ID == "" {
		h.lastID++
		r.ID = fmt.Sprintf("r%05d", h.lastID)
	}
	if r.TTL == 0 {
		r.TTL = dns.AutoTTL
	}
	here := slices.DeleteFunc(slices.Clone(z.at[r.Name]), func(o dns.Record) bool { return o.ID == r.ID })
	z.set(r.Name, append(here, clone(r)))
	return r
}

// Remove deletes records as somebody else would.
func (h *Host) Remove(ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, z := range h.zones {
		for n, here := range z.at {
			z.set(n, slices.DeleteFunc(slices.Clone(here), func(r dns.Record) bool { return slices.Contains(ids, r.ID) }))
		}
	}
}

// SetQuota limits how many records a zone can hold.
func (h *Host) SetQuota(zone dns.Name, records int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, z := range h.zones {
		if z.Name == zone {
			z.quota = records
		}
	}
}

// AddZone gives the account another zone, without records.
func (h *Host) AddZone(z provider.Zone) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.zones[z.ID] = &zone{Zone: z, at: map[dns.Name][]dns.Record{}}
}
