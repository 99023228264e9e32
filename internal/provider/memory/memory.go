// Package memory is a DNS host in a map, for tests: it has latency, refuses
// what a real host refuses, and fails when a hook says so.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// Host is one account at a DNS host. It implements provider.Provider,
// provider.Lists and provider.Meter. It panics when two calls for one zone or
// one list overlap, because the contract forbids the caller that.
type Host struct {
	calls atomic.Int64

	mu     sync.Mutex
	zones  map[string]*zone // by id
	read   time.Duration
	write  time.Duration
	hook   func(Call) *provider.Error
	lastID int

	wholeSets     bool // it is given whole sets, and has no ids
	ignoresWrites bool // it says that it did what it did not do

	lag      time.Duration        // between storing and answering
	receipts map[string]time.Time // when what each is for was stored

	lists     map[listKey]*list
	busyLists map[listKey]bool
	listQuota int // zero: any number
}

type zone struct {
	provider.Zone
	at    map[dns.Name][]dns.Record // in the order they came; an entry is replaced, never changed
	size  int                       // records in at
	quota int                       // records it can hold; zero: any number
	busy  bool
}

// setRecords returns what stands at n from now on.
func (z *zone) setRecords(n dns.Name, here []dns.Record) {
	z.size += len(here) - len(z.at[n])
	z.at[n] = here
}

// New returns a host that holds these zones, without records, latency or faults.
func New(zones ...provider.Zone) *Host {
	h := &Host{zones: map[string]*zone{}, lists: map[listKey]*list{}, busyLists: map[listKey]bool{}}
	for _, z := range zones {
		h.zones[z.ID] = &zone{Zone: z, at: map[dns.Name][]dns.Record{}}
	}
	return h
}

// Zone returns a zone with the limits of Cloudflare's free plan, whose id is made
// from its name.
func Zone(name dns.Name) provider.Zone {
	return provider.Zone{ID: "zone-" + name.String(), Name: name,
		Limits: plan.Limits{MinTTL: 60, MaxTTL: 86400, Comment: 100, Tags: -1, Batch: 200}}
}

// SetLatency makes every read and every batch of writes take this long.
func (h *Host) SetLatency(read, write time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.read, h.write = read, write
}

// SetHook makes f decide over every step from now on; nil ends that.
func (h *Host) SetHook(f func(Call) *provider.Error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hook = f
}

// Calls counts the requests a host over a network would have seen: one for
// each Zones, Records and List, each batch of an Apply and each step of an
// ApplyList.
func (h *Host) Calls() int64 { return h.calls.Load() }

func (h *Host) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	call := Call{Step: FindZones}
	if err := h.beginRead(ctx, call); err != nil {
		return nil, nil, err
	}
	h.mu.Lock()
	var placed []provider.Placed
	var unplaced []provider.Unplaced
	for _, n := range names {
		if z := h.longestZone(n); z != nil {
			placed = append(placed, provider.Placed{Name: n, Zone: z.Zone})
		} else {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: h.noZoneError(n)})
		}
	}
	h.mu.Unlock()
	if err := h.callHookAfter(call); err != nil {
		return nil, nil, err
	}
	return placed, unplaced, nil
}

// longestZone returns the longest zone that n lies in, or nil.
func (h *Host) longestZone(n dns.Name) *zone {
	var longest *zone
	for _, z := range h.zones {
		if n.IsWithin(z.Name) && (longest == nil || z.Name.IsWithin(longest.Name)) {
			longest = z
		}
	}
	return longest
}

func (h *Host) noZoneError(n dns.Name) *provider.Error {
	var visible []string
	for _, z := range h.zones {
		visible = append(visible, z.Name.String())
	}
	slices.Sort(visible)
	return &provider.Error{Kind: provider.NoZone, Err: fmt.Errorf("%s lies in no zone of this account", n),
		Hint: text.Advise("the zones of this account are: %s", strings.Join(visible, ", "))}
}

func (h *Host) Records(ctx context.Context, in provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return h.RecordsAndTexts(ctx, in, names, nil)
}

func (h *Host) RecordsAndTexts(ctx context.Context, in provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	defer h.occupy(in)()
	call := Call{Step: ReadRecords, Zone: in.Name}
	if err := h.beginRead(ctx, call); err != nil {
		return nil, err
	}
	records, err := h.listRecords(in, names, texts)
	if err != nil {
		return nil, err
	}
	if err := h.callHookAfter(call); err != nil {
		return nil, err
	}
	return records, nil
}

func (h *Host) listRecords(in provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.zones[in.ID]
	if z == nil {
		return nil, h.noZoneError(in.Name)
	}
	var records []dns.Record
	for _, n := range slices.Compact(slices.SortedFunc(slices.Values(names), dns.Name.Compare)) {
		for _, r := range z.at[n] {
			switch r.Type {
			case dns.A, dns.AAAA, dns.CNAME, dns.NS:
				records = append(records, h.toPublicRecord(r))
			}
		}
	}
	for _, n := range slices.Compact(slices.SortedFunc(slices.Values(texts), dns.Name.Compare)) {
		for _, r := range z.at[n] {
			if r.Type == dns.TXT {
				records = append(records, h.toPublicRecord(r))
			}
		}
	}
	return append(records, h.delegations(z, names)...), nil
}

// delegations returns the NS records at the names between these and the zone.
func (h *Host) delegations(z *zone, names []dns.Name) []dns.Record {
	seen := make(map[dns.Name]bool)
	for _, n := range names {
		seen[n] = true // its records are listed already
	}
	var records []dns.Record
	for _, n := range names {
		for up, ok := n.Parent(); ok && up != z.Name && up.IsWithin(z.Name); up, ok = up.Parent() {
			for _, r := range z.at[up] {
				if r.Type == dns.NS && !seen[up] {
					records = append(records, h.toPublicRecord(r))
				}
			}
			seen[up] = true
		}
	}
	return records
}

// occupy marks a zone as in use until the returned function is called.
func (h *Host) occupy(in provider.Zone) (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.zones[in.ID]
	if z == nil {
		return func() {}
	}
	if z.busy {
		panic(fmt.Sprintf("memory: two calls at a time for the zone %s", z.Name))
	}
	z.busy = true
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		z.busy = false
	}
}

// newID returns an id that nothing else of this host has.
func (h *Host) newID(kind string) string {
	h.lastID++
	return fmt.Sprintf("%s%05d", kind, h.lastID)
}

func clone(r dns.Record) dns.Record {
	r.Tags = slices.Clone(r.Tags)
	return r
}

func compareContent(a, b dns.Record) int {
	return cmp.Or(a.Key().Compare(b.Key()), a.Addr.Compare(b.Addr), cmp.Compare(a.Text, b.Text), cmp.Compare(a.ID, b.ID))
}
