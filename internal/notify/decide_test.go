package notify

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// told is the kinds of messages of each round.
func told(rules Rules, rounds ...status.Round) (kinds []string) {
	var w watch
	for _, r := range rounds {
		ms := w.decide(r, after(r), rules)
		kind := ""
		for _, m := range ms {
			kind += string(m.Kind) + " "
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

func TestWhatIsToldOfEachRound(t *testing.T) {
	const f, r, c = "failed ", "recovered ", "changed "
	moved := func(x status.Round) status.Round { return did(x, nil, move(t, "a.example.org")) }
	dry := moved(round(0, refusedName("a")))
	dry.Dry = true
	stopped := status.Condition{Code: status.Stopped, Subject: "round", Text: "stopped"}
	record := status.Condition{Code: status.ChangeFailed, Subject: "A a.example.org", Text: "no"}
	record.Key.Type = "A"
	for name, x := range map[string]struct {
		rounds []status.Round
		want   []string
	}{
		"nothing happens":               {[]status.Round{round(0), round(300)}, []string{"", ""}},
		"a change":                      {[]status.Round{moved(round(0)), round(300)}, []string{c, ""}},
		"a refusal, at once and once":   {[]status.Round{round(0, refusedName("a")), round(300, refusedName("a")), round(600, refusedName("a"))}, []string{f, "", ""}},
		"a second refusal":              {[]status.Round{round(0, refusedName("a")), round(300, refusedName("a"), refusedName("b"))}, []string{f, f}},
		"one bad round":                 {[]status.Round{round(0, zoneDown()), round(1)}, []string{"", ""}},
		"two bad rounds":                {[]status.Round{round(0, zoneDown()), round(300, zoneDown()), round(301)}, []string{"", "", ""}},
		"three bad rounds, once":        {[]status.Round{round(0, zoneDown()), round(1, zoneDown()), round(2, zoneDown()), round(3, zoneDown())}, []string{"", "", f, ""}},
		"fifteen minutes":               {[]status.Round{round(0, zoneDown()), round(899, zoneDown())}, []string{"", f}},
		"not quite fifteen minutes":     {[]status.Round{round(0, zoneDown()), round(898, zoneDown())}, []string{"", ""}},
		"on and off":                    {[]status.Round{round(0, zoneDown()), round(1), round(2, zoneDown()), round(3), round(4, zoneDown())}, []string{"", "", "", "", ""}},
		"right again":                   {[]status.Round{round(0, refusedName("a")), round(300), round(600)}, []string{f, r, ""}},
		"right again and wrong again":   {[]status.Round{round(0, refusedName("a")), round(300), round(600, refusedName("a"))}, []string{f, r, f}},
		"changed and failed":            {[]status.Round{moved(round(0, refusedName("b")))}, []string{c + f}},
		"changed and right again":       {[]status.Round{round(0, refusedName("b")), moved(round(1))}, []string{f, c + r}},
		"only for information":          {[]status.Round{round(0, status.Condition{Code: status.SettingAdapted}), round(9999, status.Condition{Code: status.SettingAdapted})}, []string{"", ""}},
		"a plan":                        {[]status.Round{dry}, []string{""}},
		"no round":                      {[]status.Round{{}}, []string{""}},
		"a stop is no failure":          {[]status.Round{round(0, stopped), round(9999, stopped), round(19999, stopped)}, []string{"", "", ""}},
		"a stop is no recovery":         {[]status.Round{round(0, refusedName("a")), round(1, stopped), round(2, refusedName("a"))}, []string{f, "", ""}},
		"a change before a stop":        {[]status.Round{moved(round(0, stopped))}, []string{c}},
		"one trouble follows another":   {[]status.Round{blindly(0, noAddress()), blindly(1, noAddress()), blindly(2, noAddress()), blindly(3, status.Condition{Code: status.AddressDoubted, Subject: "IPv4"}), round(4)}, []string{"", "", f, "", r}},
		"held back is not right again":  {[]status.Round{blindly(0, noAddress()), blindly(1, noAddress()), blindly(2, noAddress()), blindly(3, status.Condition{Code: status.AddressDamped, Subject: "IPv4"}), round(4)}, []string{"", "", f, "", r}},
		"not seen is not right again":   {[]status.Round{round(0, refusedName("a.example.org")), round(1, zoneDown()), blindly(2, noAddress()), round(3)}, []string{f, "", "", r}},
		"another zone is another thing": {[]status.Round{round(0, refusedName("a.example.net")), round(1, zoneDown())}, []string{f, r}},
		"not seen at all":               {[]status.Round{round(0, refusedName("a.example.net")), round(1, status.Condition{Code: status.ZonesUnread, Subject: "zones"}), round(2)}, []string{f, "", r}},
		"a record waits for its zone":   {[]status.Round{round(0, record), round(1, record), round(2, record), round(3, zoneDown()), round(4)}, []string{"", "", f, "", r}},
	} {
		if got := told(Rules{}, x.rounds...); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

func TestAOneShotTellsEveryFailureAtOnce(t *testing.T) {
	if got := told(Rules{OneShot: true}, blindly(0, noAddress())); got[0] != "failed " {
		t.Errorf("told is %q", got)
	}
}

func TestWhoKnowsBetterSaysWhatIsARefusal(t *testing.T) {
	rules := Rules{NeedsPerson: func(c status.Condition) bool { return c.Code == status.ZoneFailed }}
	if got := told(rules, round(0, zoneDown(), refusedName("a"))); got[0] != "failed " {
		t.Errorf("told is %q", got)
	}
	ms := new(watch).decide(round(0, zoneDown(), refusedName("a")), noon, rules)
	if len(ms[0].Conditions) != 1 || ms[0].Conditions[0].Code != status.ZoneFailed {
		t.Errorf("told are %v", ms[0].Conditions)
	}
}

func TestTheOtherFamilyIsNoReasonToWait(t *testing.T) {
	six := status.Condition{Code: status.AddressUnknown, Subject: "IPv6", Text: "none"}
	both := func(second int, four addr.Observation, cs ...status.Condition) status.Round {
		r := round(second, cs...)
		r.Seen = plan.Seen{plan.Here(addr.IPv4): four, plan.Here(addr.IPv6): down()}
		return r
	}
	got := told(Rules{OneShot: true}, both(0, down(), noAddress(), six), both(1, known(newIP), six), both(2, known(newIP), six, refusedName("a")), both(3, known(newIP), six))
	if want := []string{"failed ", "recovered ", "failed ", "recovered "}; !slices.Equal(got, want) {
		t.Errorf("told is %q, want %q", got, want)
	}
}

// Over any sequence of rounds: what is told to have failed was not told before
// without being told to be right again; nothing is right again that was not
// told to have failed; what lasts one round is never told, unless it is a
// refusal; what lasts is told; and the earlier State is as it was.
func TestNothingIsToldTwiceOrTooEarlyOrNever(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var w watch
		wrong := map[string]int{}
		lasting, open := map[string]int{}, map[string]bool{}
		for second := 0; second < 200; second++ {
			var cs []status.Condition
			for i := range 4 {
				id := fmt.Sprint("z", i, ".org")
				if rng.IntN(4) == 0 {
					wrong[id] = rng.IntN(6)
				}
				if wrong[id]--; wrong[id] > 0 {
					cs = append(cs, status.Condition{Code: status.ZoneFailed, Subject: id, Text: fmt.Sprint(second)})
					lasting[id]++
				} else {
					lasting[id] = 0
				}
			}
			r := round(second, cs...)
			before, earlier := w.State, copied(w.State)
			ms := w.decide(r, after(r), Rules{})
			if !reflect.DeepEqual(before, earlier) {
				t.Fatal("an earlier State was changed")
			}
			for _, m := range ms {
				for _, c := range m.Conditions {
					if m.Kind == Failed && (open[c.Subject] || lasting[c.Subject] != failuresBeforeMessage) ||
						m.Kind == Recovered && (!open[c.Subject] || lasting[c.Subject] > 0) {
						t.Fatalf("%s of %s after %d rounds, open %v", m.Kind, c.Subject, lasting[c.Subject], open[c.Subject])
					}
					open[c.Subject] = m.Kind == Failed
				}
			}
			for id, n := range lasting {
				if open[id] != (n >= failuresBeforeMessage) {
					t.Fatalf("%s is wrong for %d rounds; told %v", id, n, open[id])
				}
			}
		}
	}
}

func copied(s State) State {
	c := State{}
	for id, t := range s.problems {
		if c.problems == nil {
			c.problems = make(map[string]*problem)
		}
		as := *t
		c.problems[id] = &as
	}
	if s.problems != nil && c.problems == nil {
		c.problems = map[string]*problem{}
	}
	return c
}

func TestTheTextsOfMessages(t *testing.T) {
	var many []plan.Change
	for i := range 12 {
		many = append(many, move(t, fmt.Sprintf("n%d.example.org", i)))
	}
	create := plan.Change{Action: plan.ToCreate, New: kept(t, "*.bücher.example", "2001:db8::1")}
	proxied := move(t, "p.example.org")
	proxied.Old.Addr, proxied.New.Proxied = proxied.New.Addr, true
	gone := plan.Change{Action: plan.ToDelete, Old: kept(t, "old.example.org", oldIP)}
	changedRound := did(did(round(0), nil, append(many, create, proxied, gone)...), errors.New("no"), move(t, "failed.example.org"))
	one := did(round(0), nil, move(t, "home.example.org"))
	odd := status.Condition{Code: status.NameUnplaced, Subject: "100%s.example", Text: "evil \x1b[31mred\x1b[0m\nline \u202etxt"}
	bad := round(0, refusedName("a.example.org"), refusedName("b.example.org"), refusedName("c.example.org"), refusedName("d.example.org"), odd)
	for _, x := range []struct {
		rounds      []status.Round
		title, body string
	}{
		{[]status.Round{one}, "homing: 1 record changed", "198.51.100.1 → 203.0.113.7: A home.example.org"},
		{[]status.Round{changedRound}, "homing: 15 records changed", `198.51.100.1 → 203.0.113.7: A n0.example.org, A n1.example.org, A n2.example.org and 9 more
created 2001:db8::1: AAAA *.bücher.example
203.0.113.7, proxied off → on: A p.example.org
deleted 198.51.100.1: A old.example.org`},
		{[]status.Round{bad}, "homing: something is not right", `100%s.example: evil [31mred[0m line txt
A a.example.org, A b.example.org, A c.example.org and 1 more: a CNAME is in the way; remove it`},
		{[]status.Round{bad, round(720, odd)}, "homing: right again in part, 1 failure left",
			"right again after 12 minutes: A a.example.org, A b.example.org, A c.example.org and 1 more (it was: a CNAME is in the way)"},
		{[]status.Round{bad, round(89)}, "homing: everything is right again", `right again after 90 seconds: 100%s.example (it was: evil [31mred[0m line txt)
right again after 90 seconds: A a.example.org, A b.example.org, A c.example.org and 1 more (it was: a CNAME is in the way)`},
	} {
		var w watch
		var ms []Message
		for _, r := range x.rounds {
			ms = w.decide(r, after(r), Rules{})
		}
		if len(ms) != 1 {
			t.Errorf("%s: %d messages", x.title, len(ms))
			continue
		}
		if diff := cmp.Diff([2]string{x.title, x.body}, [2]string{ms[0].Title, ms[0].Body}); diff != "" {
			t.Error(diff)
		}
		if len(ms[0].IPv4) != 1 || ms[0].IPv4[0] != newIP || ms[0].IPv6 != nil {
			t.Errorf("%s: %v, %v", x.title, ms[0].IPv4, ms[0].IPv6)
		}
	}
}

// A thousand names that one quota hit are one line, when it begins and when it is over.
func TestOneCauseIsOneLineHoweverManyNamesItHits(t *testing.T) {
	var cs []status.Condition
	for i := range 1000 {
		n := fmt.Sprintf("A n%03d.example.org", i)
		cs = append(cs, status.Condition{Code: status.ChangeFailed, Cause: "rejected", Subject: n, Text: "create " + n + ": the zone is full", Reason: "the zone is full", Hint: "make room"})
	}
	var w watch
	full := round(0, cs...)
	if ms := w.decide(full, after(full), Rules{OneShot: true}); len(ms) != 1 ||
		ms[0].Body != "A n000.example.org, A n001.example.org, A n002.example.org and 997 more: the zone is full; make room" {
		t.Errorf("%d messages", len(ms))
	}
	over := round(720)
	if ms := w.decide(over, after(over), Rules{}); len(ms) != 1 ||
		ms[0].Body != "right again after 12 minutes: A n000.example.org, A n001.example.org, A n002.example.org and 997 more (it was: the zone is full)" {
		t.Errorf("%d messages", len(ms))
	}
}

func TestATextHasAnEnd(t *testing.T) {
	var cs []status.Condition
	for i := range 2000 {
		cs = append(cs, status.Condition{Code: status.NameBlocked, Subject: fmt.Sprint(i), Text: fmt.Sprint("ü", i, make([]byte, 300))})
	}
	ms := new(watch).decide(round(0, cs...), noon, Rules{})
	if b := ms[0].Body; len(b) > maxBody || len(ms[0].Conditions) != 2000 {
		t.Errorf("%d bytes, %d conditions", len(b), len(ms[0].Conditions))
	}
}

func TestDurationsAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 seconds", time.Second: "1 second", 119 * time.Second: "119 seconds",
		2 * time.Minute: "2 minutes", 119 * time.Minute: "119 minutes", 2 * time.Hour: "2 hours", 50 * time.Hour: "2 days"} {
		if got := formatDuration(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
