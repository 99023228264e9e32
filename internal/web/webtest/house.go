// Package webtest makes rounds up, for tests and for looking at the page: a
// house whose addresses change, whose line fails and whose DNS host refuses.
package webtest

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// House is a place with names in up to ten zones, and a DNS host that holds
// them. Each Round is worked out by package plan from what is so then.
type House struct {
	Now  time.Time     // when the next round begins
	Pace time.Duration // from one round to the next

	spec    plan.Spec
	zones   []dns.Name
	held    map[dns.Name][]dns.Record
	at      map[addr.Family]netip.Addr // the zero address while the family is down
	lie     netip.Addr                 // what one source says instead
	refused map[dns.Key]bool
	round   int
}

// New makes a house with n names whose records are wrong or missing. It has
// lived at its first addresses since now.
func New(n int, now time.Time) *House {
	h := &House{Now: now, Pace: 5 * time.Minute, held: make(map[dns.Name][]dns.Record), refused: make(map[dns.Key]bool),
		at: map[addr.Family]netip.Addr{addr.IPv4: netip.MustParseAddr("84.17.46.2"), addr.IPv6: netip.MustParseAddr("2a02:8070:a1::7")}}
	h.spec.Owned = regexp.MustCompile("")
	zones := []string{"example.org", "example.net", "example.com"}
	if n > 100 {
		zones = nil
		for i := range 10 {
			zones = append(zones, fmt.Sprintf("zone-%d.example", i))
		}
	}
	for i := range n {
		h.furnish(i, zones[i%len(zones)])
	}
	return h
}

func (h *House) furnish(i int, zone string) {
	words := []string{"home", "nas", "vpn", "git", "photos", "cloud", "mail", "wiki", "door"}
	host := words[i%len(words)]
	if i >= len(words) {
		host = fmt.Sprintf("%s-%d", host, i/len(words)+1)
	}
	z := Name(zone)
	if h.held[z] == nil {
		h.zones, h.held[z] = append(h.zones, z), []dns.Record{}
	}
	name := Name(host + "." + zone)
	h.spec.Records = append(h.spec.Records, plan.Record{Name: name, Options: &plan.Options{Types: []dns.Type{dns.A, dns.AAAA},
		Attrs: plan.Attrs{TTL: dns.AutoTTL, Proxied: i%3 == 1}}})
	if i%4 != 2 { // some are not there yet
		h.held[z] = append(h.held[z], dns.Record{ID: fmt.Sprintf("old-%d", i), Name: name, Type: dns.A,
			Addr: netip.MustParseAddr("198.51.100.4"), TTL: 300, Proxied: i%3 == 1})
	}
}

// Name reads a name that is known to be one.
func Name(s string) dns.Name {
	n, err := dns.ParseName(s)
	if err != nil {
		panic(err) // a name in a test is wrong
	}
	return n
}

// Wanted is what the house's settings ask for.
func (h *House) Wanted() []status.Wanted { return []status.Wanted{{Spec: h.spec}} }

// Move gives the house another address.
func (h *House) Move(a string) {
	ip := netip.MustParseAddr(a)
	for _, f := range addr.Families() {
		if f.Holds(ip) {
			h.at[f] = ip
		}
	}
}

// Lose takes a family down.
func (h *House) Lose(f addr.Family) { h.at[f] = netip.Addr{} }

// Lie makes one of the sources say another IPv4 address; "" ends it.
func (h *House) Lie(a string) {
	h.lie = netip.Addr{}
	if a != "" {
		h.lie = netip.MustParseAddr(a)
	}
}

// Refuse has the host refuse every change of a name, or no longer.
func (h *House) Refuse(name string, refuse bool) {
	for _, t := range []dns.Type{dns.A, dns.AAAA} {
		h.refused[dns.Key{Name: Name(name), Type: t}] = refuse
	}
}

// Held is what the host holds.
func (h *House) Held() []status.Held {
	var held []status.Held
	for _, z := range h.zones {
		held = append(held, status.Held{Zone: z, Read: h.Now, Records: h.held[z]})
	}
	return held
}

