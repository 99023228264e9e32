package plan

import (
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/addr"
)

// listHost is an IP list as Cloudflare keeps it.
type listHost struct {
	items []ListItem
	last  int
}

// listLimits are what it takes.
func listLimits() ListLimits { return ListLimits{Comment: 500, IPv4: 8, IPv6: 12} }

// carryOut is what the host holds after c; an error is a change that would be
// refused, or would replace what somebody else wrote.
func (h *listHost) carryOut(c ListChange) error {
	i := slices.IndexFunc(h.items, func(i ListItem) bool {
		return c.Action == ToDelete && i == c.Item || c.Action == ToCreate && i.Prefix == c.Item.Prefix
	})
	switch {
	case c.Action == ToDelete && i >= 0:
		h.items = slices.Delete(slices.Clone(h.items), i, i+1)
	case c.Action == ToDelete:
		return fmt.Errorf("the list does not hold %+v", c.Item)
	case i >= 0:
		return fmt.Errorf("%+v would be replaced", h.items[i])
	case c.Item.Prefix != c.Item.Prefix.Masked():
		return fmt.Errorf("%s has host bits", c.Item.Prefix)
	case utf8.RuneCountInString(c.Item.Comment) > 500:
		return fmt.Errorf("the comment is too long")
	default:
		h.last++
		c.Item.ID = fmt.Sprintf("new%d", h.last)
		h.items = append(slices.Clone(h.items), c.Item)
	}
	return nil
}

// listScene is one question to DiffList.
type listScene struct {
	list  List
	seen  Seen
	items []ListItem
	owns  func(ListItem) bool
}

func listPrefixes(f addr.Family) []netip.Prefix {
	if f == addr.IPv4 {
		return prefixes("192.0.2.1/32", "192.0.2.0/24", "192.0.2.128/25", "192.0.0.0/8", "198.51.100.1/32", "192.0.0.0/7")
	}
	return prefixes("2001:db8::1/128", "2001:db8::/64", "2001:db8::/32", "2001:db8:1::/64", "2000::/12", "2000::/11")
}

func newListScene(d *dice) listScene {
	long := strings.Repeat("é", 600)
	spec := Spec{OwnedItems: pick(d, []*regexp.Regexp{nil, regexp.MustCompile("^homing"), regexp.MustCompile("^é+$")})}
	s := listScene{list: List{Name: "home", Comment: pick(d, append(comments(), long))}, seen: Seen{}, owns: spec.OwnsItem}
	taken := map[netip.Prefix]bool{}
	for _, f := range addr.Families() {
		for g, o := range drawSeen(d, f) {
			s.seen[g] = o
		}
		if d.yes() { // what lies in one another, and what no list takes
			s.seen[Here(f)] = addr.Known(pick(d, listPrefixes(f)), pick(d, listPrefixes(f)), pick(d, listPrefixes(f)))
		}
		for range d.n(5) {
			if p := pick(d, listPrefixes(f)); !taken[p] {
				taken[p] = true
				s.items = append(s.items, ListItem{ID: fmt.Sprint(len(s.items)), Prefix: p, Comment: pick(d, comments())})
			}
		}
	}
	return s
}

// FuzzDiffList states what DiffList promises, over lists in every condition.
func FuzzDiffList(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("homing keeps a list of where home is, among what others keep there"))
	for seed := range uint64(8) {
		f.Add(throw(seed))
	}
	f.Fuzz(checkListPromises)
}

