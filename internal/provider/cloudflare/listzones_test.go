package cloudflare

import (
	"fmt"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/sim"
)

func TestVisibleListsEveryZoneByName(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		if got, err := p.ListZones(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("none: %v, %v", got, err)
		}
		for i := range 120 {
			cf.AddZone(sim.Zone{Name: fmt.Sprintf("z%03d.example", 119-i)})
		}
		cf.AddZone(sim.Zone{Name: "gone.example", Status: "deleted"})
		cf.Reset()
		got, err := p.ListZones(t.Context())
		if err != nil || len(got) != 120 || got[7].Name != name("z007.example") || len(cf.Calls()) != 3 {
			t.Errorf("%d zones, %v after %d calls", len(got), err, len(cf.Calls()))
		}
		for i := range 1000 {
			cf.AddZone(sim.Zone{Name: fmt.Sprintf("y%04d.example", i)})
		}
		if got, err := p.ListZones(t.Context()); err != nil || len(got) != maxZonesListed-1 { // one of them is deleted
			t.Errorf("of very many: %d zones, %v", len(got), err)
		}
		cf.Fail(func(c sim.Call) bool { return c.Query.Get("page") == "2" }, sim.HTML(502))
		if got, err := p.ListZones(t.Context()); err == nil {
			t.Errorf("half a listing is taken for all of it: %d zones", len(got))
		}
	})
}

func TestTheClocksAreComparedToAboutASecond(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Hour, -90 * time.Second} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			if _, ok := p.ClockSkew(); ok {
				t.Error("it is known before anybody was asked")
			}
			cf.SetOptions(sim.Options{ClockAhead: ahead, ReadLatency: 10 * time.Second})
			if _, _, err := p.Zones(t.Context(), allNames("example.org")); err != nil {
				t.Fatal(err)
			}
			if got, ok := p.ClockSkew(); !ok || (got-ahead).Abs() > time.Second {
				t.Errorf("it is %s, want about %s", got, ahead)
			}
		})
	}
}
