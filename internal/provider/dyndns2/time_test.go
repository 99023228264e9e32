package dyndns2

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	homeaddr "github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/httpx/httpxtest"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
	"github.com/homing-dns/homing/internal/secret"
)

// bubble is a service whose clock is that of synctest, and homing before it.
type bubble struct {
	*testing.T
	*dyntest.Server
	p     *Provider
	names []dns.Name
	at    plan.Seen
	last  []error
}

// within starts one that has these names, and late name servers.
func within(t *testing.T, lag []time.Duration, names ...string) *bubble {
	b := &bubble{T: t, Server: dyntest.New("no-ip", theUser, thePassword, "example.org"), at: plan.Seen{}}
	b.Lag = lag
	c := httpx.New(httpx.Options{Dial: httpxtest.Serve(t, b.Server), UserAgent: theAgent})
	t.Cleanup(c.CloseIdle)
	var servers []netip.AddrPort
	for i := range lag {
		servers = append(servers, netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 53))
	}
	find := func(_ context.Context, n dns.Name) ([]netip.AddrPort, error) {
		if begins, err := b.Zone(n.String()); err != nil || !begins {
			return nil, err
		}
		return servers, nil
	}
	p, err := New(Config{Service: "no-ip", User: theUser, Password: secret.New(thePassword), BaseURL: "http://127.0.0.1", Client: c, Timeout: 10 * time.Second, Dial: b.dial, Servers: find, Memory: &Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	b.p = p
	for _, n := range names {
		b.Join(n)
		b.names = append(b.names, name(t, n))
	}
	return b
}

// dial reaches a name server, one question at a time.
func (b *bubble) dial(_ context.Context, _, address string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	at := netip.MustParseAddrPort(address).Addr().As4()
	go func() {
		defer theirs.Close()
		buf := make([]byte, 512)
		for {
			n, err := theirs.Read(buf)
			if err != nil {
				return
			}
			if a := b.AnswerDNS(int(at[3]), buf[:n]); a != nil {
				_, _ = theirs.Write(a)
			}
		}
	}()
	return ours, nil
}

// round looks, plans and changes, and says how many updates were sent.
func (b *bubble) round() int {
	b.Helper()
	before := len(b.Calls())
	b.last = nil
	placed, _, err := b.p.Zones(b.Context(), b.names)
	if err != nil || len(placed) == 0 {
		b.last = append(b.last, fmt.Errorf("zones: %w", err))
		return 0
	}
	zone := placed[0].Zone
	records, err := b.p.Records(b.Context(), zone, b.names)
	if err != nil {
		b.last = append(b.last, err)
		return 0
	}
	var spec plan.Spec
	for _, n := range b.names {
		spec.Records = append(spec.Records, plan.Record{Name: n, Options: &plan.Options{Types: []dns.Type{dns.A, dns.AAAA}}})
	}
	wanted := plan.Diff(plan.Zone{Name: zone.Name, Limits: zone.Limits}, plan.Targets(spec, b.at, plan.Memory{}), records, spec.Owns)
	for _, r := range b.p.Apply(b.Context(), zone, wanted.Sets) {
		for _, err := range r.Errs {
			if err != nil {
				b.last = append(b.last, err)
			}
		}
	}
	return len(b.Calls()) - before
}

// moves gives the house another address.
func (b *bubble) moves(address string) {
	a := netip.MustParseAddr(address)
	f := homeaddr.IPv4
	if a.Is6() {
		f = homeaddr.IPv6
	}
	b.at[plan.Here(f)] = homeaddr.Known(netip.PrefixFrom(a, a.BitLen()))
}

// calm fails where a rule was broken, or an update changed nothing.
func (b *bubble) calm() {
	b.Helper()
	for _, what := range b.Broken() {
		b.Errorf("a rule was broken: %s", what)
	}
	for _, c := range b.Calls() {
		if strings.HasPrefix(c.Answer, "nochg") {
			b.Errorf("nothing changed by %s", c.Query)
		}
	}
}

func (b *bubble) holds(n string, want ...string) {
	b.Helper()
	var got []string
	for _, r := range b.Stored(n) {
		got = append(got, r.Data)
	}
	if !slices.Equal(got, want) {
		b.Errorf("%s holds %s, want %s", n, got, want)
	}
}

// However late its name servers are: a change is one update, none says that
// nothing changed, and all is right in the end. A look comes every minute.
func TestLateNameServersAreNoReasonToSendAgain(t *testing.T) {
	for _, lag := range [][]time.Duration{{0}, {10 * time.Second}, {4 * time.Minute}, {0, 4 * time.Minute}, {4 * time.Minute, 0}, {30 * time.Minute, 20 * time.Second}} {
		t.Run(fmt.Sprint(lag), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := within(t, lag, "a.example.org", "b.example.org")
				changes := 0
				for i := range 120 {
					switch i % 30 {
					case 0, 7: // the second comes while name servers are late
						b.moves(fmt.Sprintf("198.51.100.%d", 1+i))
						changes++
					case 15:
						b.moves(fmt.Sprintf("198.51.100.%d", 1+i-8)) // back to where it was
					case 20:
						b.moves(fmt.Sprintf("2001:db8::%d", 1+i))
						changes++
					}
					b.round()
					time.Sleep(time.Minute)
				}
				b.calm()
				b.holds("a.example.org", "198.51.100.98", "2001:db8::111")
				if n := len(b.Calls()); n != 2*changes {
					t.Errorf("%d updates for %d changes of two names", n, changes)
				}
			})
		})
	}
}

