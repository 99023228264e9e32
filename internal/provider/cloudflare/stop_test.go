package cloudflare

import (
	"context"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/sim"
)

func TestStoppingLetsTheWriteUnderWayEndAndBeginsNoOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org", Plan: "free", Quota: 3500})
		zone := zoneOf(t, p, "example.org")
		cf.SetOptions(sim.Options{WriteLatency: 3 * time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)

		var names []string
		for _, n := range hosts(300, "example.org") { // two batches
			names = append(names, n.String())
		}
		got := count(kinds(t, apply(ctx, p, zone, changesAt(names...))))
		if got["done"] != 200 || got[provider.NotTried.String()] != 100 {
			t.Errorf("got %v, want the first batch done and the second not tried", got)
		}
	})
}

func TestAWriteThatOutlastsTheGraceIsUnconfirmed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"})
		zone := zoneOf(t, p, "example.org")
		cf.SetOptions(sim.Options{WriteLatency: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		got := kinds(t, apply(ctx, p, zone, changesAt("a.example.org")))
		if got[0] != provider.Unconfirmed.String() {
			t.Errorf("got %v", got)
		}
		if took := time.Since(start); took != time.Second+provider.WriteGrace {
			t.Errorf("it took %v", took)
		}
	})
}
