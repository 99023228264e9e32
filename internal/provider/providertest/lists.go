package providertest

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// ListHost is a way into the lists of a host that does not use the provider.
// There is no list when a test begins, and room for two.
type ListHost struct {
	Account string // where the lists are

	// Seed stores a list with these items, without their IDs, as somebody else would.
	Seed func(t *testing.T, l plan.List, items ...plan.ListItem)
	// Stored is the description and the items of a list; ok is false where there is none.
	Stored func(t *testing.T, l plan.List) (description string, items []plan.ListItem, ok bool)
	// RefuseItems makes every following adding of items fail.
	RefuseItems func(t *testing.T)
}

// lists is the provider as one that keeps lists.
func (s *session) lists() provider.Lists {
	s.Helper()
	l, ok := s.Provider.(provider.Lists)
	if !ok {
		s.Fatalf("%T keeps no lists", s.Provider)
	}
	return l
}

// list is a list of the host by its name.
func (s *session) list(name string) plan.List {
	return plan.List{Account: s.Lists.Account, Name: name, Description: "the addresses of home", Comment: "homing"}
}

func (s *session) readList(l plan.List) provider.List {
	s.Helper()
	got, err := s.lists().List(s.Context(), l)
	if err != nil {
		s.Fatal(err)
	}
	return got
}

// seedList stores a list and reads it.
func (s *session) seedList(l plan.List, items ...plan.ListItem) provider.List {
	s.Helper()
	s.Lists.Seed(s.T, l, items...)
	got := s.readList(l)
	if got.ID == "" || !slices.Equal(itemLines(got.Items), itemLines(items)) {
		s.Fatalf("%q was seeded, and read is %q of %q", itemLines(items), itemLines(got.Items), got.ID)
	}
	return got
}

// applyList carries out changes; what comes back must be what a fresh read says.
func (s *session) applyList(l plan.List, held provider.List, changes ...plan.ListChange) provider.List {
	s.Helper()
	got, err := s.lists().ApplyList(s.Context(), l, held, changes)
	if err != nil {
		s.Fatalf("%s: %v", s.kind(err), err)
	}
	fresh := s.readList(l)
	if got.ID != fresh.ID || !slices.Equal(byID(got.Items), byID(fresh.Items)) {
		s.Errorf("it came back as %q %v, and a fresh read says %q %v", got.ID, got.Items, fresh.ID, fresh.Items)
	}
	return got
}

// failList carries out changes, which must fail.
func (s *session) failList(ctx context.Context, l plan.List, held provider.List, changes ...plan.ListChange) provider.Kind {
	s.Helper()
	got, err := s.lists().ApplyList(ctx, l, held, changes)
	if err == nil {
		s.Fatalf("no error, and the list is said to be %v", got)
	}
	return s.kind(err)
}

// keeps fails unless the list holds just these items, IDs aside.
func (s *session) keeps(l plan.List, want ...plan.ListItem) {
	s.Helper()
	_, items, ok := s.Lists.Stored(s.T, l)
	if got, wanted := itemLines(items), itemLines(want); !ok || !slices.Equal(got, wanted) {
		s.Errorf("the list %s (there: %t) holds\n\t%s\nwant\n\t%s", l.Name, ok, strings.Join(got, "\n\t"), strings.Join(wanted, "\n\t"))
	}
}

func (s *session) absentList(l plan.List) {
	s.Helper()
	if _, items, ok := s.Lists.Stored(s.T, l); ok {
		s.Errorf("there is a list %s, with %v", l.Name, items)
	}
}

func item(prefix, comment string) plan.ListItem {
	return plan.ListItem{Prefix: netip.MustParsePrefix(prefix), Comment: comment}
}

func addItem(i plan.ListItem) plan.ListChange {
	return plan.ListChange{Action: plan.ToCreate, Item: i}
}

func dropItem(i plan.ListItem) plan.ListChange {
	return plan.ListChange{Action: plan.ToDelete, Item: i}
}

// at is the item of a list with this prefix.
func (s *session) at(l provider.List, prefix string) plan.ListItem {
	s.Helper()
	for _, i := range l.Items {
		if i.Prefix == netip.MustParsePrefix(prefix) {
			return i
		}
	}
	s.Fatalf("there is no %s in %v", prefix, l.Items)
	return plan.ListItem{}
}

func itemLines(items []plan.ListItem) []string {
	all := make([]string, len(items))
	for i, it := range items {
		all[i] = it.Prefix.String() + " " + it.Comment
	}
	slices.Sort(all)
	return all
}

func byID(items []plan.ListItem) []plan.ListItem {
	return slices.SortedFunc(slices.Values(items), func(a, b plan.ListItem) int { return strings.Compare(a.ID, b.ID) })
}

// soon fails when a call whose context was done took long since start.
func (s *session) soon(start time.Time) {
	s.Helper()
	if took := time.Since(start); took > promptly {
		s.Errorf("it took %s", took)
	}
}
