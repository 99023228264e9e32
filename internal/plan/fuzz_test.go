package plan

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
)

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
	checkSets(t, s, p, after)
	checkEnd(t, s, p, after)
	checkOrder(t, s, p, d)
	if again := Diff(s.zone, s.targets, after.records, s.owns); len(again.Sets) > 0 {
		t.Errorf("a second round still changes:\n%s\nafter\n%s", again.Words(), p.Words())
	}
}

// checkSets checks that each set says all that stands there, before and after,
// so that a host that writes whole sets leaves nobody's value out.
func checkSets(t *testing.T, s scene, p Plan, after *host) {
	for _, set := range p.Sets {
		if len(set.Changes) == 0 {
			t.Errorf("%s is to change, and nothing changes", set.Key)
		}
		if !slices.EqualFunc(set.Records, at(s.current, set.Key), func(a, b dns.Record) bool { return a.Equal(&b) }) {
			t.Errorf("%s is said to hold %+v", set.Key, set.Records)
		}
		if want := at(after.records, set.Key); !slices.EqualFunc(set.After(), want, func(a, b dns.Record) bool {
			b.ID = a.ID
			return a.Equal(&b)
		}) {
			t.Errorf("%s is to be %+v, and becomes %+v", set.Key, set.After(), want)
		}
	}
}

// at is the records of one RRset, in their order.
func at(records []dns.Record, key dns.Key) []dns.Record {
	here := slices.DeleteFunc(slices.Clone(records), func(r dns.Record) bool { return r.Key() != key })
	dns.SortRecords(here)
	return here
}

