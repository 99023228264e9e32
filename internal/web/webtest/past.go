package webtest

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// Past is ninety days in which a house was given a new IPv4 address now and
// then and a new IPv6 prefix seldom, and was off line three times. It ends at
// the addresses the house has.
func (h *House) Past(now time.Time) []status.Event {
	p := past{house: h, at: map[addr.Family]string{}}
	begin := now.Add(-89 * 24 * time.Hour)
	p.add(status.Event{At: begin, Kind: status.HomingBegan})
	for i := range 30 {
		t := begin.Add(time.Duration(i)*71*time.Hour + time.Duration(i*i%11)*time.Hour)
		a := netip.AddrFrom4([4]byte{84, 17, byte(40 + i), byte(7 * i)})
		if t.After(now.Add(-20 * time.Hour)) {
			break
		}
		p.move(addr.IPv4, t, a.String(), time.Duration(2+i*i%41)*time.Second)
		if i%9 == 0 {
			p.move(addr.IPv6, t.Add(time.Hour), fmt.Sprintf("2a02:8070:%x::7", 0x90+i), time.Duration(3+i)*time.Second)
		}
		if i%12 == 5 {
			p.add(status.Event{At: t.Add(30 * time.Hour), Kind: status.AddressLost, Of: plan.Here(addr.IPv4), Code: status.AddressUnknown, Text: "network is unreachable"})
			p.move(addr.IPv4, t.Add(39*time.Hour), a.String(), 0)
		}
	}
	p.move(addr.IPv6, now.Add(-31*time.Hour), h.at[addr.IPv6].String(), 4*time.Second)
	p.move(addr.IPv4, now.Add(-16*time.Hour), "84.17.45.211", 900*time.Millisecond)
	p.add(status.Event{At: now.Add(-7 * time.Hour), Kind: status.AddressLost, Of: plan.Here(addr.IPv4), Code: status.AddressUnknown, Text: "network is unreachable"})
	p.move(addr.IPv4, now.Add(-6*time.Hour-10*time.Minute), h.at[addr.IPv4].String(), 42*time.Second)
	return p.events
}

type past struct {
	house  *House
	at     map[addr.Family]string
	events []status.Event
}

func (p *past) add(e status.Event) { p.events = append(p.events, e) }

func (p *past) move(f addr.Family, t time.Time, to string, took time.Duration) {
	p.add(status.Event{At: t, Kind: status.AddressFound, Of: plan.Here(f), From: p.at[f], To: to})
	for _, r := range p.house.spec.Records[:min(3, len(p.house.spec.Records))] {
		if took > 0 && f == addr.IPv4 {
			p.add(status.Event{At: t.Add(took), Kind: status.RecordChanged, Keys: []dns.Key{{Name: r.Name, Type: dns.A}}, Count: 1, From: p.at[f], To: to, Text: "the address changed"})
		}
	}
	if took > 0 {
		p.add(status.Event{At: t.Add(took), Kind: status.FamilyPublished, Of: plan.Here(f), To: to, Took: took})
	}
	p.at[f] = to
}
