package status_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web/webtest"
)

// lived is a board over a house, and a function that makes a round.
func lived(n int) (*webtest.House, *status.Board, func() []status.Event) {
	h := webtest.New(n, time.Now())
	b := status.NewBoard(h.Wanted()...)
	return h, b, func() []status.Event { return b.Done(h.Round(), h.Held()) }
}

func kinds(events []status.Event) []status.EventKind {
	var out []status.EventKind
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return slices.Compact(out)
}

func TestABoardWithoutARoundClaimsNothing(t *testing.T) {
	_, b, _ := lived(3)
	s := b.Now()
	if v := s.Verdict(); v.Level != status.Waiting {
		t.Errorf("%v: %s", v.Level, v.Sentence)
	}
	if got := s.Tally(); got != (status.Tally{NotKnown: 6}) {
		t.Errorf("%+v", got)
	}
	if !s.Updated.IsZero() || len(s.Addrs) != 0 || len(s.Rounds) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAVerdictIsTheWorstThatIsSo(t *testing.T) {
	h, b, round := lived(9)
	say := func(want status.Level, sentence string) {
		t.Helper()
		round()
		if v := b.Now().Verdict(); v.Level != want || v.Sentence != sentence {
			t.Errorf("%v, %q; want %v, %q", v.Level, v.Sentence, want, sentence)
		}
	}
	say(status.Good, "All 18 records point home.")
	h.Lose(addr.IPv6)
	say(status.Doubtful, "The IPv6 address of this network is not known; its records stay unchanged.")
	h.Lose(addr.IPv4)
	say(status.Doubtful, "This network's addresses are not known; their records stay unchanged.")
	h.Move("84.17.1.1")
	h.Refuse("vpn.example.com", true)
	say(status.Bad, "1 of 18 records is not right.")
	h.Refuse("vpn.example.com", false)
	h.Move("2a02:8070::1")
	say(status.Good, "All 18 records point home.")

	for n, want := range map[int]string{0: "There are no names to manage yet.", 1: "Both records point home."} {
		_, b, round := lived(n)
		round()
		if v := b.Now().Verdict(); v.Sentence != want {
			t.Errorf("%d names: %q", n, v.Sentence)
		}
	}
}

func TestIPListsAloneAreSomethingToKeep(t *testing.T) {
	for want, lists := range map[string][]plan.List{
		"There are no names to manage yet.":             nil,
		"The IP list holds this network's addresses.":   make([]plan.List, 1),
		"All 3 IP lists hold this network's addresses.": make([]plan.List, 3),
	} {
		b := status.NewBoard(status.Wanted{Spec: plan.Spec{Lists: lists}})
		r := status.Round{Number: 1, Started: time.Now(), Seen: plan.Seen{plan.Here(addr.IPv4): addr.Known(netip.MustParsePrefix("84.17.1.1/32"))}}
		b.Done(r, nil)
		if v := b.Now().Verdict(); v.Sentence != want {
			t.Errorf("%d lists: %q, want %q", len(lists), v.Sentence, want)
		}
		r.Seen = nil
		b.Done(r, nil)
		if v := b.Now().Verdict(); len(lists) > 0 && v.Sentence != "Nothing to do: IPv4 and IPv6 are both disabled." {
			t.Errorf("%d lists, no family: %q", len(lists), v.Sentence)
		}
	}
}

func TestWhatIsNotReadIsNeitherRightNorWrong(t *testing.T) {
	h := webtest.New(6, time.Now())
	b := status.NewBoard(h.Wanted()...)
	b.Done(h.Round(), h.Held()[1:])
	if got := b.Now().Tally(); got != (status.Tally{Right: 8, NotKnown: 4}) {
		t.Errorf("%+v", got)
	}
	if v := b.Now().Verdict(); v.Level != status.Doubtful {
		t.Errorf("%v: %s", v.Level, v.Sentence)
	}
}

func TestARecordThatSaysSomethingElseIsWrongWhateverTheRoundSays(t *testing.T) {
	h := webtest.New(1, time.Now())
	b := status.NewBoard(h.Wanted()...)
	r := h.Round()
	held := h.Held()
	held[0].Records = slices.Clone(held[0].Records)
	held[0].Records[0].Addr = webtest.Addr("192.0.2.1")
	b.Done(r, held)
	if got := b.Now().Tally(); got != (status.Tally{Right: 1, Wrong: 1}) {
		t.Errorf("%+v", got)
	}
}

func TestEventsTellWhatARoundBrought(t *testing.T) {
	h, b, round := lived(3)
	steps := []struct {
		what string
		do   func()
		want []status.EventKind
	}{
		{"the first", func() {}, []status.EventKind{status.AddressFound, status.RecordChanged, status.FamilyPublished}},
		{"nothing new", func() {}, nil},
		{"another address", func() { h.Move("84.17.1.1") }, []status.EventKind{status.AddressFound, status.RecordChanged, status.FamilyPublished}},
		{"an outage", func() { h.Lose(addr.IPv4) }, []status.EventKind{status.AddressLost, status.ConditionBegan}},
		{"which lasts", func() {}, nil},
		{"and ends", func() { h.Move("84.17.1.1") }, []status.EventKind{status.AddressFound, status.ConditionOver}},
		{"a refusal", func() { h.Move("84.17.1.2"); h.Refuse("home.example.org", true) },
			[]status.EventKind{status.AddressFound, status.RecordChanged, status.ConditionBegan}},
		{"its end", func() { h.Refuse("home.example.org", false) },
			[]status.EventKind{status.RecordChanged, status.FamilyPublished, status.ConditionOver}},
	}
	for _, s := range steps {
		s.do()
		if diff := cmp.Diff(s.want, kinds(round())); diff != "" {
			t.Errorf("%s: %s", s.what, diff)
		}
	}
	for _, e := range b.Now().Events {
		if e.Code == status.AddressUnknown && e.Kind != status.AddressLost {
			t.Errorf("an address that is not known is told twice: %+v", e)
		}
	}
}

func TestPublishedCountsFromWhenTheAddressWasFirstSeen(t *testing.T) {
	h, _, round := lived(1)
	round()
	h.Lie("84.17.9.9") // one source is ahead of the others
	round()
	h.Lie("")
	h.Move("84.17.9.9")
	events := round()
	i := slices.IndexFunc(events, func(e status.Event) bool { return e.Kind == status.FamilyPublished })
	if i < 0 || events[i].Took < h.Pace || events[i].Took > h.Pace+time.Second {
		t.Errorf("%+v", events)
	}
}

func TestAnAddressIsOldFromWhenItWasFirstKnown(t *testing.T) {
	h, b, round := lived(1)
	began := h.Now
	round()
	h.Lose(addr.IPv4)
	lost := h.Now
	round()
	if a := b.Now().Addrs[plan.Here(addr.IPv4)]; a.Known || !a.Since.Equal(began) || !a.Lost.Equal(lost) || len(a.Addrs) != 1 {
		t.Errorf("lost: %+v", a)
	}
	h.Move("84.17.46.2")
	round()
	if a := b.Now().Addrs[plan.Here(addr.IPv4)]; !a.Known || !a.Since.Equal(began) || !a.Lost.IsZero() {
		t.Errorf("back: %+v", a)
	}
	h.Move("84.17.46.3")
	moved := h.Now
	round()
	if a := b.Now().Addrs[plan.Here(addr.IPv4)]; !a.Known || !a.Since.Equal(moved) {
		t.Errorf("moved: %+v", a)
	}
}

func TestThePastShowsAndDecidesNothing(t *testing.T) {
	h, b, round := lived(3)
	past := h.Past(time.Now())
	b.Prime(past)
	s := b.Now()
	if s.Updated.IsZero() || s.Addrs[plan.Here(addr.IPv4)].Known || s.Addrs[plan.Here(addr.IPv4)].Addrs[0].String() != "84.17.46.2" {
		t.Errorf("updated %v, %+v", s.Updated, s.Addrs)
	}
	if v := s.Verdict(); v.Level != status.Waiting {
		t.Errorf("%v: %s", v.Level, v.Sentence)
	}
	round()
	if a := b.Now().Addrs[plan.Here(addr.IPv4)]; !a.Known || time.Since(a.Since) < 6*time.Hour {
		t.Errorf("the address is as old as this process: %+v", a)
	}
	b.Prime([]status.Event{{Kind: status.AddressFound, Of: plan.Here(addr.IPv4), To: "no address"}, {Kind: "of another release", Code: "no-such-code"}})
}

func TestABoardKeepsWhatTheSettingsWantAndForgetsTheRest(t *testing.T) {
	h, b, round := lived(4)
	round()
	fewer := h.Wanted()
	fewer[0].Spec.Records = fewer[0].Spec.Records[:1]
	b.Want(fewer)
	sets := b.Now().RRsets()
	if len(sets) != 2 || sets[0].Changed.IsZero() || sets[0].State != status.Right {
		t.Errorf("%+v", sets)
	}
}

func TestSubscribersHearOfTheLatestAndNobodyWaitsForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, b, round := lived(1)
		slow, cancel := b.Subscribe()
		for range 100 {
			round()
		}
		<-slow
		if n := b.Now().Round.Number; n != 100 {
			t.Errorf("round %d", n)
		}
		select {
		case <-slow:
			t.Error("it heard twice of the same")
		default:
		}
		cancel()
		round()
		select {
		case <-slow:
			t.Error("it heard after it went")
		default:
		}
	})
}

func TestAwaitWaitsForARoundThatBeganAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, b, round := lived(1)
		running := h.Now // began before the question
		time.Sleep(time.Second)
		asked := time.Now()
		got := make(chan status.Round, 1)
		go func() {
			r, err := b.Await(t.Context(), asked)
			if err != nil {
				t.Error(err)
			}
			got <- r
		}()
		h.Now = running
		round()
		synctest.Wait()
		if len(got) != 0 {
			t.Fatal("the round that was running already was taken for the answer")
		}
		h.Now = asked.Add(time.Millisecond)
		round()
		if r := <-got; r.Number != 2 {
			t.Errorf("round %d", r.Number)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := b.Await(ctx, time.Now().Add(time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestARoundIsOverdueOnlyWhenTheNextOneShouldHaveEnded(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	const interval, slack = 5*time.Minute + 30*time.Second, 15 * time.Second
	tests := []struct {
		what     string
		next     time.Duration
		interval time.Duration
		after    time.Duration
		want     bool
	}{
		{"in time", 5 * time.Minute, interval, 5 * time.Minute, false},
		{"within the slack", 5 * time.Minute, interval, interval + slack, false},
		{"beyond it", 5 * time.Minute, interval, interval + slack + time.Second, true},
		{"a retry in five seconds that takes a minute", 5 * time.Second, interval, time.Minute, false},
		{"a pause longer than the interval", time.Hour, interval, 59 * time.Minute, false},
		{"and its end", time.Hour, interval, time.Hour + slack + time.Second, true},
		{"once a day", 24 * time.Hour, 0, 23 * time.Hour, false},
		{"once a day, missed", 24 * time.Hour, 0, 25 * time.Hour, true},
		{"never again", 0, interval, 1000 * time.Hour, false},
	}
	for _, tt := range tests {
		b := status.NewBoard()
		r := status.Round{Number: 1, Started: at}
		if tt.next > 0 {
			r.Next = at.Add(tt.next)
		}
		b.Done(r, nil)
		if got := b.Now().Overdue(at.Add(tt.after), tt.interval, slack); got != tt.want {
			t.Errorf("%s: %v", tt.what, got)
		}
	}
}

func TestWhatABoardKeepsDoesNotGrow(t *testing.T) {
	h, b, round := lived(2000)
	round()
	size := func(rounds int) uint64 {
		for i := range rounds {
			h.Move(fmt.Sprintf("84.17.%d.%d", i/250+1, i%250+1))
			round()
		}
		h.Move("84.17.200.1")
		round()
		round() // a quiet one: the changes of the one before are gone
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	few := size(5)
	many := size(20)
	if s := b.Now(); len(s.Rounds) > 50 || len(s.Events) > 100 {
		t.Errorf("%d rounds, %d events", len(s.Rounds), len(s.Events))
	}
	if many > few+few/10 {
		t.Errorf("%d KiB after 5 rounds, %d after 20 more", few>>10, many>>10)
	}
}

func TestRRsetsAreOfTheLongestZoneAndInOrder(t *testing.T) {
	h, b, _ := lived(9)
	held := append(h.Held(), status.Held{Zone: webtest.Name("home.example.org"), Records: nil})
	b.Done(h.Round(), held)
	var last status.RRset
	for _, r := range b.Now().RRsets() {
		if r.Zone == last.Zone && r.Key.Compare(last.Key) <= 0 {
			t.Errorf("%v comes after %v", r.Key, last.Key)
		}
		if want := webtest.Name("home.example.org"); r.Key.Name.IsWithin(want) != (r.Zone == want) {
			t.Errorf("%v is in %v", r.Key, r.Zone)
		}
		last = r
	}
	if n := b.Now().Names(); len(n) != 9 || n[0] != webtest.Name("home.example.org") {
		t.Errorf("%v", n)
	}
}

func BenchmarkQuietRound(b *testing.B) {
	for _, n := range []int{20, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h, board, round := lived(n)
			round()
			r, held := h.Round(), h.Held()
			b.ReportAllocs()
			for b.Loop() {
				board.Done(r, held)
			}
		})
	}
}