// checkSteps carries p out and checks what each change may do.
func checkSteps(t *testing.T, s scene, p Plan) *host {
	h := &host{zone: s.zone, records: slices.Clone(s.current)}
	for _, set := range p.Sets {
		if s.zone.Limits.OneTTL || s.zone.Limits.OneMark {
			defer h.put(t, set) // such a host is given whole sets
		}
	}
	for _, c := range p.Changes() {
		target := s.target(c.Key())
		if target == nil && s.owner != "" {
			s.checkMark(t, c)
			if !s.zone.Limits.OneTTL && !s.zone.Limits.OneMark {
				if err := h.carryOut(c); err != nil {
					t.Fatalf("%s: %v", c.Words(), err)
				}
			}
			continue
		}
		before := len(h.dataAt(c.Key()))
		if target == nil || target.State != Values && target.State != Clear {
			t.Fatalf("nothing is to change at %s: %s", c.Key(), c.Words())
		}
		if c.Action != ToCreate && !s.ours(c.Old) {
			t.Errorf("a record that is not ours is changed: %s", c.Words())
		}
		if c.Action != ToDelete && !s.owner0().ours(c.New) {
			t.Errorf("a record is written that is not ours then: %s", c.Words())
		}
		if c.Action == ToCreate && (target.Create == Never || s.zone.Limits.NoCreate) {
			t.Errorf("a record is created that must not be: %s", c.Words())
		}
		if err := s.zone.Limits.fits(c.New, c.written()); err != nil {
			t.Errorf("%s: %v", c.Words(), err)
		}
		if c.Action == ToUpdate && c.Fields() == 0 {
			t.Errorf("an update changes nothing: %s", c.Words())
		}
		free := target.Enforce | Content | TTL
		if s.owner != "" {
			free |= Comment // for the mark
		}
		if c.Action == ToUpdate && c.Fields()&^free != 0 {
			t.Errorf("an attribute is changed that is not enforced: %s", c.Words())
		}
		if c.Fields().Has(TTL) && !target.Enforce.Has(TTL) && !c.Fields().Has(Proxied) {
			t.Errorf("a TTL is changed that is not enforced: %s", c.Words())
		}
		if c.Reason == "" {
			t.Errorf("no reason is given: %s", c.Words())
		}
		if s.zone.Limits.OneTTL || s.zone.Limits.OneMark {
			continue
		}
		if err := h.carryOut(c); err != nil {
			t.Fatalf("%s: %v", c.Words(), err)
		}
		if target.State == Values && before > 0 && len(h.dataAt(c.Key())) == 0 {
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
		if id, marked := ownerInTXT(r); marked && id == s.owner && s.target(r.Key()) == nil {
			continue // checkMark says whether that may go
		}
		if stays := slices.ContainsFunc(after.records, func(a dns.Record) bool { return a.Equal(&r) }); !s.ours(r) && !stays {
			t.Errorf("a record that is not ours is gone: %+v", r)
		}
	}
	for _, target := range s.targets {
		if was, is := policies(s.current, target.Key), policies(after.records, target.Key); is > max(1, was) {
			t.Errorf("%s has %d SPF policies, after %d:\n%s", target.Key, is, was, p.Words())
		}
		failed := slices.ContainsFunc(p.Notes, func(n Note) bool { return n.Key == target.Key && n.Failure() })
		ours := slices.DeleteFunc(slices.Clone(after.records), func(r dns.Record) bool {
			return r.Key() != target.Key || !s.ours(r)
		})
		switch {
		case len(ours) > cmp.Or(s.zone.Limits.Values, len(ours)):
			t.Errorf("%s has no room for %+v", target.Key, ours)
		case target.Unfit != nil && !failed:
			t.Errorf("%s: no note says that a host id does not fit", target.Key)
		case target.State == Clear && target.Leftovers == Keep:
			s.checkWritten(t, p, target, ours, failed)
		case target.State == Clear && len(ours) > 0:
			t.Errorf("%s is not clear: %+v", target.Key, ours)
		case target.State == Values && !failed:
			s.checkAddresses(t, p, target, after, ours)
		}
		if target.State == Values && target.Leftovers == Keep {
			s.checkKept(t, p, target)
		}
	}
}

// policies is how many SPF policies stand at a key.
func policies(records []dns.Record, key dns.Key) (n int) {
	for _, r := range at(records, key) {
		if isSPF(r.Data().JoinedText()) {
			n++
		}
	}
	return n
}

// checkWritten checks that where others are to stay exactly those go that homing
// is known to have written, and that it is told where there are only others.
func (s scene) checkWritten(t *testing.T, p Plan, target Target, left []dns.Record, failed bool) {
	wrote := func(r dns.Record) bool { return slices.Contains(target.Wrote, r.Data()) }
	if slices.ContainsFunc(left, wrote) {
		t.Errorf("%s: what homing wrote is left: %+v", target.Key, left)
	}
	deleted := 0
	for _, c := range p.Changes() {
		if c.Key() == target.Key {
			if deleted++; !wrote(c.Old) {
				t.Errorf("what homing is not known to have written is deleted: %s", c.Words())
			}
		}
	}
	if failed != (deleted == 0 && len(left) > 0) {
		t.Errorf("%s: %d deleted, %d left, a failure: %t", target.Key, deleted, len(left), failed)
	}
}

// checkAddresses checks that the wanted addresses are there, and who says them.
func (s scene) checkAddresses(t *testing.T, p Plan, target Target, after *host, ours []dns.Record) {
	want, _ := s.zone.Limits.fit(target.Key, target.Attrs)
	noted := func(code NoteCode) bool {
		return slices.ContainsFunc(p.Notes, func(n Note) bool { return n.Key == target.Key && n.Code == code })
	}
	right := func(r dns.Record) bool { return s.unenforced(target, want, r) == 0 || noted(Shared) }
	for _, a := range target.Values {
		says := func(r dns.Record) bool { return r.Data() == a }
		mine := slices.ContainsFunc(ours, says)
		if !slices.Contains(after.dataAt(target.Key), a) && !noted(ValuesCut) {
			t.Errorf("%s lacks %s, and no note says so:\n%s", target.Key, a, p.Words())
		}
		if mine && !slices.ContainsFunc(ours, func(r dns.Record) bool { return says(r) && right(r) }) && !s.foreign(target.Key, a) {
			t.Errorf("%s: what says %s is not as enforced, and no note says so:\n%s", target.Key, a, p.Words())
		}
	}
	if target.Leftovers == Keep {
		return
	}
	for i, r := range ours {
		if !right(r) {
			t.Errorf("%+v is not as enforced, and no note says so:\n%s", r, p.Words())
		}
		if !slices.Contains(target.Values, r.Data()) {
			t.Errorf("%s still says %s:\n%s", target.Key, r.Content(), p.Words())
		}
		if slices.ContainsFunc(ours[:i], func(o dns.Record) bool { return o.Data() == r.Data() }) {
			t.Errorf("%s says %s twice:\n%s", target.Key, r.Content(), p.Words())
		}
	}
}

// foreign reports whether somebody else says a already.
func (s scene) foreign(key dns.Key, d dns.Data) bool {
	return slices.ContainsFunc(s.current, func(r dns.Record) bool {
		return r.Key() == key && r.Data() == d && !s.ours(r)
	})
}

// ours reports whether a record is homing's to change.
func (s scene) ours(r dns.Record) bool {
	target := s.target(r.Key())
	if r.Type == dns.TXT && (target == nil || !target.Content.owns(r)) {
		return false
	}
	return (r.Type.IsAddress() || r.Type == dns.TXT) && !r.ReadOnly && s.owns(r) && (s.owner == "" || target == nil || s.marks(*target, r))
}

// owner0 is the scene with nobody's marks.
func (s scene) owner0() scene {
	s.owner = ""
	return s
}

// marks reports whether r is ours by the marks that stand in the zone, or is to be
// marked.
func (s scene) marks(target Target, r dns.Record) bool {
	in := (&rrset{Target: target, limits: s.zone.Limits, here: at(s.current, target.Key)}).marksInComment()
	id, marked := ownerInComment(r.Comment)
	ours, theirs := marked && id == s.owner && in, marked && id != s.owner
	if theirs {
		return false
	}
	theirs = theirs || r.Type.IsAddress() && slices.ContainsFunc(s.current, func(o dns.Record) bool {
		id, marked := ownerInComment(o.Comment)
		if o.Type == dns.TXT {
			id, marked = ownerInTXT(o)
		}
		return o.Name == r.Name && (o.Type.IsAddress() || o.Type == dns.TXT) && marked && id != s.owner
	})
	for _, typ := range typesSharingMark(r.Type) {
		n, _ := markName(dns.Key{Name: r.Name, Type: typ}, s.zone.Name)
		var owners []string
		for _, m := range at(s.current, dns.Key{Name: n, Type: dns.TXT}) {
			if id, marked := ownerInTXT(m); marked {
				owners = append(owners, id)
			}
		}
		strange := slices.ContainsFunc(owners, func(id string) bool { return id != s.owner })
		theirs = theirs || strange
		ours = ours || !in && typ == r.Type && len(owners) > 0 && !strange
	}
	if ours {
		return true
	}
	said := slices.Contains(target.Values, r.Data()) || (&rrset{Target: target}).publishedAt(r) >= 0 || slices.Contains(target.Wrote, r.Data())
	return !theirs && said && target.State == Values
}

// checkMark checks a change of a TXT record beside a name.
func (s scene) checkMark(t *testing.T, c Change) {
	i := slices.IndexFunc(s.targets, func(target Target) bool {
		n, _ := markName(target.Key, s.zone.Name)
		return n == c.Key().Name
	})
	r := c.New
	if c.Action == ToDelete {
		r = c.Old
	}
	if id, marked := ownerInTXT(r); i < 0 || !marked || id != s.owner || c.Action == ToUpdate || c.Reason == "" {
		t.Fatalf("what is no mark of ours is changed: %s", c.Words())
	}
	if clear := s.targets[i].State == Clear; clear != (c.Action == ToDelete) {
		t.Errorf("%s in the state %s", c.Words(), s.targets[i].State)
	}
}

// checkKept checks that no more records than needed are written where
// leftovers are kept, and that none goes.
func (s scene) checkKept(t *testing.T, p Plan, target Target) {
	written, missing := 0, len(target.Values)
	for _, a := range target.Values {
		if slices.ContainsFunc(s.current, func(r dns.Record) bool { return r.Key() == target.Key && r.Data() == a }) {
			missing--
		}
	}
	published := func(r dns.Record) bool { return (&rrset{Target: target}).publishedAt(r) >= 0 }
	free := func(r dns.Record) bool { // to be changed, because nobody wants what it says
		return r.Key() == target.Key && s.ours(r) && !slices.Contains(target.Values, r.Data())
	}
	known := slices.ContainsFunc(s.current, func(r dns.Record) bool { return free(r) && published(r) })
	for _, c := range p.Changes() {
		switch {
		case c.Key() != target.Key:
		case c.Action == ToDelete:
			t.Errorf("a leftover is deleted: %s", c.Words())
		case c.Fields().Has(Content) && known && !published(c.Old):
			t.Errorf("another record is changed than the one that homing published: %s", c.Words())
		case c.Action == ToCreate, c.Fields().Has(Content):
			written++
		}
	}
	if written > missing {
		t.Errorf("%s lacks %d addresses, and yet:\n%s", target.Key, missing, p.Words())
	}
}

// unenforced is the enforced fields of r that are not as wanted.
func (s scene) unenforced(t Target, want Attrs, r dns.Record) Fields {
	want.Comment = (&rrset{Target: t, limits: s.zone.Limits, here: at(s.current, t.Key)}).withMark(want.Comment)
	wanted := dns.Record{Type: r.Type, Addr: r.Addr, Text: r.Text, Proxied: want.Proxied, TTL: want.TTL, Comment: want.Comment, Tags: want.Tags}
	if want.Proxied {
		wanted.TTL = s.zone.Limits.clampTTL(max(t.Attrs.TTL, dns.AutoTTL)) // what counts where r is not proxied
	}
	f := Differ(&wanted, &r) & t.Enforce
	if r.Proxied {
		f &^= TTL
	}
	return f
}

// checkOrder asks again with everything in another order, and checks that
// nothing that was passed in was changed.
func checkOrder(t *testing.T, s scene, p Plan, d *dice) {
	shuffled := scene{zone: s.zone, targets: shuffle(d, s.targets), current: shuffle(d, s.current), owns: s.owns, owner: s.owner}
	for i := range shuffled.current {
		shuffled.current[i].Tags = shuffle(d, shuffled.current[i].Tags)
	}
	targets, current := clone(shuffled.targets), clone(shuffled.current)
	q := Diff(shuffled.zone, shuffled.targets, shuffled.current, shuffled.owns)
	if !reflect.DeepEqual(targets, shuffled.targets) || !reflect.DeepEqual(current, shuffled.current) {
		t.Error("Diff changes what it is given")
	}
	renamed := slices.Clone(s.current)
	for i := range renamed { // the ids of the host mean nothing
		renamed[i].ID = fmt.Sprint(len(renamed) - i)
	}
	if again := Diff(s.zone, s.targets, renamed, s.owns); again.Words() != p.Words() {
		t.Errorf("other ids give another plan:\n%s\nand\n%s", p.Words(), again.Words())
	}
	if p.Kept != q.Kept || !slices.EqualFunc(p.Changes(), q.Changes(), sameChange) || !reflect.DeepEqual(p.Notes, q.Notes) {
		t.Errorf("another order gives another plan:\n%s\nand\n%s", p.Words(), q.Words())
	}
	keys := map[dns.Key]bool{}
	for i, c := range q.Changes() {
		if i > 0 && c.Key() != q.Changes()[i-1].Key() && keys[c.Key()] {
			t.Errorf("the changes of %s do not stand together:\n%s", c.Key(), q.Words())
		}
		if rank := []Action{ToUpdate, ToCreate, ToDelete}; i > 0 && c.Key() == q.Changes()[i-1].Key() &&
			slices.Index(rank, c.Action) < slices.Index(rank, q.Changes()[i-1].Action) {
			t.Errorf("%s comes too late: updates, then creates, then deletes", c.Words())
		}
		keys[c.Key()] = true
	}
}

func sameChange(a, b Change) bool {
	return a.Action == b.Action && a.Reason == b.Reason && a.Old.Equal(&b.Old) && a.New.Equal(&b.New)
}
