package engine

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

func TestOneAccountThatFailsLeavesTheOtherAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org", "only-mine.org")
		h.moveTo(home6)
		other := memory.New(memory.Zone(mustName(t, "example.org"))) // of the same name, elsewhere
		two := func(c *Config) {
			mine := &c.Accounts[0]
			mine.Name = "mine"
			theirs := Account{Name: "theirs", Provider: other, Spec: plan.Spec{Records: []plan.Record{
				{Name: mustName(t, "b.example.org"), Options: &plan.Options{Types: []dns.Type{dns.AAAA}, Attrs: plan.Attrs{TTL: dns.AutoTTL}}}}}}
			c.Accounts = append(c.Accounts, theirs)
		}
		e := h.engine([]string{"a.example.org", "only-mine.org"}, h.both, two)
		for _, k := range []provider.Kind{provider.Auth, provider.Unavailable, provider.Throttled} {
			h.hook(func(memory.Call) *provider.Error {
				return &provider.Error{Kind: k, RetryAfter: time.Hour, Err: errors.New("no")}
			})
			for _, r := range other.All() {
				other.Remove(r.ID)
			}
			e.Invalidate()
			r := e.round(t.Context(), looping)
			if got := other.At(mustName(t, "b.example.org")); len(got) != 1 || got[0].Content() != home6 {
				t.Errorf("while the other account fails there is %v", got)
			}
			if !has(r, status.ZonesUnread) || r.Conditions[0].Subject != "zones of mine" || len(h.host.All()) > 0 {
				t.Errorf("said is %v", r.Conditions)
			}
		}
		h.host.SetHook(nil)
		e.Invalidate()
		if r := e.round(t.Context(), looping); !has(r, status.ZonesUnread) {
			t.Errorf("the host was asked before the hour it asked for was over: %v", r.Conditions)
		}
		time.Sleep(time.Hour)
		r := e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		h.wants("only-mine.org", dns.AAAA, home6)
		h.wants("b.example.org", dns.AAAA)
		if len(other.At(mustName(t, "a.example.org"))) > 0 || r.Outcome() == status.Failed {
			t.Errorf("a record went to the wrong account: %v", r.Conditions)
		}
		var zones []string
		for _, z := range r.Zones {
			zones = append(zones, z.Account+" "+z.Name.String())
		}
		if got := fmt.Sprint(zones); got != "[mine example.org mine only-mine.org theirs example.org]" {
			t.Errorf("zones %v", got)
		}
	})
}

// A name stands at two hosts, and one of them has no zone of it: the condition says
// which, and the record at the other is right.
func TestANameThatOneOfTwoAccountsCannotPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.moveTo(home6)
		other := memory.New(memory.Zone(mustName(t, "elsewhere.org")))
		spec := plan.Spec{Records: []plan.Record{{Name: mustName(t, "a.example.org"), Options: &plan.Options{Types: []dns.Type{dns.AAAA}, Attrs: plan.Attrs{TTL: dns.AutoTTL}}}}}
		e := h.engine(nil, h.both, func(c *Config) {
			c.Accounts[0].Name, c.Accounts[0].Spec = "mine", spec
			c.Accounts = append(c.Accounts, Account{Name: "theirs", Provider: other, Spec: spec})
		})
		r := e.round(t.Context(), looping)
		if len(r.Conditions) != 1 || r.Conditions[0].Subject != "a.example.org of theirs" {
			t.Errorf("said is %v", r.Conditions)
		}
		b := status.NewBoard(status.Wanted{Account: "mine", Spec: spec}, status.Wanted{Account: "theirs", Spec: spec})
		b.Done(r, e.Held())
		for _, set := range b.Now().RRsets() {
			if wrong := set.Account == "theirs"; set.Key.Type == dns.AAAA && (set.State == status.Wrong) != wrong {
				t.Errorf("at %s it is %v: %v", set.Account, set.State, set.Conditions)
			}
		}
	})
}