// What another hand changes is put right once the answer of the service has had its
// time, which is the TTL.
func TestAnotherHandIsNoticedAfterTheTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := within(t, []time.Duration{0}, "a.example.org")
		b.TTL = 2 * time.Minute
		b.Set("a.example.org", a("203.0.113.9"))
		b.moves("198.51.100.1")
		b.round()
		b.Set("a.example.org", a("203.0.113.1"))
		time.Sleep(time.Minute)
		if n := b.round(); n != 0 {
			t.Errorf("%d updates within the TTL", n)
		}
		time.Sleep(time.Minute)
		if n := b.round(); n != 1 {
			t.Errorf("%d updates after it", n)
		}
		b.holds("a.example.org", "198.51.100.1")
		b.calm()
	})
}

// Where the answer is lost the service may hold it or not. Nothing is sent again
// before the name servers had time to show it.
func TestALostAnswerIsLookedFor(t *testing.T) {
	for _, made := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := within(t, []time.Duration{30 * time.Second}, "a.example.org")
			b.moves("198.51.100.1")
			b.Fail(dyntest.Lose)
			if n := b.round(); n != 1 || len(b.last) != 1 || b.last[0].(*provider.Error).Kind != provider.Unconfirmed {
				t.Errorf("%d updates, %v", n, b.last)
			}
			b.Fail(dyntest.None)
			if !made {
				b.Set("a.example.org") // the request was lost
			}
			time.Sleep(20 * time.Second)
			if n := b.round(); n != 0 || len(b.last) != 1 || !strings.HasSuffix(b.last[0].Error(), "; the same is not sent again within 1m0s") {
				t.Errorf("%d updates, %v", n, b.last)
			}
			time.Sleep(41 * time.Second)
			if n := b.round(); n != map[bool]int{true: 0, false: 1}[made] || b.last != nil {
				t.Errorf("made %t: %d updates after a minute, %v", made, n, b.last)
			}
			b.holds("a.example.org", "198.51.100.1")
			b.calm()
		})
	}
}

// Where the answer about one family was lost, and a request says both, none goes out
// for the other: it would say what late name servers still show of the first.
func TestALostAnswerIsNotTakenBackByTheOtherFamily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := within(t, []time.Duration{90 * time.Second}, "a.example.org")
		b.moves("198.51.100.1")
		b.moves("2001:db8::1")
		b.round()
		time.Sleep(time.Hour)
		b.moves("2001:db8::2")
		b.Fail(dyntest.Lose)
		b.round()
		b.Fail(dyntest.None)
		six := plan.Here(homeaddr.IPv6)
		for _, known := range []bool{true, false} { // whether IPv6 is known in this round as well
			now := b.at[six]
			if !known {
				b.at[six] = homeaddr.Observation{}
				time.Sleep(70 * time.Second) // the same may be sent again
			}
			b.moves("198.51.100.2")
			if n := b.round(); n != 0 || len(b.last) == 0 {
				t.Errorf("IPv6 known %t: %d updates, %v", known, n, b.last)
			}
			b.holds("a.example.org", "198.51.100.1", "2001:db8::2")
			b.at[six] = now
		}
		time.Sleep(30 * time.Second) // its name servers show it by now
		if n := b.round(); n != 1 || b.last != nil {
			t.Errorf("%d updates, %v", n, b.last)
		}
		b.holds("a.example.org", "2001:db8::2", "198.51.100.2")
		b.calm()
	})
}

