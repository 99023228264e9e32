package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const (
	zoneA = "0123456789abcdef0123456789abcdef"
	zoneB = "fedcba9876543210fedcba9876543210"
)

// relative is a configuration whose names are known once those of its zones are.
func relative(names map[string]string) (*Config, error) {
	d := new(Draft)
	o := &Origin{Name: "somewhere"}
	d.Set("accounts.default.token", "good", o)
	d.Set("accounts.other.token", "better", o)
	for _, r := range []struct{ name, zone, account string }{{"@", zoneA, ""}, {"Home", zoneA, ""}, {"*.lab", zoneB, "other"}} {
		path := d.Record(r.name, o)
		d.Set(path+".relative", "true", o)
		d.Set(path+".zone_id", r.zone, o)
		if r.account != "" {
			d.Set(path+".account", r.account, o)
		}
	}
	in := input(nil, nil)
	in.ZoneNames = names
	return Build(in, d)
}

func TestARelativeNameAsksForItsZoneAndIsThenWhole(t *testing.T) {
	_, err := relative(map[string]string{zoneB: "example.net"})
	need, ok := errors.AsType[*NeedZones](err)
	if !ok || len(need.Zones) != 1 || need.Zones[0].ID != zoneA || need.Zones[0].Account.Text("token") != "good" || need.Zones[0].Account.Spec.Records != nil {
		t.Fatalf("got %v, want the need of one zone, once", err)
	}
	cfg, err := relative(map[string]string{zoneA: "Example.ORG", zoneB: "example.net"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range cfg.Accounts {
		for _, r := range a.Spec.Records {
			got = append(got, a.Name+" "+r.Name.String()+" "+a.ZoneIDs[r.Name])
		}
	}
	want := []string{"default example.org " + zoneA, "default home.example.org " + zoneA, "other *.lab.example.net " + zoneB}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestZonesAreAskedForOnlyWhenNothingIsWrong(t *testing.T) {
	_, err := load(map[string]string{}, map[string]string{"homing.yaml": `
accounts: {default: {token: good}}
records:
  - {name: home, relative: true}
  - {name: "a b", relative: true, zone_id: ` + zoneA + `}
  - {name: lab, relative: true, zone_id: ` + zoneA + `}
`})
	if got := problems(t, err); !slices.Equal(got, []string{"records[0].name", "records[1].name"}) {
		t.Fatalf("got %q", got)
	}
}

func TestTheNameOfAZoneIsNotBelievedBlindly(t *testing.T) {
	_, err := relative(map[string]string{zoneA: "-\x1b[31m", zoneB: "example.net"})
	if ps, ok := errors.AsType[Problems](err); !ok || len(ps) != 2 || strings.Contains(err.Error(), "\x1b") {
		t.Fatalf("got %v", err)
	}
}

// A name that ends in that of its zone is whole already.
func TestARelativeNameThatIsWholeIsTakenSo(t *testing.T) {
	for below, want := range map[string]string{"home": "home.example.org", "home.example.org": "home.example.org", "Home.Example.org.": "home.example.org",
		"example.org": "example.org", "myexample.org": "myexample.org.example.org", "home.": "home.example.org", "*.example.org": "*.example.org",
		"www.example.net": "www.example.net.example.org", "www.example.net.": ""} {
		d := new(Draft)
		o := &Origin{Name: "somewhere"}
		d.Set("accounts.default.token", "good", o)
		path := d.Record(below, o)
		d.Set(path+".relative", "true", o)
		d.Set(path+".zone_id", zoneA, o)
		in := input(nil, nil)
		in.ZoneNames = map[string]string{zoneA: "example.org"}
		cfg, err := Build(in, d)
		if err != nil {
			if want != "" || !strings.Contains(err.Error(), `in the zone example.org: "www.example.net." is a whole name`) {
				t.Errorf("%s: %v", below, err)
			}
			continue
		}
		if got := records(t, cfg)[0].Name.String(); got != want {
			t.Errorf("%s is %s, want %s", below, got, want)
		}
	}
}
