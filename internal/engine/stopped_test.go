package engine

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

var errTerminated = errors.New("terminated signal received")

// stopsAfter returns a context that is stopped after d.
func stopsAfter(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { cancel(nil) })
	time.AfterFunc(d, func() { cancel(errTerminated) })
	return ctx
}

func TestAStopIsNoOutageAndEndsNothing(t *testing.T) {
	for what, slow := range map[string]func(h *house){
		"while it looks": func(h *house) { h.delay(addr.IPv4, 3*time.Second) },
		"while it reads": func(h *house) { h.host.SetLatency(3*time.Second, 0) },
		"while it waits": func(h *house) { h.delay(addr.IPv4, 3*time.Second); h.host.SetLatency(3*time.Second, 0) },
		"between calls":  func(h *house) { h.host.SetLatency(999*time.Millisecond, time.Hour) },
	} {
		for _, failing := range []bool{false, true} {
			t.Run(what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t, "example.org", "example.net")
					var out bytes.Buffer
					e := h.engine([]string{"a.example.org", "b.example.net", "c.nowhere.org"}, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) })
					h.hook(func(c memory.Call) *provider.Error {
						if failing && c.Zone == mustName(t, "example.net") {
							return &provider.Error{Kind: provider.Unavailable, Err: errors.New("no")}
						}
						return nil
					})
					before := e.round(t.Context(), looping)
					time.Sleep(16 * time.Minute)
					slow(h)
					out.Reset()
					r := e.round(stopsAfter(t, time.Second), looping)
					if !has(r, status.Stopped) || !r.Next.IsZero() || r.Outcome() != status.Failed {
						t.Errorf("%v, next at %v: %v", r.Outcome(), r.Next, r.Conditions)
					}
					if len(r.Conditions) != len(before.Conditions)+1 {
						t.Errorf("before %v, now %v", before.Conditions, r.Conditions)
					}
					if said := out.String(); strings.Contains(said, "over:") || strings.Contains(said, "not known") || !strings.Contains(said, "outcome=stopped") {
						t.Errorf("the log says %s", said)
					}
				})
			})
		}
	}
}

func TestAStopAfterAllWasDoneIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		ctx, cancel := context.WithCancel(t.Context())
		h.host.SetHook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch && c.Done {
				cancel()
			}
			return nil
		})
		if r := h.engine([]string{"a.example.org"}).round(ctx, looping); r.Outcome() != status.Changed {
			t.Errorf("%v: %v", r.Outcome(), r.Conditions)
		}
	})
}

func TestOnlyAPlaceTheNetworkGivesNothingIsToldToLeaveTheFamilyOut(t *testing.T) {
	network := &net.OpError{Op: "dial", Net: "tcp6", Err: errors.New("network is unreachable")}
	vote := func(err error, certain bool) addr.Vote {
		return addr.Vote{Voter: addr.Voter{Route: "w", Certain: certain}, Said: addr.Unknown(err)}
	}
	for what, tt := range map[string]struct {
		votes []addr.Vote
		hint  bool
	}{
		"no route and no answer": {[]addr.Vote{vote(network, false), vote(&net.DNSError{}, false), vote(&detect.TimedOut{}, false)}, true},
		"one answered nonsense":  {[]addr.Vote{vote(network, false), vote(errors.New("it is private"), false)}, false},
		"an interface":           {[]addr.Vote{vote(network, true)}, false},
		"no source was asked":    {nil, false},
	} {
		seen := addr.Agree(addr.First(), len(tt.votes), tt.votes)
		if c := unknownAddressCondition(plan.Here(addr.IPv6), seen, false); strings.Contains(c.Hint.String(), "PROVIDER=none") || c.Hint == "" {
			t.Errorf("%s, and IPv4 does not work either: the hint is %q", what, c.Hint)
		}
		c := unknownAddressCondition(plan.Here(addr.IPv6), seen, true)
		if got := strings.Contains(c.Hint.String(), "detect.ipv6.sources: none"); got != tt.hint || c.Hint == "" {
			t.Errorf("%s: the hint is %q", what, c.Hint)
		}
	}
}

func TestAnAddressThatIsHeldBackIsSaidAgainWhenItIsAnotherOne(t *testing.T) {
	var out bytes.Buffer
	e := New(Config{Log: slog.New(slog.NewTextHandler(&out, nil))})
	for _, text := range []string{"a is held", "a is held", "b is held"} {
		e.announce(status.Round{Started: time.Now(), Conditions: []status.Condition{{Code: status.AddressDamped, Subject: "IPv4", Text: text}}})
	}
	if said := out.String(); strings.Count(said, "a is held") != 1 || strings.Count(said, "b is held") != 1 || strings.Contains(said, "over") {
		t.Errorf("the log says %s", said)
	}
}
