// Package providertest is the contract of provider.Provider as a suite that
// every provider passes, against a fake or against a scratch zone of the real host.
package providertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Run runs the suite. setup is called for each test, and may use t.Cleanup. A
// test that the subject has no means for is not registered.
func Run(t *testing.T, setup func(t *testing.T) Subject) {
	tests := slices.Concat(zoneTests(), readTests(), writeTests(), setTests(), roundTripTests())
	with := setup(t)
	limits := find(t, with).Limits
	if with.Sets {
		tests = append(tests, guardTests()...)
	}
	if !with.SubZone.IsZero() {
		tests = append(tests, subZoneTests()...)
	}
	if _, ok := with.Provider.(provider.Texts); ok {
		tests = slices.Concat(tests, textTests(), ownerTests())
	}
	if len(with.Tags) > 0 {
		tests = append(tests, tagTests()...)
	}
	if with.Faults != nil {
		tests = append(tests, faultTests()...)
	}
	if with.Faults != nil && with.Faults.Ignore != nil {
		tests = append(tests, ignoreTests()...)
	}
	if with.Lists != nil {
		tests = append(tests, listTests()...)
	}
	if with.Lists != nil && with.Faults != nil {
		tests = append(tests, listFaultTests()...)
	}
	var out []string
	for _, tt := range tests {
		if tt.needs != nil && !tt.needs(with, limits) {
			out = append(out, "  "+tt.promise)
			continue
		}
		t.Run(tt.promise, func(t *testing.T) {
			s := setup(t)
			tt.run(&session{Subject: s, T: t, zone: find(t, s)})
		})
	}
	if len(out) > 0 {
		t.Logf("what this host cannot store, and so cannot promise:\n%s", strings.Join(out, "\n"))
	}
}

type test struct {
	promise string
	run     func(s *session)
	needs   func(Subject, plan.Limits) bool // nil where every host can do it
}

func proxies(_ Subject, l plan.Limits) bool { return !l.NoProxy }

// several: it holds more than one address of a name and type, and deletes them.
func several(s Subject, _ plan.Limits) bool { return !s.Single }

// ttls: a TTL can be chosen, and is known.
func ttls(_ Subject, l plan.Limits) bool { return l.MaxTTL == 0 || l.MinTTL < l.MaxTTL }

// session is one test at work.
type session struct {
	Subject
	*testing.T
	zone provider.Zone
}

// find is the zone of the subject, as its provider sees it.
func find(t *testing.T, s Subject) provider.Zone {
	t.Helper()
	placed, unplaced, err := s.Provider.Zones(t.Context(), []dns.Name{s.Zone})
	zones := ZonesOf(placed)
	if err != nil || len(unplaced) > 0 || len(zones) != 1 || zones[0].Name != s.Zone {
		t.Fatalf("the zone %s is not found: %v, %v, %v", s.Zone, zones, unplaced, err)
	}
	return zones[0]
}

// ZonesOf is the zones that names were found in, each once, by name and id.
func ZonesOf(placed []provider.Placed) []provider.Zone {
	var zones []provider.Zone
	for _, p := range placed {
		if !slices.ContainsFunc(zones, func(z provider.Zone) bool { return z.ID == p.Zone.ID }) {
			zones = append(zones, p.Zone)
		}
	}
	slices.SortFunc(zones, func(a, b provider.Zone) int { return cmp.Or(a.Name.Compare(b.Name), cmp.Compare(a.ID, b.ID)) })
	return zones
}