// Without the fuzzer the promises are held against a few thousand lists.
func TestDiffListKeepsItsPromises(t *testing.T) {
	for seed := range uint64(4000) {
		checkListPromises(t, throw(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func checkListPromises(t *testing.T, data []byte) {
	d := &dice{data}
	s := newListScene(d)
	p := DiffList(s.list, listLimits(), s.seen, Memory{}, s.items, s.owns)
	h := &listHost{items: s.items}
	for _, c := range p.Changes {
		if !s.owns(c.Item) || c.Reason == "" || !s.seen[Here(familyOf(c.Item.Prefix))].Known() {
			t.Errorf("not to be changed, or without a reason: %+v", c)
		}
		if err := h.carryOut(c); err != nil {
			t.Fatalf("%s: %v", c.Step(), err)
		}
	}
	if !slices.IsSortedFunc(p.Changes, func(a, b ListChange) int { return int(a.Action) - int(b.Action) }) {
		t.Errorf("something is deleted before all is created:\n%s", p.Words())
	}
	for _, f := range addr.Families() {
		s.checkFamily(t, f, p, h.items)
	}
	if again := DiffList(s.list, listLimits(), s.seen, Memory{}, h.items, s.owns); len(again.Changes) > 0 {
		t.Errorf("a second round still changes:\n%s\nafter\n%s", again.Words(), p.Words())
	}
	shuffled := shuffle(d, s.items)
	given := slices.Clone(shuffled)
	if q := DiffList(s.list, listLimits(), s.seen, Memory{}, shuffled, s.owns); !reflect.DeepEqual(p, q) {
		t.Errorf("another order gives another plan:\n%s\nand\n%s", p.Words(), q.Words())
	}
	if !slices.Equal(given, shuffled) {
		t.Error("DiffList changes what it is given")
	}
}

func familyOf(p netip.Prefix) addr.Family {
	if p.Addr().Is4() {
		return addr.IPv4
	}
	return addr.IPv6
}

// checkFamily checks what the list holds of f when p is carried out.
func (s listScene) checkFamily(t *testing.T, f addr.Family, p ListPlan, after []ListItem) {
	failed := slices.ContainsFunc(p.Notes, ListNote.Failure)
	changed := slices.ContainsFunc(p.Changes, func(c ListChange) bool { return familyOf(c.Item.Prefix) == f })
	observed := s.seen[Here(f)].Prefixes()
	if refused := slices.ContainsFunc(observed, func(p netip.Prefix) bool {
		return f == addr.IPv4 && p.Bits() < 8 || f == addr.IPv6 && p.Bits() < 12
	}); refused && (!failed || changed) {
		t.Errorf("no list takes one of %s; failed %v, changed %v", observed, failed, changed)
	}
	if failed && !changed {
		return
	}
	for _, o := range observed {
		if !slices.ContainsFunc(after, func(i ListItem) bool { return i.Prefix.Bits() <= o.Bits() && i.Prefix.Contains(o.Addr()) }) {
			t.Errorf("%s is not covered, and no note says so:\n%s", o, p.Words())
		}
	}
	for _, i := range after {
		useful := slices.ContainsFunc(observed, func(o netip.Prefix) bool { return i.Prefix.Bits() <= o.Bits() && i.Prefix.Contains(o.Addr()) })
		if s.seen[Here(f)].Known() && familyOf(i.Prefix) == f && s.owns(i) && !useful {
			t.Errorf("%s is left over:\n%s", i.Prefix, p.Words())
		}
	}
}

func TestAMissingListWithNothingToHoldIsNotMade(t *testing.T) {
	for _, seen := range []Seen{nil, {}, {Here(addr.IPv4): {}}, NoAddresses(Here(addr.IPv4), Here(addr.IPv6))} {
		if p := DiffList(List{Name: "home"}, listLimits(), seen, Memory{}, nil, Spec{}.OwnsItem); len(p.Changes) > 0 || len(p.Notes) > 0 {
			t.Errorf("%v:\n%s", seen, p.Words())
		}
	}
}

func TestAnItemThatIsNoPrefixIsNotTouched(t *testing.T) {
	items := []ListItem{{ID: "i1"}, {ID: "i2", Prefix: netip.MustParsePrefix("::ffff:192.0.2.1/128")}}
	if p := DiffList(List{Name: "home"}, listLimits(), NoAddresses(Here(addr.IPv4), Here(addr.IPv6)), Memory{}, items, Spec{}.OwnsItem); len(p.Changes) > 0 {
		t.Error(p.Words())
	}
}

func TestWithoutLimitsTheHostDecides(t *testing.T) {
	l := List{Name: "home", Comment: strings.Repeat("x", 600)}
	p := DiffList(l, ListLimits{}, Seen{Here(addr.IPv4): addr.Known(prefixes("192.0.0.0/7")...)}, Memory{}, nil, Spec{}.OwnsItem)
	if len(p.Notes) > 0 || len(p.Changes) != 1 || p.Changes[0].Item.Comment != l.Comment {
		t.Error(p.Words())
	}
}
