package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

// house is a place with addresses, three ways to learn each, and a DNS host in
// memory: all that an engine is surrounded by.
type house struct {
	t    *testing.T
	host *memory.Host

	mu    sync.Mutex
	at    map[addr.Family]netip.Addr // zero: the family is down
	slow  map[addr.Family]time.Duration
	lies  map[string]netip.Addr // by way
	lines []string              // each question leaves by one of them, by chance
	dice  *rand.Rand
	asked map[string]int  // by way
	weak  map[string]bool // by way
}

const (
	home1 = "81.2.69.142"
	home2 = "81.2.69.160"
	home3 = "81.2.69.192"
	home4 = "81.2.69.224"
	home6 = "2a02:8070:1::7"
)

func newHouse(t *testing.T, zones ...string) *house {
	h := &house{t: t, host: memory.New(), at: map[addr.Family]netip.Addr{}, slow: map[addr.Family]time.Duration{},
		lies: map[string]netip.Addr{}, asked: map[string]int{}}
	for _, z := range zones {
		h.host.AddZone(memory.Zone(mustName(t, z)))
	}
	h.moveTo(home1)
	return h
}

func (h *house) moveTo(a string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ip := netip.MustParseAddr(a)
	h.at[familyOf(ip)] = ip
}

func (h *house) addr(f addr.Family) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at[f].String()
}

func (h *house) lose(f addr.Family) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.at, f)
}

func (h *house) lie(way, a string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lies[way] = netip.MustParseAddr(a)
}

func (h *house) delay(f addr.Family, d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.slow[f] = d
}

func (h *house) looks() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, c := range h.asked {
		n += c
	}
	return n
}

// window is one way to look at the house's address of a family.
type window struct {
	*house
	family addr.Family
	way    string
}

func (w window) Voter() addr.Voter {
	return addr.Voter{Source: w.way, Operator: w.way, Route: w.way, Authenticated: true, Weak: w.weak[w.way]}
}

func (w window) Observe(ctx context.Context) addr.Observation {
	w.mu.Lock()
	w.asked[w.way]++
	slow, is, lie := w.slow[w.family], w.at[w.family], w.lies[w.way]
	if len(w.lines) > 0 {
		is = netip.MustParseAddr(w.lines[w.dice.IntN(len(w.lines))])
	}
	w.mu.Unlock()
	if slow > 0 { // a timer of zero in a bubble crashes the race detector of Go 1.26.8
		select {
		case <-ctx.Done():
			return addr.Unknown(context.Cause(ctx))
		case <-time.After(slow):
		}
	}
	if lie.IsValid() && w.family.Holds(lie) {
		is = lie
	}
	if !is.IsValid() {
		return addr.Unknown(errors.New("the network is down"))
	}
	return addr.Known(netip.PrefixFrom(is, is.BitLen()))
}

func (h *house) panel(f addr.Family) *detect.Detector {
	return detect.New(detect.Config{Family: f, Timeout: 5 * time.Second, Rule: addr.First(),
		Sources: []detect.Source{window{h, f, "front"}, window{h, f, "back"}, window{h, f, "roof"}}})
}

// engine returns an engine over the house, with these names for both families.
func (h *house) engine(names []string, change ...func(*Config)) *Engine {
	h.t.Helper()
	var spec plan.Spec
	for _, n := range names {
		spec.Records = append(spec.Records, plan.Record{Name: mustName(h.t, n), Options: &plan.Options{Types: []dns.Type{dns.A, dns.AAAA},
			Attrs: plan.Attrs{TTL: dns.AutoTTL}}})
	}
	every, err := schedule.Parse("@every 5m", time.UTC)
	if err != nil {
		h.t.Fatal(err)
	}
	cfg := Config{
		Accounts: []Account{{Spec: spec, Provider: h.host}},
		Panels:   map[plan.Origin]*detect.Detector{plan.Here(addr.IPv4): h.panel(addr.IPv4)},
		Schedule: every, OnStart: true, Resync: 15 * time.Minute, Confirm: true, UpdateTimeout: 30 * time.Second,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, f := range change {
		f(&cfg)
	}
	return New(cfg)
}

// both puts IPv6 into scope too.
func (h *house) both(c *Config) { c.Panels[plan.Here(addr.IPv6)] = h.panel(addr.IPv6) }

// holds says what the DNS host answers for a name and type.
func (h *house) holds(name string, t dns.Type) []string {
	var out []string
	for _, r := range h.host.At(mustName(h.t, name)) {
		if r.Type == t {
			out = append(out, r.Content())
		}
	}
	return out
}

func (h *house) wants(name string, t dns.Type, want ...string) {
	h.t.Helper()
	got := h.holds(name, t)
	if len(got) != len(want) {
		h.t.Errorf("%s %s holds %v, want %v", t, name, got, want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			h.t.Errorf("%s %s holds %v, want %v", t, name, got, want)
		}
	}
}

// hook makes f decide over every step of the DNS host, one at a time.
func (h *house) hook(f func(memory.Call) *provider.Error) {
	var mu sync.Mutex
	h.host.SetHook(func(c memory.Call) *provider.Error {
		mu.Lock()
		defer mu.Unlock()
		return f(c)
	})
}

// put stores an address record as somebody else would.
func (h *house) put(name, content string) dns.Record {
	ip := netip.MustParseAddr(content)
	return h.host.Put(dns.Record{Name: mustName(h.t, name), Type: plan.TypeOf(familyOf(ip)), Addr: ip, TTL: 300})
}

func familyOf(a netip.Addr) addr.Family {
	if a.Is4() {
		return addr.IPv4
	}
	return addr.IPv6
}

func mustAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

func mustName(t *testing.T, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func has(r status.Round, code status.Code) bool {
	for _, c := range r.Conditions {
		if c.Code == code {
			return true
		}
	}
	return false
}
