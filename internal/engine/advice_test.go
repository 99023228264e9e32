package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
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

// advising is a host that has something to say.
type advising struct {
	*memory.Host
	advice *[]provider.Advice
}

func (a advising) Advice() []provider.Advice { return *a.advice }

func TestAdviceIsSaidOnceAndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var out bytes.Buffer
		advice := []provider.Advice{{Text: "the key is used", Hint: "add a permission"}}
		e := h.engine([]string{"a.example.org"}, func(c *Config) {
			c.Accounts[0].Name, c.Accounts[0].Provider = "work", advising{h.host, &advice}
			c.Log = slog.New(slog.NewTextHandler(&out, nil))
		})
		for range 3 {
			r := e.round(t.Context(), looping)
			if !has(r, status.AccountAdvice) || r.Outcome() == status.Failed || r.Conditions[0].Subject != "account work" {
				t.Errorf("%v: %v", r.Outcome(), r.Conditions)
			}
		}
		advice = append(advice, provider.Advice{Text: "batches are refused"})
		e.round(t.Context(), looping)
		advice = advice[:1]
		e.round(t.Context(), looping)
		for text, times := range map[string]int{"account work: the key is used; add a permission": 1,
			`"account work: batches are refused"`: 1, "resolved: account work: batches are refused": 1, "resolved: account work: the key": 0} {
			if got := strings.Count(out.String(), text); got != times {
				t.Errorf("%q stands %d times in the log, want %d", text, got, times)
			}
		}
	})
}

func TestWhatTheRouterSaysOfItsLineIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		why  error
		want status.Code
		text string
	}{
		"CGNAT":              {addr.Public(netip.MustParseAddr("100.64.1.1"), 0), status.BehindCGNAT, "carrier-grade NAT (CGNAT)"},
		"DS-Lite":            {addr.Public(netip.MustParseAddr("192.0.0.2"), 0), status.BehindCGNAT, "DS-Lite"},
		"another router":     {addr.Public(netip.MustParseAddr("192.168.9.2"), 0), status.BehindTwoNATs, "behind another router"},
		"no address at all":  {&detect.NoPublic{}, status.BehindCGNAT, "has no public IPv4 address"},
		"it is not there":    {errors.New("no answer"), "", ""},
		"a web service says": {nil, "", ""},
	} {
		seen := addr.Known(netip.PrefixFrom(netip.MustParseAddr(home1), 32))
		v := addr.Vote{Voter: addr.Voter{Source: detect.RouterWord, Weak: true}, Said: addr.Unknown(fmt.Errorf("the router says: %w", c.why))}
		if c.why == nil {
			v = addr.Vote{Voter: addr.Voter{Source: "url:x"}, Said: addr.Unknown(addr.Public(netip.MustParseAddr("100.64.1.1"), 0))}
		}
		cs := Line{}.Notes(t.Context(), plan.Here(addr.IPv4), seen.With(v))
		switch {
		case c.want == "" && len(cs) > 0, c.want != "" && (len(cs) != 1 || cs[0].Code != c.want || !strings.Contains(cs[0].Text, c.text) || cs[0].Code.Failure()):
			t.Errorf("%s: %+v", name, cs)
		}
	}
}

func TestAPlaceBehindCGNATIsToldWhateverOthersSeeOfIt(t *testing.T) {
	static, err := detect.Static(detect.Wanted{Family: addr.IPv4}, home1)
	if err != nil {
		t.Fatal(err)
	}
	certain := detect.New(detect.Config{Family: addr.IPv4, Timeout: time.Second, Rule: addr.First(),
		Sources: []detect.Source{static}})
	tests := []struct {
		what   string
		uplink func(context.Context, addr.Family) (netip.Addr, error)
		change func(*house, *Config)
		want   bool
	}{
		{"shared", at("100.64.0.1"), nil, true},
		{"the last of them", at("100.127.255.254"), nil, true},
		{"although nothing is known", at("100.64.0.1"), func(h *house, _ *Config) { h.lose(addr.IPv4) }, true},
		{"public", at(home1), nil, false},
		{"private, as behind any router", at("192.168.1.7"), nil, false},
		{"just outside", at("100.128.0.1"), nil, false},
		{"no way out", func(context.Context, addr.Family) (netip.Addr, error) { return netip.Addr{}, errors.New("no route") }, nil, false},
		{"nobody to ask", nil, nil, false},
		{"set by hand", at("100.64.0.1"), func(_ *house, c *Config) { c.Panels[plan.Here(addr.IPv4)] = certain }, false},
		{"out of scope", at("100.64.0.1"), func(h *house, c *Config) {
			c.Panels = map[plan.Origin]*detect.Detector{plan.Here(addr.IPv6): h.panel(addr.IPv6)}
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				e := h.engine([]string{"a.example.org"}, func(c *Config) {
					c.Line.Uplink = tt.uplink
					if tt.change != nil {
						tt.change(h, c)
					}
				})
				r := e.round(t.Context(), looping)
				if has(r, status.BehindCGNAT) != tt.want {
					t.Errorf("conditions %v", r.Conditions)
				}
				for _, c := range r.Conditions { // nothing may be
					if c.Code == status.BehindCGNAT && strings.Contains(c.Text, "is published") {
						t.Errorf("said is %q", c.Text)
					}
				}
			})
		})
	}
}

func TestAnUplinkThatDoesNotAnswerHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var wrote time.Duration
		start := time.Now()
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch {
				wrote = time.Since(start)
			}
			return nil
		})
		r := h.engine([]string{"a.example.org"}, func(c *Config) {
			c.Line.Uplink = func(ctx context.Context, _ addr.Family) (netip.Addr, error) {
				<-ctx.Done()
				return netip.Addr{}, ctx.Err()
			}
		}).round(t.Context(), looping)
		if wrote > 0 || r.Took > uplinkTimeout || r.Outcome() != status.Changed {
			t.Errorf("written after %v, ended after %v: %v", wrote, r.Took, r.Conditions)
		}
	})
}

func at(a string) func(context.Context, addr.Family) (netip.Addr, error) {
	return func(context.Context, addr.Family) (netip.Addr, error) { return netip.MustParseAddr(a), nil }
}

func TestATemporaryAddressIsToldWhereItIsPublishedItself(t *testing.T) {
	host, err := plan.ParseHostID("::10")
	if err != nil {
		t.Fatal(err)
	}
	own := func(a netip.Addr) detect.Own {
		return detect.Own{Iface: "eth0", Stable: netip.MustParseAddr("2a02:8070::1")}
	}
	for what, c := range map[string]struct {
		hosts []plan.HostID
		want  bool
	}{
		"as it is":           {nil, true},
		"kept":               {[]plan.HostID{{}}, true},
		"its prefix alone":   {[]plan.HostID{host}, false},
		"as it is, and more": {[]plan.HostID{host, {}}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			h.moveTo(home6)
			e := h.engine([]string{"a.example.org"}, h.both, func(cfg *Config) {
				cfg.Line.Own = own
				for i := range cfg.Accounts[0].Spec.Records {
					cfg.Accounts[0].Spec.Records[i].Hosts = c.hosts
				}
			})
			r := e.round(t.Context(), looping)
			if has(r, status.AddressFleeting) != c.want {
				t.Errorf("%s: conditions %v", what, r.Conditions)
			}
		})
	}
}