// Where the answer to another address was lost, the one that late name servers show is not
// taken for what the service holds: it is sent, and until that is confirmed nothing is right.
func TestAnAddressThatReturnsAfterALostAnswerIsSentAgain(t *testing.T) {
	for _, lostAgain := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := within(t, []time.Duration{4 * time.Minute}, "a.example.org")
			b.moves("198.51.100.1")
			b.round()
			time.Sleep(time.Hour)
			b.moves("198.51.100.2")
			b.Fail(dyntest.Lose)
			b.round()
			b.holds("a.example.org", "198.51.100.2") // its name servers show the first
			b.moves("198.51.100.1")
			if !lostAgain {
				b.Fail(dyntest.None)
			}
			time.Sleep(10 * time.Second)
			if n := b.round(); n != 1 || len(b.last) > 0 != lostAgain {
				t.Errorf("lost again %t: %d updates, %v", lostAgain, n, b.last)
			}
			if lostAgain {
				b.Set("a.example.org", a("198.51.100.2")) // that it was asked for came to nothing
				b.Fail(dyntest.None)
				time.Sleep(10 * time.Second)
				if n := b.round(); n != 0 || len(b.last) != 1 {
					t.Errorf("%d updates of what may be there, %v", n, b.last)
				}
				time.Sleep(time.Minute)
				if n := b.round(); n != 1 || b.last != nil {
					t.Errorf("%d updates once it may be sent again, %v", n, b.last)
				}
			}
			b.holds("a.example.org", "198.51.100.1")
			for range 8 {
				if n := b.round(); n != 0 || b.last != nil {
					t.Errorf("%d updates of what was confirmed, %v", n, b.last)
				}
				time.Sleep(time.Minute)
			}
			b.calm()
		})
	}
}

// An answer that nobody knows is told in every round until the same is sent again:
// whoever looks later sees what the service says, and what to do about it.
func TestAnUnknownAnswerIsToldUntilItIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := within(t, []time.Duration{0}, "a.example.org")
		b.moves("198.51.100.1")
		b.Say("", "the cupboard is bare")
		for i, sent := range []int{1, 0, 0} {
			if n := b.round(); n != sent || len(b.last) != 1 || !strings.Contains(b.last[0].Error(), "says the cupboard is bare") || b.last[0].(*provider.Error).Hint != hintLost {
				t.Errorf("round %d: %d updates, %v", i, n, b.last)
			}
			time.Sleep(20 * time.Second)
		}
		b.Say("", "")
		if n := b.round(); n != 1 || b.last != nil {
			t.Errorf("%d updates, %v", n, b.last)
		}
	})
}

// 911 is half an hour of silence, for all names of the account.
func TestTroubleOfTheServiceIsHalfAnHourOfSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := within(t, []time.Duration{0}, "a.example.org", "b.example.org")
		b.moves("198.51.100.1")
		b.Say("", "911")
		sent := 0
		for range 30 {
			sent += b.round()
			if len(b.last) != 2 || b.last[0].(*provider.Error).Kind != provider.Throttled || b.last[0].(*provider.Error).RetryAfter > 30*time.Minute {
				t.Fatal(b.last)
			}
			time.Sleep(time.Minute)
		}
		if sent != 1 {
			t.Errorf("%d updates in half an hour", sent)
		}
		b.Say("", "")
		if b.round(); b.last != nil || len(b.Calls()) != 3 {
			t.Errorf("%v, %d updates", b.last, len(b.Calls()))
		}
		b.calm()
	})
}

