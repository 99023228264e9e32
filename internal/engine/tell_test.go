package engine

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

func TestTheLogSaysOnceWhatBeganAndOnceThatItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var out bytes.Buffer
		e := h.engine([]string{"a.example.org"}, h.both, func(c *Config) {
			c.Log, c.Quiet = slog.New(slog.NewTextHandler(&out, nil)), true
		})
		lines := func() int {
			out.Reset()
			e.round(t.Context(), looping)
			return strings.Count(out.String(), "\n")
		}
		h.moveTo(home6)
		if n := lines(); n != 3 {
			t.Errorf("two changes and a round are %d lines", n)
		}
		if n := lines(); n != 0 {
			t.Errorf("a quiet round is %d lines", n)
		}
		h.lose(addr.IPv6)
		if n := lines(); n != 2 {
			t.Errorf("what began and a round are %d lines:\n%s", n, out.String())
		}
		if n := lines(); n != 0 {
			t.Errorf("while it lasts a round is %d lines", n)
		}
		h.moveTo(home6)
		if n := lines(); n != 2 || !strings.Contains(out.String(), "resolved: IPv6") {
			t.Errorf("its end and a round are %d lines:\n%s", n, out.String())
		}
	})
}

// Each line of a round that failed says why; the line of the condition comes once.
func TestTheLineOfAFailedRoundSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var out bytes.Buffer
		e := h.engine([]string{"a.example.org"}, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) })
		e.round(t.Context(), looping)
		if strings.Contains(out.String(), "reason=") {
			t.Errorf("without a failure: %s", out.String())
		}
		out.Reset()
		h.hook(func(memory.Call) *provider.Error {
			return &provider.Error{Kind: provider.Unavailable, Err: errors.New("it is down " + strings.Repeat("x", 2*reasonMost))}
		})
		time.Sleep(time.Hour) // everything is read again
		for range 3 {
			e.round(t.Context(), looping)
			time.Sleep(time.Minute)
		}
		if n := strings.Count(out.String(), "outcome=failed"); n != 3 || strings.Count(out.String(), "level=WARN") != 1 {
			t.Errorf("%d failed: %s", n, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if _, reason, ok := strings.Cut(line, ` reason="`); strings.Contains(line, "outcome=failed") && (!ok || !strings.Contains(reason, "it is down") || len(reason) > reasonMost+30) {
				t.Errorf("%q", line)
			}
		}
		if r := failureReason(status.Round{Conditions: []status.Condition{{Code: status.Stopped, Subject: "round"}, {Code: status.SettingAdapted},
			{Code: status.AddressUnknown, Subject: "IPv4", Text: "no"}, {Code: status.AddressUnknown, Subject: "IPv6", Text: "no"}, {Code: status.NameBlocked, Subject: "a"}}}); r != "IPv4, IPv6: no; and 1 other failure" {
			t.Errorf("%q", r)
		}
	})
}

// While the address is not known nobody can tell whether a refusal or a record
// in the way is over. It is not called over, and asked about no faster.
func TestNothingIsCalledOverWhileTheAddressIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var out bytes.Buffer
		var rounds []status.Round
		h.host.Put(dns.Record{Name: mustName(t, "blocked.example.org"), Type: dns.CNAME, Text: "elsewhere.example", TTL: 300})
		refuse := true
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteRRset && !c.Done && refuse {
				return &provider.Error{Kind: provider.Rejected, Err: errors.New("no")}
			}
			return nil
		})
		e := h.engine([]string{"refused.example.org", "blocked.example.org"}, counted(&rounds), func(c *Config) {
			c.Log = slog.New(slog.NewTextHandler(&out, nil))
		})
		codes := func() (all []status.Code) {
			for _, c := range rounds[len(rounds)-1].Conditions {
				all = append(all, c.Code)
			}
			return all
		}
		run(t, e, time.Second)
		if got := codes(); !slices.Equal(got, []status.Code{status.NameBlocked, status.ChangeFailed}) {
			t.Fatalf("%v", got)
		}
		home := h.addr(addr.IPv4)
		h.lose(addr.IPv4)
		out.Reset()
		run(t, e, 2*time.Hour+time.Second)
		if got := codes(); !slices.Equal(got, []status.Code{status.NameBlocked, status.ChangeFailed, status.AddressUnknown}) || strings.Contains(out.String(), "over:") {
			t.Errorf("while nothing is known: %v\n%s", got, out.String())
		}
		if most := 2*60 + 10; len(rounds) > most { // the pauses of a family that is not known go up to the interval
			t.Errorf("%d rounds in two hours", len(rounds))
		}
		refuse = false
		h.moveTo(home)
		out.Reset()
		run(t, e, time.Hour+time.Second)
		if got := codes(); !slices.Equal(got, []status.Code{status.NameBlocked}) || strings.Count(out.String(), "resolved: A refused.example.org") != 1 {
			t.Errorf("when it is known again: %v\n%s", got, out.String())
		}
	})
}