// name is a name in the zone.
func (s *session) name(labels string) dns.Name {
	s.Helper()
	n, err := dns.ParseName(labels + "." + s.Zone.String())
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// record is an address record without an ID, with the defaults of a host.
func (s *session) record(labels, address string) dns.Record {
	s.Helper()
	a := netip.MustParseAddr(address)
	r := dns.Record{Name: s.name(labels), Type: dns.A, Addr: a, TTL: dns.AutoTTL}
	if a.Is6() {
		r.Type = dns.AAAA
	}
	return s.fit(r)
}

// fit is r as the zone can store it.
func (s *session) fit(r dns.Record) dns.Record {
	l := s.zone.Limits
	r.Proxied = r.Proxied && !l.NoProxy
	if r.TTL == dns.AutoTTL && l.AutoTTL > 0 {
		r.TTL = l.AutoTTL
	}
	if r.TTL != dns.AutoTTL {
		r.TTL = min(max(r.TTL, l.MinTTL), cmp.Or(l.MaxTTL, 1<<31-1))
	}
	if l.Comment < 0 {
		r.Comment = ""
	}
	return r
}

// seed stores records by the other way and returns them with their IDs.
func (s *session) seed(records ...dns.Record) []dns.Record {
	s.Helper()
	s.Seed(s.T, records...)
	stored := make([]dns.Record, len(records))
	for i, r := range records {
		here := s.Stored(s.T, r.Name)
		at := slices.IndexFunc(here, func(h dns.Record) bool { return line(h) == line(r) })
		if at < 0 {
			s.Fatalf("%s was seeded, and stored is %v", line(r), lines(here))
		}
		stored[i] = here[at]
	}
	return stored
}

// read is what the provider lists at names.
func (s *session) read(names ...dns.Name) []dns.Record {
	s.Helper()
	records, err := s.Provider.Records(s.Context(), s.zone, names)
	if err != nil {
		s.Fatal(err)
	}
	return records
}

// apply carries out changes; there must be one result for each.
func (s *session) apply(changes ...plan.Change) []provider.Result {
	s.Helper()
	return s.applyWith(s.Context(), changes...)
}

func (s *session) applyWith(ctx context.Context, changes ...plan.Change) []provider.Result {
	s.Helper()
	sets := setsOf(s.heldBy(changes), changes)
	results := s.applySets(ctx, sets)
	return perChange(sets, results)
}

// applySets carries out sets. Of each that is confirmed it must be told what it
// is now, down to the records that nobody changed.
func (s *session) applySets(ctx context.Context, sets []plan.Set) []provider.SetResult {
	s.Helper()
	results := s.Provider.Apply(ctx, s.zone, sets)
	if len(results) != len(sets) {
		s.Fatalf("%d results for %d sets", len(results), len(sets))
	}
	for i, r := range results {
		if len(r.Errs) != len(sets[i].Changes) {
			s.Fatalf("%s: %d errors for %d changes", sets[i].Key, len(r.Errs), len(sets[i].Changes))
		}
		if !slices.ContainsFunc(r.Errs, func(err *provider.Error) bool { return err != nil }) {
			if got, want := lines(r.Records), lines(s.stored(sets[i].Key)); !slices.Equal(got, want) {
				s.Errorf("%s is said to be %q, and is %q", sets[i].Key, got, want)
			}
		}
	}
	return results
}

// stored is all that stands at a key.
func (s *session) stored(k dns.Key) []dns.Record {
	return slices.DeleteFunc(s.Stored(s.T, k.Name), func(r dns.Record) bool { return r.Key() != k })
}

// heldBy is all that stands at the names of these changes.
func (s *session) heldBy(changes []plan.Change) []dns.Record {
	var held []dns.Record
	seen := make(map[dns.Name]bool)
	for _, c := range changes {
		if n := c.Key().Name; !seen[n] {
			seen[n] = true
			held = append(held, s.Stored(s.T, n)...)
		}
	}
	return held
}

// succeed carries out changes; each must be confirmed with the record as asked,
// or with none where one is deleted.
func (s *session) succeed(changes ...plan.Change) []dns.Record {
	s.Helper()
	records := make([]dns.Record, len(changes))
	for i, r := range s.apply(changes...) {
		c := changes[i]
		switch {
		case r.Err != nil:
			s.Fatalf("%s: %s: %v", c.Words(), r.Err.Kind, r.Err)
		case c.Action != plan.ToDelete && (line(r.Record) != line(c.New) || r.Record.ID == "" && !s.Sets):
			s.Fatalf("%s: the result is %q %s, want %s", c.Words(), r.Record.ID, line(r.Record), line(c.New))
		case c.Action == plan.ToUpdate && r.Record.ID != c.Old.ID:
			s.Fatalf("%s: the result has the ID %q, not %q", c.Words(), r.Record.ID, c.Old.ID)
		case c.Action == plan.ToDelete && !r.Record.Equal(&dns.Record{}):
			s.Fatalf("%s: the result is %s", c.Words(), line(r.Record))
		}
		records[i] = r.Record
	}
	return records
}

// holds fails unless these records, IDs aside, are all that stands at n.
func (s *session) holds(n dns.Name, want ...dns.Record) {
	s.Helper()
	got, wanted := lines(s.Stored(s.T, n)), lines(want)
	if !slices.Equal(got, wanted) {
		s.Errorf("at %s stands\n\t%s\nwant\n\t%s", n, strings.Join(got, "\n\t"), strings.Join(wanted, "\n\t"))
	}
}

// line is a record without its ID.
func line(r dns.Record) string {
	tags := slices.Sorted(slices.Values(r.Tags))
	return fmt.Sprintf("%s %s proxied=%t ttl=%d comment=%q tags=%q", r.Key(), r.Content(), r.Proxied, r.TTL, r.Comment, tags)
}

func lines(records []dns.Record) []string {
	words := make([]string, len(records))
	for i, r := range records {
		words[i] = line(r)
	}
	slices.Sort(words)
	return words
}

// kind is the kind of an error, which must be an *provider.Error.
func (s *session) kind(err error) provider.Kind {
	s.Helper()
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		s.Fatalf("the error is a %T: %v", err, err)
	}
	return e.Kind
}

// absent is the ID of no record, in the form most hosts give theirs.
const absent = "0123456789abcdef0123456789abcdef"

// promptly is how long a call may still take whose context is done.
const promptly = 2 * time.Second

func create(r dns.Record) plan.Change { return plan.Change{Action: plan.ToCreate, New: r} }

func update(from dns.Record, edit func(r *dns.Record)) plan.Change {
	to := from
	edit(&to)
	return plan.Change{Action: plan.ToUpdate, Old: from, New: to}
}

func remove(r dns.Record) plan.Change { return plan.Change{Action: plan.ToDelete, Old: r} }

func point(address string) func(r *dns.Record) {
	return func(r *dns.Record) { r.Addr = netip.MustParseAddr(address) }
}