// A service that wants fewer updates, or fails, is left alone with the whole account:
// for as long as it says, else for longer each time. Whoever comes sooner is blocked.
func TestAServiceInTroubleIsLeftAlone(t *testing.T) {
	const minute = time.Minute
	for _, tt := range []struct {
		status      int
		after       string
		first       provider.Kind
		reason, all string
		at          []time.Duration
	}{
		{429, "", provider.Throttled, "No-IP wants to be left alone for a while (HTTP 429; wait 1m0s)",
			"No-IP wants to be left alone for a while", []time.Duration{0, minute, 3 * minute, 7 * minute, 15 * minute, 31 * minute, 61 * minute, 91 * minute}},
		{429, "900", provider.Throttled, "No-IP wants to be left alone for a while (HTTP 429; wait 15m0s)",
			"No-IP wants to be left alone for a while", []time.Duration{0, 15 * minute, 30 * minute, 45 * minute, 60 * minute, 75 * minute, 90 * minute, 105 * minute}},
		{503, "", provider.Unconfirmed, "No-IP has trouble, so the change may have happened or not (HTTP 503; wait 1m0s)",
			"No-IP has trouble, and is left alone for a while", []time.Duration{0, minute, 3 * minute, 7 * minute, 15 * minute, 31 * minute, 61 * minute, 91 * minute}},
		{500, "1200", provider.Unconfirmed, "No-IP has trouble, so the change may have happened or not (HTTP 500; wait 20m0s)",
			"No-IP has trouble, and is left alone for a while", []time.Duration{0, 20 * minute, 40 * minute, 60 * minute, 80 * minute, 100 * minute}},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := within(t, []time.Duration{0}, "a.example.org", "b.example.org")
			b.moves("198.51.100.1")
			b.Answer(tt.status, tt.after)
			var at []time.Duration
			begun := time.Now()
			for time.Since(begun) < 2*time.Hour {
				sent := b.round()
				if sent > 0 {
					at = append(at, time.Since(begun).Round(time.Second))
				}
				if sent > 1 || len(b.last) != 2 {
					t.Fatalf("%d: %d updates, %v", tt.status, sent, b.last)
				}
				first, second := b.last[0].(*provider.Error), b.last[1].(*provider.Error)
				if len(at) == 1 && sent == 1 && (first.Kind != tt.first || first.Error() != tt.reason) {
					t.Errorf("%d: %s: %v", tt.status, first.Kind, first)
				}
				if second.Kind != provider.Throttled || second.RetryAfter <= 0 || !strings.HasPrefix(second.Error(), tt.all) || second.Hint == "" {
					t.Errorf("%d: %s: %v", tt.status, second.Kind, second)
				}
				time.Sleep(minute)
			}
			if !slices.Equal(at, tt.at) {
				t.Errorf("%d %s: it was sent at %v, want %v", tt.status, tt.after, at, tt.at)
			}
			b.Answer(0, "")
			time.Sleep(30 * minute)
			if n := b.round(); n != 2 || b.last != nil {
				t.Errorf("%d: %d updates once it is well again, %v", tt.status, n, b.last)
			}
			b.Answer(429, "")
			b.moves("198.51.100.2")
			if b.round(); b.last[1].(*provider.Error).RetryAfter > minute { // it begins anew
				t.Errorf("%d: %v", tt.status, b.last)
			}
			b.calm()
		})
	}
}

// Where it held what it is told, nothing was changed, and nobody says so.
func TestWhatItHeldIsNoChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := within(t, []time.Duration{time.Hour}, "a.example.org")
		b.Say("a.example.org", "nochg 198.51.100.1")
		b.moves("198.51.100.1")
		if n := b.round(); n != 1 || len(b.last) != 1 || b.last[0].(*provider.Error).Kind != provider.Stale || b.last[0].Error() != "No-IP says that it held this already" {
			t.Errorf("%d updates, %v", n, b.last)
		}
		if n := b.round(); n != 0 || b.last != nil { // it is read as what it holds
			t.Errorf("%d updates, %v", n, b.last)
		}
	})
}

// Where the service says that nothing changed, what its name servers show is old,
// for as long as that may be.
func TestWhatNothingChangedIsNotSentAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := within(t, []time.Duration{100 * 24 * time.Hour}, "a.example.org")
		b.Set("a.example.org", a("203.0.113.1"))
		if b.moves("198.51.100.1"); b.round() != 1 {
			t.Fatal(b.last)
		}
		b.p.config.Memory, b.p.account = nil, (&Memory{}).account("another process", "No-IP") // at its start it cannot know better
		var at []time.Duration
		begun := time.Now()
		for time.Since(begun) < 4*time.Hour {
			if b.round() > 0 {
				at = append(at, time.Since(begun).Round(time.Minute))
			}
			time.Sleep(time.Minute)
			b.Say("a.example.org", "nochg 198.51.100.1") // it is patient in this test
		}
		if want := []time.Duration{0, 30 * time.Minute, 90 * time.Minute, 210 * time.Minute}; !slices.Equal(at, want) {
			t.Errorf("it was sent at %v, want %v", at, want)
		}
	})
}

// Nobody who answers, and nobody who can be asked, holds anything up for long, and
// nothing is sent blindly.
func TestWhoHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := within(t, []time.Duration{0, 0}, "a.example.org")
		b.moves("198.51.100.1")
		b.round()
		b.Fail(dyntest.Hang)
		b.moves("198.51.100.2")
		begun := time.Now()
		if n := b.round(); n != 0 || len(b.last) == 0 || time.Since(begun) > 30*time.Second {
			t.Errorf("%d updates, %v, after %s", n, b.last, time.Since(begun))
		}
		b.Fail(dyntest.None)
		if b.round(); b.last != nil {
			t.Error(b.last)
		}
		b.holds("a.example.org", "198.51.100.2")
		b.calm()
	})
}
