package status

import (
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// sited is a round in which a site with a name was seen beside this machine.
func sited(at time.Time, cable addr.Observation) Round {
	here := addr.Known(netip.MustParsePrefix("84.1.2.3/32"))
	return Round{Number: 1, Started: at, Seen: plan.Seen{plan.Here(addr.IPv4): here, {Site: "cable", Family: addr.IPv4}: cable}}
}

// What scripts read of this machine is as it was; sites with names stand beside.
func TestTheJSONOfASiteStandsInAnArrayOfItsOwn(t *testing.T) {
	var got struct {
		Families []struct{ Family, Site string }
		Sites    []struct {
			Site     string
			Families []struct {
				Family    string
				Addresses []string
			}
		}
	}
	b, err := json.Marshal(sited(day(0), addr.Known(netip.MustParsePrefix("203.0.113.7/32"))))
	if err == nil {
		err = json.Unmarshal(b, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Families) != 1 || len(got.Sites) != 1 || got.Sites[0].Site != "cable" || got.Sites[0].Families[0].Addresses[0] != "203.0.113.7" {
		t.Errorf("%s", b)
	}
	if b, _ := json.Marshal(Round{Seen: plan.Seen{plan.Here(addr.IPv4): {}}}); strings.Contains(string(b), "site") {
		t.Errorf("this machine has a word of sites: %s", b)
	}
}

// A homing that knows of no sites passes over the lines about them.
func TestTheHistoryOfASiteIsOfAnotherSchema(t *testing.T) {
	h, _, err := OpenHistory(t.TempDir(), day(0))
	if err != nil {
		t.Fatal(err)
	}
	var standing Standing
	for i, cable := range []addr.Observation{addr.Known(netip.MustParsePrefix("203.0.113.7/32")), addr.Unknown(errors.New("the line is down"))} {
		r := sited(day(i), cable)
		if !cable.Known() {
			r.Conditions = []Condition{{Code: AddressUnknown, Subject: "IPv4 of cable", Text: "the line is down"}}
		}
		var events []Event
		events, standing = Since(standing, r)
		if err := h.Add(day(i), events...); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if named := strings.Contains(line, "cable"); named != strings.HasPrefix(line, `{"v":2,`) || !named && !strings.HasPrefix(line, `{"v":1,`) {
			t.Errorf("%s", line)
		}
	}
	past, err := h.Past(day(-1), func(Event) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	told := map[EventKind]string{}
	for _, e := range past {
		if e.Of.Site == "cable" {
			told[e.Kind] = e.Of.String()
		}
	}
	if told[AddressFound] != "IPv4 of cable" || told[AddressLost] != "IPv4 of cable" {
		t.Errorf("%v of %+v", told, past)
	}
}