// Round makes the next round, as the engine would.
func (h *House) Round() status.Round {
	r := h.look()
	h.round++
	r.Number, r.Next = h.round, r.Started.Add(h.Pace)
	for i := range r.Zones {
		z := &r.Zones[i]
		h.apply(z)
		if plan.CountChanges(z.Plan.Sets) > 0 {
			r.Calls++
			r.Took += 180 * time.Millisecond
		}
		for _, d := range z.Done {
			if d.Err != nil {
				r.Conditions = append(r.Conditions, status.Condition{Code: status.ChangeFailed, Subject: d.Key().String(), Key: d.Key(),
					Text: d.Err.Error(), Hint: d.Hint})
			}
		}
	}
	if h.round == 1 {
		r.Calls += int64(1 + len(h.zones))
	}
	h.Now = r.Next
	return r
}

// Plan makes a round that changes nothing.
func (h *House) Plan() status.Round {
	r := h.look()
	r.Number, r.Dry = 1, true
	return r
}

func (h *House) look() status.Round {
	r := status.Round{Started: h.Now, Took: 240 * time.Millisecond, Seen: plan.Seen{}}
	for _, f := range addr.Families() {
		r.Seen[plan.Here(f)] = h.observe(f)
		if !r.Seen[plan.Here(f)].Known() {
			r.Conditions = append(r.Conditions, status.Condition{Code: status.AddressUnknown, Subject: f.String(),
				Text: "the address is not known: " + r.Seen[plan.Here(f)].Why().Error(),
				Hint: text.Advise("if this network has no %s, set %s", f, plan.Here(f).Setting("sources").To("none"))})
		}
	}
	for _, z := range h.zones {
		spec := h.spec.Only(func(n dns.Name) bool { return n.IsWithin(z) })
		p := plan.Diff(plan.Zone{Name: z}, plan.Targets(spec, r.Seen, plan.Memory{}), h.held[z], spec.Owns)
		r.Zones = append(r.Zones, status.Zone{Name: z, Plan: p})
	}
	return r
}

// observe asks three ways to learn the address of a family.
func (h *House) observe(f addr.Family) addr.Observation {
	var votes []addr.Vote
	for i, v := range []addr.Voter{
		{Source: "cloudflare.trace", Operator: "cloudflare.com", Route: "api.cloudflare.com", Authenticated: true},
		{Source: "cloudflare.doh", Operator: "cloudflare.com", Route: "cloudflare-dns.com (DoH)", Authenticated: true},
		{Source: "url:https://ip.example.net/", Operator: "example.net", Route: "ip.example.net", Authenticated: true},
	} {
		said := addr.Unknown(errors.New("connect: network is unreachable"))
		if a := h.at[f]; a.IsValid() {
			if i == 2 && h.lie.IsValid() && f == addr.IPv4 {
				a = h.lie
			}
			said = addr.Known(netip.PrefixFrom(a, a.BitLen()))
		}
		votes = append(votes, addr.Vote{Voter: v, Said: said, Took: time.Duration(38+21*i) * time.Millisecond})
	}
	return addr.Agree(addr.First(), 2, votes)
}

// apply has the host carry out what is planned, unless it refuses.
func (h *House) apply(z *status.Zone) {
	var kept []dns.Record
	gone := make(map[string]bool)
	for _, c := range z.Plan.Changes() {
		d := status.Done{Change: c, Needs: []plan.Origin{plan.Here(plan.FamilyOf(c.Key().Type))}}
		if h.refused[c.Key()] {
			d.Err = errors.New("the host refused the change: 81058: an identical record already exists")
			d.Hint = "delete the other record of this name in Cloudflare's dashboard"
			z.Done = append(z.Done, d)
			continue
		}
		gone[c.Old.ID] = c.Action != plan.ToCreate
		if c.Action != plan.ToDelete {
			stored := c.New
			stored.ID = strings.Join([]string{"r", c.New.Name.String(), string(c.New.Type)}, "-")
			kept = append(kept, stored)
		}
		z.Done = append(z.Done, d)
	}
	if len(gone)+len(kept) == 0 {
		return
	}
	for _, r := range h.held[z.Name] {
		if !gone[r.ID] {
			kept = append(kept, r)
		}
	}
	h.held[z.Name] = kept
}

// Addr reads an address that is known to be one.
func Addr(s string) netip.Addr { return netip.MustParseAddr(s) }
