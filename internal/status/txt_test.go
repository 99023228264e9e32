package status_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// A TXT record is right when the host holds what its template says now, whatever
// others say beside it.
func TestATXTRecordIsRightWhenItSaysItsContent(t *testing.T) {
	apex, err := dns.ParseName("example.org")
	if err != nil {
		t.Fatal(err)
	}
	template, err := plan.ParseTemplate("v=spf1 ip4:{ipv4} -all")
	if err != nil {
		t.Fatal(err)
	}
	spec := plan.Spec{Records: []plan.Record{{Name: apex, Options: &plan.Options{Types: []dns.Type{dns.TXT}, Content: template}}}}
	here := addr.Known(netip.MustParsePrefix("203.0.113.7/32"))
	for says, want := range map[string]status.State{"v=spf1 ip4:203.0.113.7 -all": status.Right, "v=spf1 ip4:198.51.100.1 -all": status.Wrong} {
		b := status.NewBoard(status.Wanted{Spec: spec})
		b.Done(status.Round{Number: 1, Started: time.Now(), Seen: plan.Seen{plan.Here(addr.IPv4): here}, Zones: []status.Zone{{Name: apex}}},
			[]status.Held{{Zone: apex, Records: []dns.Record{
				{Name: apex, Type: dns.TXT, Text: dns.DataOfStrings("site-verification=abc").Text},
				{Name: apex, Type: dns.TXT, Text: dns.DataOfStrings(says).Text}}}})
		sets := b.Now().RRsets()
		if len(sets) != 1 || sets[0].State != want || len(sets[0].Records) != 2 || sets[0].Wanted[0].JoinedText() != "v=spf1 ip4:203.0.113.7 -all" {
			t.Errorf("%s: %+v", says, sets)
		}
	}
}
