package detect

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// keeping makes a panel that hears only these addresses.
func keeping(rule addr.Rule, keep []string, sources ...Source) *Detector {
	return New(Config{Family: addr.IPv4, Sources: sources, Rule: rule, Timeout: 5 * time.Second,
		Filter: func(a netip.Addr) bool { return slices.Contains(keep, a.String()) }})
}

func TestFilterIsHeardBeforeTheRule(t *testing.T) {
	both := known("8.8.4.4", "9.9.9.9")
	for _, c := range []struct {
		name  string
		panel func(*journal) *Detector
		want  addr.Observation
		votes string
	}{
		{"an answer is reduced", func(j *journal) *Detector {
			return keeping(addr.First(), []string{"8.8.4.4"}, j.says("a", 0, both))
		}, truth, "a 8.8.4.4"},
		{"one that is filtered out makes room for the next", func(j *journal) *Detector {
			return keeping(addr.First(), []string{"8.8.4.4"}, j.says("a", 10*ms, wrong), j.says("b", 0, truth))
		}, truth, "a not known: the filter leaves none of: 9.9.9.9; b 8.8.4.4"},
		{"so it does among the ways of a source", func(j *journal) *Detector {
			return keeping(addr.First(), []string{"8.8.4.4"}, many(j.host("a", 10*ms, wrong), j.host("b", 10*ms, truth)), j.says("c", 0, stale))
		}, truth, "a not known: the filter leaves none of: 9.9.9.9; b 8.8.4.4"},
		{"those agree who differ in what is filtered out", func(j *journal) *Detector {
			return keeping(addr.Majority(), []string{"8.8.4.4"}, j.says("a", 0, both), j.says("b", 0, known("8.8.4.4", "8.8.8.8")), j.says("c", never, wrong))
		}, truth, "a 8.8.4.4; b 8.8.4.4"},
		{"nothing is left", func(j *journal) *Detector {
			return keeping(addr.First(), nil, j.says("a", 0, both))
		}, down, "a not known: the filter leaves none of: 8.8.4.4, 9.9.9.9"},
		{"who does not know says why", func(j *journal) *Detector {
			return keeping(addr.First(), nil, j.says("a", 0, down))
		}, down, "a not known: the line is down"},
		{"no address is no address", func(j *journal) *Detector {
			return keeping(addr.First(), nil, Empty())
		}, addr.None(), "static.empty no address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := c.panel(newJournal()).Observe(t.Context())
				if c.want.Known() {
					wantSame(t, o, c.want)
				} else {
					wantRefused(t, o, "")
				}
				if got := ways(o.Votes()); got != c.votes {
					t.Errorf("votes are %s", got)
				}
			})
		})
	}
}

func TestFilterSaysWhatItLeftOut(t *testing.T) {
	six := withFilter([]Source{must(t)(Static(want6, "fd00::1,fd00::2"))}, addr.IPv6, func(netip.Addr) bool { return false })
	why := six[0].Observe(t.Context()).Why()
	out, ok := errors.AsType[*FilteredOut](why)
	if !ok || len(out.Addrs) != 2 || out.Family != addr.IPv6 {
		t.Errorf("why is %#v", why)
	}
	if want := "the filter leaves none of: fd00::1, fd00::2"; why.Error() != want {
		t.Errorf("it says %s", why)
	}
}

func TestFilterIsHeardInEachLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		p := keeping(addr.First(), []string{"8.8.4.4"}, many(j.host("a", 0, truth), j.host("b", 10*ms, wrong), j.host("c", 10*ms, known("8.8.4.4", "8.8.8.8"))))
		o := p.Confirm(t.Context(), observe(t, p))
		wantSame(t, o, truth)
		want := "a 8.8.4.4; b not known: the filter leaves none of: 9.9.9.9; c 8.8.4.4"
		if got := ways(o.Votes()); got != want {
			t.Errorf("votes are %s", got)
		}
		if got := ways(p.Survey(t.Context())); got != want {
			t.Errorf("the survey says %s", got)
		}
	})
}

// A way that stands alone is asked again, over a fresh connection.
func TestFilterPassesOnWhatASourceCanDo(t *testing.T) {
	w := &world{hosts: map[string]http.HandlerFunc{"ip.example.org": shows("8.8.4.4\n9.9.9.9\n")}}
	p := keeping(addr.First(), []string{"8.8.4.4"}, must(t)(URL(want4, onLoopback(t, w), "http://ip.example.org/", URLOptions{})))
	o := p.Confirm(t.Context(), observe(t, p))
	wantSame(t, o, truth)
	if got := ways(o.Votes()); got != "ip.example.org/ 8.8.4.4; ip.example.org/ (again) 8.8.4.4" || w.Dials() != 2 {
		t.Errorf("%d connections, votes are %s", w.Dials(), got)
	}
	p.CloseIdle()
	observe(t, p)
	if w.Dials() != 3 {
		t.Error("CloseIdle left the connection open")
	}
}

func TestFilteringLeavesTheSourcesAlone(t *testing.T) {
	j := newJournal()
	h := many(j.host("a", 0, truth), j.host("b", 0, truth))
	sources := []Source{h}
	keeping(addr.First(), nil, sources...)
	if sources[0] != Source(h) || len(h.routes) != 2 || h.routes[0].Observe(t.Context()).Known() != true {
		t.Error("the sources were changed")
	}
}
