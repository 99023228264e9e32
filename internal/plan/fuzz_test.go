package plan

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
)

// dice draws choices from the fuzzer's bytes; after the last one it draws zeros.
type dice struct{ data []byte }

func (d *dice) n(n int) int {
	if len(d.data) == 0 {
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return int(b) % n
}

func (d *dice) yes() bool { return d.n(2) == 1 }

func pick[T any](d *dice, choices []T) T { return choices[d.n(len(choices))] }

// scene is one question to Diff.
type scene struct {
	zone    Zone
	targets []Target
	current []dns.Record
	owns    func(dns.Record) bool
}

func comments() []string {
	return []string{"", "homing", "homing, and a comment of some length", "somebody else"}
}

func allTags() [][]string { return [][]string{nil, {"a:1"}, {"a:1", "b:2"}, {"B:2", "a:1"}} }

func ttls() []int { return []int{dns.AutoTTL, 30, 60, 300, 86400, 0} }

func allLimits() []Limits {
	return []Limits{
		{},
		{MinTTL: 60, MaxTTL: 86400, Comment: 100, Tags: -1, Batch: 200},
		{MinTTL: 120, MaxTTL: 300, Comment: 4, Tags: 1},
	}
}

func addresses(t dns.Type) []netip.Addr {
	var addrs []netip.Addr
	for i := range byte(4) {
		if t == dns.A {
			addrs = append(addrs, netip.AddrFrom4([4]byte{192, 0, 2, i + 1}))
		} else {
			addrs = append(addrs, netip.AddrFrom16([16]byte{0x20, 1, 0x0d, 0xb8, 15: i + 1}))
		}
	}
	return addrs
}

// newScene draws a zone with records as hosts may hold them: whole families of
// duplicates, CNAMEs beside addresses, records of others.
func newScene(t testing.TB, d *dice) scene {
	apex := name(t, "example.org")
	names := []dns.Name{apex, name(t, "a.example.org"), name(t, "*.a.example.org")}
	s := scene{zone: Zone{Name: apex, Limits: pick(d, allLimits())}}
	spec := Spec{Owned: pick(d, []*regexp.Regexp{nil, regexp.MustCompile("^homing"), regexp.MustCompile("homing, and")})}
	s.owns = spec.Owns
	for _, n := range names {
		for _, typ := range []dns.Type{dns.A, dns.AAAA} {
			if d.n(4) == 3 {
				continue // not in the settings
			}
			s.targets = append(s.targets, newTarget(d, dns.Key{Name: n, Type: typ}))
		}
		for range d.n(6) {
			s.current = append(s.current, newRecord(d, n, len(s.current)))
		}
	}
	return s
}

func newTarget(d *dice, key dns.Key) Target {
	t := Target{Key: key, State: pick(d, []State{Addresses, Addresses, Addresses, Clear, NotKnown, OutOfScope}),
		Enforce: Fields(d.n(32)) &^ Content, Create: pick(d, []Create{Always, Always, Never}),
		Attrs: Attrs{Proxied: d.yes(), TTL: pick(d, ttls()), Comment: pick(d, comments()), Tags: pick(d, allTags())}}
	if t.State == Addresses {
		all := addresses(key.Type)
		for _, a := range all {
			if d.yes() {
				t.Addrs = append(t.Addrs, a)
			}
		}
		if len(t.Addrs) == 0 {
			t.Addrs = all[:1]
		}
	}
	return t
}

func newRecord(d *dice, n dns.Name, i int) dns.Record {
	r := dns.Record{ID: fmt.Sprintf("r%d", i), Name: n, Proxied: d.yes(), TTL: pick(d, ttls()[:5]),
		Comment: pick(d, comments()), Tags: pick(d, allTags()), ReadOnly: d.n(8) == 7,
		Type: pick(d, []dns.Type{dns.A, dns.A, dns.A, dns.AAAA, dns.AAAA, dns.AAAA, dns.CNAME, dns.NS})}
	if r.Type.IsAddress() {
		r.Addr = pick(d, addresses(r.Type))
	} else {
		r.Text, r.Proxied, r.ReadOnly = "example.net", false, false
	}
	return canonical(r)
}

// FuzzDiff states what Diff promises, over zones in every condition.
func FuzzDiff(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("homing keeps DNS pointing home, whatever stands in the zone"))
	for seed := range uint64(8) {
		f.Add(throw(seed))
	}
	f.Fuzz(checkPromises)
}

