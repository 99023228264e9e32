package providertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

func listTests() []test {
	return []test{
		{"a list that is not there has no ID and is no error", func(s *session) {
			s.Lists.Seed(s.T, s.list("another"), item("192.0.2.9/32", "theirs"))
			if got := s.readList(s.list("home")); got.ID != "" || len(got.Items) != 0 {
				s.Errorf("read is %v", got)
			}
		}, nil},
		{"a list is read whole, whoever made its items", func(s *session) {
			s.seedList(s.list("home"), item("192.0.2.1/32", "homing"), item("198.51.100.0/24", "theirs"),
				item("2001:db8:1:2::/64", "homing"), item("2001:db8::1/128", ""))
		}, nil},
		{"a list that is empty is there", func(s *session) {
			s.Lists.Seed(s.T, s.list("home"))
			if got := s.readList(s.list("home")); got.ID == "" || len(got.Items) != 0 {
				s.Errorf("read is %v", got)
			}
		}, nil},
		{"a list is made when something is to be put into it", func(s *session) {
			home := s.list("home")
			four, six := item("192.0.2.1/32", "homing"), item("2001:db8:1:2::/64", "homing ünd")
			got := s.applyList(home, provider.List{}, addItem(four), addItem(six))
			if got.ID == "" {
				s.Error("it has no ID")
			}
			s.keeps(home, four, six)
			if text, _, _ := s.Lists.Stored(s.T, home); text != home.Description {
				s.Errorf("its description is %q", text)
			}
		}, nil},
		{"what a list takes is known before it is made", func(s *session) {
			home := s.list("home")
			before := s.readList(home)
			made := s.applyList(home, before, addItem(item("192.0.2.1/32", "homing")))
			if again := s.readList(home); before.ID != "" || before.Limits != made.Limits || before.Limits != again.Limits {
				s.Errorf("%+v, then %+v, and read again %+v", before.Limits, made.Limits, again.Limits)
			}
		}, nil},
		{"no change is no change of a list", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"))
			s.applyList(home, held)
			s.keeps(home, item("192.0.2.1/32", "homing"))
			s.applyList(s.list("office"), provider.List{})
			s.absentList(s.list("office"))
		}, nil},
		{"what is new is added and what is old removed, and the rest stays as it is", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"), item("203.0.113.7/32", "theirs"), item("203.0.113.0/24", "homing"))
			theirs := s.at(held, "203.0.113.7/32")
			got := s.applyList(home, held, addItem(item("192.0.2.2/32", "homing")), dropItem(s.at(held, "192.0.2.1/32")))
			s.keeps(home, item("192.0.2.2/32", "homing"), item("203.0.113.7/32", "theirs"), item("203.0.113.0/24", "homing"))
			if s.at(got, "203.0.113.7/32") != theirs {
				s.Errorf("it was %v, and is %v", theirs, s.at(got, "203.0.113.7/32"))
			}
		}, nil},
		{"removing the last item keeps the list", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"))
			s.applyList(home, held, dropItem(held.Items[0]))
			s.keeps(home)
		}, nil},
		{"an item that somebody else removed is removed", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"), item("192.0.2.2/32", "homing"))
			first := s.at(held, "192.0.2.1/32")
			now := s.applyList(home, held, dropItem(first))
			s.applyList(home, held, dropItem(first))
			s.applyList(home, now, dropItem(first), dropItem(s.at(now, "192.0.2.2/32")))
			s.keeps(home)
		}, nil},
		{"an item that somebody else added meanwhile is stale and keeps its comment", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"))
			s.Lists.Seed(s.T, home, item("192.0.2.1/32", "homing"), item("192.0.2.2/32", "theirs"))
			if kind := s.failList(s.Context(), home, held, addItem(item("192.0.2.2/32", "homing")), dropItem(held.Items[0])); kind != provider.Stale {
				s.Errorf("it is %s", kind)
			}
			s.keeps(home, item("192.0.2.1/32", "homing"), item("192.0.2.2/32", "theirs"))
		}, nil},
		{"a list that somebody else made meanwhile is stale", func(s *session) {
			home := s.list("home")
			s.Lists.Seed(s.T, home, item("192.0.2.1/32", "theirs"))
			if kind := s.failList(s.Context(), home, provider.List{}, addItem(item("192.0.2.2/32", "homing"))); kind != provider.Stale {
				s.Errorf("it is %s", kind)
			}
			s.keeps(home, item("192.0.2.1/32", "theirs"))
		}, nil},
		{"a list that is gone is stale", func(s *session) {
			home := s.list("home")
			held := provider.List{ID: absent, Items: []plan.ListItem{{ID: absent, Prefix: item("192.0.2.1/32", "").Prefix}}}
			if kind := s.failList(s.Context(), home, held, addItem(item("192.0.2.2/32", "homing"))); kind != provider.Stale {
				s.Errorf("it is %s", kind)
			}
			s.absentList(home)
		}, nil},
		{"more items than a page has are read and written", func(s *session) {
			home := s.list("home")
			var adds, drops []plan.ListChange
			for i := range 700 {
				adds = append(adds, addItem(item(fmt.Sprintf("198.51.%d.%d/32", 100+i/250, 1+i%250), "homing")))
			}
			got := s.applyList(home, provider.List{}, adds...)
			if len(got.Items) != len(adds) {
				s.Fatalf("%d items are listed, want %d", len(got.Items), len(adds))
			}
			for _, i := range got.Items {
				drops = append(drops, dropItem(i))
			}
			s.applyList(home, got, drops...)
			s.keeps(home)
		}, nil},
		{"two lists may be worked on at once", func(s *session) {
			var wg sync.WaitGroup
			for _, name := range []string{"home", "office"} {
				wg.Go(func() {
					l := s.list(name)
					if _, err := s.lists().ApplyList(s.Context(), l, provider.List{}, []plan.ListChange{addItem(item("192.0.2.1/32", name))}); err != nil {
						s.Errorf("%s: %v", name, err)
					}
					if got, err := s.lists().List(s.Context(), l); err != nil || len(got.Items) != 1 {
						s.Errorf("%s: %v, %v", name, got, err)
					}
				})
			}
			wg.Wait()
			s.keeps(s.list("home"), item("192.0.2.1/32", "home"))
			s.keeps(s.list("office"), item("192.0.2.1/32", "office"))
		}, nil},
		{"a list whose context is done is neither read nor written", func(s *session) {
			home, office := s.list("home"), s.list("office")
			held := s.seedList(home, item("192.0.2.1/32", "homing"))
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			start := time.Now()
			for l, held := range map[plan.List]provider.List{home: held, office: {}} {
				if kind := s.failList(ctx, l, held, addItem(item("192.0.2.2/32", "homing"))); kind != provider.NotTried {
					s.Errorf("%s: it is %s", l.Name, kind)
				}
			}
			if _, err := s.lists().List(ctx, home); err == nil {
				s.Error("it is said to be read")
			}
			s.soon(start)
			s.keeps(home, item("192.0.2.1/32", "homing"))
			s.absentList(office)
		}, nil},
	}
}

