package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/expr"
	"github.com/homing-dns/homing/internal/plan"
)

// record is a plan.Record in the making.
type record struct {
	Name dns.Name
	plan.Options
	own
	path     string   // "records[3]"
	at       *account // whose it is
	proxied  expr.Names
	account  string
	zoneIDs  []zoneID
	zone     dns.Name // as somebody names it; zero where nobody does
	relative bool
	below    string // of a relative one: what stands before the name of its zone
}

// own are the settings that a record or a list has of its own, such as "ttl".
type own map[string]bool

// record is the one at path, made when it is first spoken of.
func (l *loader) record(path string) *record {
	r, known := l.recordAt[path]
	if !known {
		r = &record{path: path, own: own{}}
		l.recordAt[path] = r
		l.records = append(l.records, r)
	}
	return r
}

// inherit takes from d what r does not say itself.
func (r *record) inherit(d *record) {
	take := func(name string, from func()) {
		if !r.own[name] {
			from()
		}
	}
	take("types", func() { r.Types = []dns.Type{dns.A, dns.AAAA} })
	take("proxied", func() { r.proxied = d.proxied })
	take("ttl", func() { r.Attrs.TTL = d.Attrs.TTL })
	take("comment", func() { r.Attrs.Comment = d.Attrs.Comment })
	take("tags", func() { r.Attrs.Tags = d.Attrs.Tags })
	take("create", func() { r.Create = d.Create })
	take("leftovers", func() { r.Leftovers = d.Leftovers })
	take("zone_id", func() { r.zoneIDs = d.zoneIDs })
	r.Attrs.Proxied = r.proxied.Match(r.Name)
}

// finishRecords gives each account its records.
func (l *loader) finishRecords() {
	l.finishPolicy()
	for _, r := range l.records {
		a := l.accountFor(r)
		r.at = a
		if a != nil && r.account == "" && l.in.Catalogue.host(a.Provider).Named {
			l.wrong(r.path+".account", l.in.Catalogue.host(a.Provider).Name+" does not tell which names are its, so a record has to say that it is there", "write it: account: "+a.Name)
		}
		if a != nil && r.relative {
			l.complete(a, r)
		}
		r.inherit(&l.defaults)
		if !r.own["enforce"] {
			r.Enforce = l.policy.fields()
		}
		r.Enforce = l.enforceable(r)
		l.checkContent(r)
		l.checkSites(r.path, r.Sites, r.own["pick"])
		if a == nil || r.Name.IsZero() || l.twice(a, r) {
			continue
		}
		a.places[r.Name] = append(a.places[r.Name], len(a.Spec.Records))
		a.Spec.Records = append(a.Spec.Records, plan.Record{Name: r.Name, Options: l.shared(r.Options)})
		l.nameZone(a, r)
		if id := zone(r.zoneIDs, r.Name); id != "" {
			if a.ZoneIDs == nil {
				a.ZoneIDs = make(map[dns.Name]string)
			}
			a.ZoneIDs[r.Name] = id
		}
	}
}

// checkContent holds what a record says against its types.
func (l *loader) checkContent(r *record) {
	switch txt := slices.Contains(r.Types, dns.TXT); {
	case txt && !r.own["content"]:
		l.wrong(r.path+".types", "nothing tells what the TXT record is to say",
			`write content beside it, such as content: "v=spf1 ip4:{ipv4} ip6:{ipv6} -all", or content: "{ipv4}"`)
	case !txt && r.own["content"]:
		l.wrong(r.path+".content", "it is for TXT records, and the name has none", "add types: [TXT], or [A, AAAA, TXT]")
	}
}

// nameZone takes over which zone of several the name belongs to.
func (l *loader) nameZone(a *account, r *record) {
	switch {
	case r.zone.IsZero():
	case !r.Name.IsWithin(r.zone):
		l.wrong(r.path+".zone", fmt.Sprintf("%s does not lie in it", r.Name.Describe()), "write the zone that the name ends in, or leave it out")
	default:
		if a.ZoneNames == nil {
			a.ZoneNames = make(map[dns.Name]dns.Name)
		}
		a.ZoneNames[r.Name] = r.zone
	}
}

// twice reports whether a has r already. A name may stand there again with other
// types; a type that is wanted in two ways is a problem.
func (l *loader) twice(a *account, r *record) bool {
	for _, i := range a.places[r.Name] {
		known := &a.Spec.Records[i]
		if alike(known.Options, &r.Options) {
			both := r.Options
			both.Types = slices.Concat(known.Types, r.Types)
			slices.Sort(both.Types)
			both.Types = slices.Compact(both.Types)
			known.Options = l.shared(both)
			return true
		}
		for _, t := range r.Types {
			if slices.Contains(known.Types, t) {
				hint := "keep one of the two, or give them different types"
				if !slices.Equal(known.Sites, r.Sites) {
					hint = "for the addresses of both places write one entry, such as site: [" + strings.Join(placesOf(known.Sites, r.Sites), ", ") + "]"
				}
				l.wrong(r.path+".name", fmt.Sprintf("%s stands there twice with other settings", r.Name.Describe()), hint)
				return true
			}
		}
	}
	return false
}

// sharedMost is how many options are looked through for the same ones.
const sharedMost = 16

// shared is o as a record before has it, where one of the latest has the same.
func (l *loader) shared(o plan.Options) *plan.Options {
	for _, known := range l.options {
		if alike(known, &o) && slices.Equal(known.Types, o.Types) {
			return known
		}
	}
	l.options = append(l.options[max(0, len(l.options)-sharedMost+1):], &o)
	return &o
}

// alike reports whether two records want the same in all but their types.
func alike(a, b *plan.Options) bool {
	return a.Attrs.Proxied == b.Attrs.Proxied && a.Attrs.TTL == b.Attrs.TTL && a.Attrs.Comment == b.Attrs.Comment &&
		slices.Equal(a.Attrs.Tags, b.Attrs.Tags) && a.Enforce == b.Enforce && a.Create == b.Create &&
		a.Content == b.Content && slices.Equal(a.Sites, b.Sites) && a.Pick == b.Pick && slices.Equal(a.Hosts, b.Hosts) && a.Prefix == b.Prefix && a.Leftovers == b.Leftovers
}