// Without the fuzzer the promises are held against a few thousand zones.
func TestDiffKeepsItsPromises(t *testing.T) {
	for seed := range uint64(4000) {
		checkPromises(t, throw(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// throw is the same bytes for the same seed.
func throw(seed uint64) []byte {
	data := make([]byte, 400)
	r := rand.NewPCG(seed, 0)
	for i := range data {
		data[i] = byte(r.Uint64())
	}
	return data
}

func checkPromises(t *testing.T, data []byte) {
	d := &dice{data}
	s := newScene(t, d)
	p := Diff(s.zone, s.targets, s.current, s.owns)
	after := checkSteps(t, s, p)
	checkEnd(t, s, p, after)
	checkOrder(t, s, p, d)
	if again := Diff(s.zone, s.targets, after.records, s.owns); len(again.Changes) > 0 {
		t.Errorf("a second round still changes:\n%s\nafter\n%s", again.Words(), p.Words())
	}
}

// checkSteps carries p out and checks what each change may do.
func checkSteps(t *testing.T, s scene, p Plan) *host {
	h := &host{zone: s.zone, records: slices.Clone(s.current)}
	for _, c := range p.Changes {
		target := s.target(c.Key())
		before := len(h.addrsAt(c.Key()))
		if target == nil || target.State != Addresses && target.State != Clear {
			t.Fatalf("nothing is to change at %s: %s", c.Key(), c.Words())
		}
		if c.Action != ToCreate && (c.Old.ReadOnly || !s.owns(c.Old)) {
			t.Errorf("a record that is not ours is changed: %s", c.Words())
		}
		if c.Action != ToDelete && !s.owns(c.New) {
			t.Errorf("a record is written that is not ours then: %s", c.Words())
		}
		if c.Action == ToCreate && target.Create == Never {
			t.Errorf("a record is created that must not be: %s", c.Words())
		}
		if err := s.zone.Limits.fits(c.New, c.written()); err != nil {
			t.Errorf("%s: %v", c.Words(), err)
		}
		if c.Action == ToUpdate && c.Fields() == 0 {
			t.Errorf("an update changes nothing: %s", c.Words())
		}
		if free := target.Enforce | Content | TTL; c.Action == ToUpdate && c.Fields()&^free != 0 {
			t.Errorf("an attribute is changed that is not enforced: %s", c.Words())
		}
		if c.Fields().Has(TTL) && !target.Enforce.Has(TTL) && !c.Fields().Has(Proxied) {
			t.Errorf("a TTL is changed that is not enforced: %s", c.Words())
		}
		if c.Reason == "" {
			t.Errorf("no reason is given: %s", c.Words())
		}
		if err := h.carryOut(c); err != nil {
			t.Fatalf("%s: %v", c.Words(), err)
		}
		if target.State == Addresses && before > 0 && len(h.addrsAt(c.Key())) == 0 {
			t.Errorf("%s stands without a record after: %s", c.Key(), c.Words())
		}
	}
	return h
}

// written is the fields that a change writes.
func (c Change) written() Fields {
	switch c.Action {
	case ToCreate:
		return every
	case ToUpdate:
		return c.Fields()
	}
	return 0
}

func (s scene) target(key dns.Key) *Target {
	i := slices.IndexFunc(s.targets, func(t Target) bool { return t.Key == key })
	if i < 0 {
		return nil
	}
	return &s.targets[i]
}

// checkEnd checks what stands at each name when p is carried out.
func checkEnd(t *testing.T, s scene, p Plan, after *host) {
	for _, r := range s.current {
		touchable := r.Type.IsAddress() && !r.ReadOnly && s.owns(r)
		if stays := slices.ContainsFunc(after.records, func(a dns.Record) bool { return a.Equal(r) }); !touchable && !stays {
			t.Errorf("a record that is not ours is gone: %+v", r)
		}
	}
	for _, target := range s.targets {
		failed := slices.ContainsFunc(p.Notes, func(n Note) bool { return n.Key == target.Key && n.Failure() })
		ours := slices.DeleteFunc(slices.Clone(after.records), func(r dns.Record) bool {
			return r.Key() != target.Key || r.ReadOnly || !s.owns(r)
		})
		switch {
		case target.State == Clear && len(ours) > 0:
			t.Errorf("%s is not clear: %+v", target.Key, ours)
		case target.State != Addresses || failed:
			continue
		}
		for _, a := range target.Addrs {
			if !slices.Contains(after.addrsAt(target.Key), a) {
				t.Errorf("%s lacks %s, and no note says so:\n%s", target.Key, a, p.Words())
			}
		}
		want, _ := s.zone.Limits.fit(target.Key, target.Attrs)
		for _, r := range ours {
			if wanting := s.unenforced(target, want, r); wanting != 0 {
				t.Errorf("%s: %s of %+v is not as enforced, and no note says so:\n%s", target.Key, wanting, r, p.Words())
			}
			if !slices.Contains(target.Addrs, r.Addr) {
				t.Errorf("%s still says %s:\n%s", target.Key, r.Addr, p.Words())
			}
		}
	}
}

// unenforced is the enforced fields of r that are not as wanted.
func (s scene) unenforced(t Target, want Attrs, r dns.Record) Fields {
	wanted := dns.Record{Type: r.Type, Addr: r.Addr, Proxied: want.Proxied, TTL: want.TTL, Comment: want.Comment, Tags: want.Tags}
	if want.Proxied {
		wanted.TTL = s.zone.Limits.clampTTL(max(t.Attrs.TTL, dns.AutoTTL)) // what counts where r is not proxied
	}
	f := differ(wanted, r) & t.Enforce
	if r.Proxied {
		f &^= TTL
	}
	return f
}

// checkOrder asks again with everything in another order, and checks that
// nothing that was passed in was changed.
func checkOrder(t *testing.T, s scene, p Plan, d *dice) {
	shuffled := scene{zone: s.zone, targets: shuffle(d, s.targets), current: shuffle(d, s.current), owns: s.owns}
	for i := range shuffled.current {
		shuffled.current[i].Tags = shuffle(d, shuffled.current[i].Tags)
	}
	targets, current := clone(shuffled.targets), clone(shuffled.current)
	q := Diff(shuffled.zone, shuffled.targets, shuffled.current, shuffled.owns)
	if !reflect.DeepEqual(targets, shuffled.targets) || !reflect.DeepEqual(current, shuffled.current) {
		t.Error("Diff changes what it is given")
	}
	if p.Kept != q.Kept || !slices.EqualFunc(p.Changes, q.Changes, sameChange) || !reflect.DeepEqual(p.Notes, q.Notes) {
		t.Errorf("another order gives another plan:\n%s\nand\n%s", p.Words(), q.Words())
	}
	keys := map[dns.Key]bool{}
	for i, c := range q.Changes {
		if i > 0 && c.Key() != q.Changes[i-1].Key() && keys[c.Key()] {
			t.Errorf("the changes of %s do not stand together:\n%s", c.Key(), q.Words())
		}
		if rank := []Action{ToUpdate, ToCreate, ToDelete}; i > 0 && c.Key() == q.Changes[i-1].Key() &&
			slices.Index(rank, c.Action) < slices.Index(rank, q.Changes[i-1].Action) {
			t.Errorf("%s comes too late: updates, then creates, then deletes", c.Words())
		}
		keys[c.Key()] = true
	}
}

func sameChange(a, b Change) bool {
	return a.Action == b.Action && a.Reason == b.Reason && a.Old.Equal(b.Old) && a.New.Equal(b.New)
}

func shuffle[T any](d *dice, s []T) []T {
	s = slices.Clone(s)
	for i := range s {
		j := i + d.n(len(s)-i)
		s[i], s[j] = s[j], s[i]
	}
	return s
}

// clone copies a list and what hangs on it.
func clone[T any](s []T) []T {
	out := slices.Clone(s)
	for i := range out {
		switch v := any(&out[i]).(type) {
		case *Target:
			v.Addrs, v.Attrs.Tags = slices.Clone(v.Addrs), slices.Clone(v.Attrs.Tags)
		case *dns.Record:
			v.Tags = slices.Clone(v.Tags)
		}
	}
	return out
}