func listFaultTests() []test {
	return []test{
		{"nothing is removed when the adding failed", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"))
			s.Lists.RefuseItems(s.T)
			s.failList(s.Context(), home, held, dropItem(held.Items[0]), addItem(item("192.0.2.2/32", "homing")))
			s.keeps(home, item("192.0.2.1/32", "homing"))
		}, nil},
		{"a list that cannot be read is an error, not absent and not empty", func(s *session) {
			home := s.list("home")
			s.seedList(home, item("192.0.2.1/32", "homing"))
			s.Faults.GoDown(s.T)
			got, err := s.lists().List(s.Context(), home)
			if err == nil {
				s.Fatalf("read is %v", got)
			}
			s.kind(err)
		}, nil},
		{"a write of a list to a host that is down is not said to be done", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"))
			s.Faults.GoDown(s.T)
			s.failList(s.Context(), home, held, addItem(item("192.0.2.2/32", "homing")), dropItem(held.Items[0]))
			s.keeps(home, item("192.0.2.1/32", "homing"))
		}, nil},
		{"a write of a list whose answer is lost is unconfirmed, and nothing is written after it", func(s *session) {
			home := s.list("home")
			held := s.seedList(home, item("192.0.2.1/32", "homing"))
			s.Faults.LoseAnswers(s.T)
			kind := s.failList(s.Context(), home, held, addItem(item("192.0.2.2/32", "homing")), dropItem(held.Items[0]))
			if kind != provider.Unconfirmed {
				s.Errorf("it is %s", kind)
			}
			_, items, _ := s.Lists.Stored(s.T, home)
			if !strings.HasPrefix(itemLines(items)[0], "192.0.2.1/32") {
				s.Errorf("removed although the adding is not confirmed: %v", items)
			}
		}, nil},
	}
}
