package engine

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// hindered is a source that runs into something.
type hindered struct{ err error }

func (f hindered) Voter() addr.Voter                        { return addr.Voter{Source: "s", Operator: "o", Route: "w"} }
func (f hindered) Observe(context.Context) addr.Observation { return addr.Unknown(f.err) }

// comer is a source that has something to read from some moment on.
type comer struct {
	at  time.Time
	why error
}

func (l comer) Voter() addr.Voter {
	return addr.Voter{Source: "local.iface:ppp0", Operator: "local.iface:ppp0", Certain: true}
}

func (l comer) Observe(context.Context) addr.Observation {
	if time.Now().Before(l.at) {
		return addr.Unknown(l.why)
	}
	return addr.Known(netip.PrefixFrom(netip.MustParseAddr(home2), 32))
}

// After a power cut ppp0 comes half a minute after homing.
func TestAnInterfaceThatComesLaterIsFollowedWithoutARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", home1)
		up := time.Now().Add(30 * time.Second)
		var rounds []status.Round
		e := h.engine([]string{"a.example.org"}, counted(&rounds), func(c *Config) {
			c.Panels[plan.Here(addr.IPv4)] = detect.New(detect.Config{Family: addr.IPv4, Timeout: time.Second, Rule: addr.First(),
				Sources: []detect.Source{comer{up, &httpx.NoInterface{Name: "ppp0", Available: []string{"lo"}}}}})
		})
		time.AfterFunc(30*time.Second-time.Millisecond, func() { h.wants("a.example.org", dns.A, home1) })
		run(t, e, time.Minute)
		h.wants("a.example.org", dns.A, home2)
		soon := slices.DeleteFunc(rounds, func(r status.Round) bool { return !r.Started.Before(up) })
		if n := len(soon); n < 3 {
			t.Errorf("%d rounds in half a minute", n)
		}
	})
}

func hinderedPanel(f addr.Family, err error) *detect.Detector {
	return detect.New(detect.Config{Family: f, Timeout: time.Second, Rule: addr.First(), Sources: []detect.Source{hindered{err}}})
}

func TestOneCauseIsToldOnceAndWithWhatHelps(t *testing.T) {
	noRoute := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("network is unreachable")}
	noName := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "i/o timeout", Name: "api.cloudflare.com", IsTimeout: true}}
	gone := &httpx.NoInterface{Name: "ppp0"}
	early := fmt.Errorf("ask w: %w", x509.CertificateInvalidError{Reason: x509.Expired, Detail: "is before"})
	cutOff := func(context.Context, addr.Family) (netip.Addr, error) {
		return netip.Addr{}, errors.New("network is unreachable")
	}
	for what, c := range map[string]struct {
		four, six   error // nil: the family is known
		uplink      func(context.Context, addr.Family) (netip.Addr, error)
		says, never string
		lines       int
	}{
		"the link is down":        {noRoute, noRoute, cutOff, "IPv4, IPv6, zones: there is no network: network is unreachable; check the cable", "PROVIDER=none", 1},
		"the line is not there":   {gone, gone, cutOff, `there is no interface \"ppp0\"`, "check the cable", 1},
		"no name server answers":  {noName, noName, at("192.168.1.7"), "IPv4, IPv6, zones: no name server answers: ", "PROVIDER=none", 1},
		"the clock is behind":     {early, early, at("192.168.1.7"), "IPv4, IPv6, zones: the clock of this machine reads 2000-01-01 00:00 UTC, and no certificate is valid then; set the clock", "certificates of this system", 1},
		"only IPv6 is not here":   {nil, noRoute, at("192.168.1.7"), "set detect.ipv6.sources: none", "there is no network", 2},
		"the firewall stands off": {noRoute, noRoute, at("192.168.1.7"), "IPv4, IPv6: the address is not known", "PROVIDER=none", 2},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				h.host.SetHook(func(memory.Call) *provider.Error {
					return &provider.Error{Kind: provider.Unavailable, Err: errors.New("Cloudflare cannot be reached"), Hint: "install certificates of this system"}
				})
				var out bytes.Buffer
				e := h.engine([]string{"a.example.org"}, h.both, func(cfg *Config) {
					cfg.Log, cfg.Line.Uplink = slog.New(slog.NewTextHandler(&out, nil)), c.uplink
					for f, err := range map[addr.Family]error{addr.IPv4: c.four, addr.IPv6: c.six} {
						if err != nil {
							cfg.Panels[plan.Here(f)] = hinderedPanel(f, err)
						}
					}
				})
				r := e.round(t.Context(), looping)
				said := out.String()
				if !strings.Contains(said, c.says) || strings.Contains(said, c.never) || strings.Count(said, "level=WARN") != c.lines {
					t.Errorf("the log says %s", said)
				}
				if r.Outcome() != status.Failed || !has(r, status.AddressUnknown) || !has(r, status.ZonesUnread) {
					t.Errorf("conditions %v", r.Conditions)
				}
				if c.lines == 1 { // and once when it is over
					out.Reset()
					h.host.SetHook(nil)
					for f := range e.origins {
						e.origins[f].panel = h.panel(f.Family)
					}
					e.Invalidate()
					if e.round(t.Context(), looping); strings.Count(out.String(), "resolved: ") != 1 {
						t.Errorf("afterwards the log says %s", out.String())
					}
				}
			})
		})
	}
}

func TestWARPIsNamedWhereTheAnswersAreInDoubt(t *testing.T) {
	warp := addr.Vote{Voter: addr.Voter{Source: "cloudflare.trace", Operator: "cloudflare.com", Route: "a"}, Said: addr.Unknown(&detect.WARP{Said: "on"})}
	other := addr.Vote{Voter: addr.Voter{Source: "cloudflare.doh", Operator: "cloudflare.com", Route: "b"}, Said: addr.Known(netip.MustParsePrefix("104.28.1.2/32"))}
	for _, seen := range []addr.Observation{
		addr.Unknown(&addr.Doubt{Reason: "nobody agrees"}).With(warp, other),
		addr.Unknown(errors.New("no answer")).With(warp),
	} {
		c := unknownAddressCondition(plan.Here(addr.IPv4), seen, true)
		if !strings.Contains(c.Hint.String(), "WARP") || !strings.Contains(c.Hint.String(), "network.bind") || strings.Contains(c.Hint.String(), "resolves by itself") {
			t.Errorf("the hint is %q", c.Hint)
		}
	}
}
