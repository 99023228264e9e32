package memory

import (
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// All returns every record of every zone, ordered by name, type and content.
func (h *Host) All() []dns.Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	var records []dns.Record
	for _, z := range h.zones {
		for _, here := range z.at {
			for _, r := range here {
				records = append(records, h.toPublicRecord(r))
			}
		}
	}
	slices.SortFunc(records, compareContent)
	return records
}

// At returns the records at one name.
func (h *Host) At(n dns.Name) []dns.Record {
	return slices.DeleteFunc(h.All(), func(r dns.Record) bool { return r.Name != n })
}

// Put stores r as somebody else would, past every rule, and returns it with
// its id. A record with the id of an existing one takes its place.
func (h *Host) Put(r dns.Record) dns.Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.longestZone(r.Name)
	if z == nil {
		panic(fmt.Sprintf("memory: %s lies in no zone of this host", r.Name))
	}
	if r.ID == "" {
		r.ID = h.newID("r")
	}
	if r.TTL == 0 {
		r.TTL = dns.AutoTTL
	}
	here := slices.DeleteFunc(slices.Clone(z.at[r.Name]), func(o dns.Record) bool { return o.ID == r.ID })
	z.setRecords(r.Name, append(here, clone(r)))
	return r
}

// Remove deletes records as somebody else would.
func (h *Host) Remove(ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, z := range h.zones {
		for n, here := range z.at {
			z.setRecords(n, slices.DeleteFunc(slices.Clone(here), func(r dns.Record) bool { return slices.Contains(ids, r.ID) }))
		}
	}
}

// RemoveMatching deletes what says the same as r, as somebody else would at a host that
// gives no ids.
func (h *Host) RemoveMatching(r dns.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, z := range h.zones {
		if here := z.at[r.Name]; len(here) > 0 {
			z.setRecords(r.Name, slices.DeleteFunc(slices.Clone(here), func(o dns.Record) bool { return o.Key() == r.Key() && o.Data() == r.Data() }))
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

// SetList stores a list as somebody else would, in place of one with the same
// account and name: with the description of l and these items, which it returns
// with their ids. Items that have ids keep them; so does a list that was there.
func (h *Host) SetList(l plan.List, items ...plan.ListItem) []plan.ListItem {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.lists[listKeyOf(l)]
	if at == nil {
		at = &list{id: h.newID("l")}
		h.lists[listKeyOf(l)] = at
	}
	at.description, at.items = l.Description, slices.Clone(items)
	for i := range at.items {
		if at.items[i].ID == "" {
			at.items[i].ID = h.newID("i")
		}
	}
	return slices.Clone(at.items)
}

// RemoveList deletes a list with all of its items, as somebody else would.
func (h *Host) RemoveList(l plan.List) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.lists, listKeyOf(l))
}

// Items returns what a list holds, by address; ok is false where there is no list.
func (h *Host) Items(l plan.List) (items []plan.ListItem, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.lists[listKeyOf(l)]
	if at == nil {
		return nil, false
	}
	return slices.SortedFunc(slices.Values(at.items), comparePrefix), true
}

// Description returns the description of a list; empty where there is no list.
func (h *Host) Description(l plan.List) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at := h.lists[listKeyOf(l)]; at != nil {
		return at.description
	}
	return ""
}

// SetListQuota limits how many lists the host can hold.
func (h *Host) SetListQuota(lists int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listQuota = lists
}
