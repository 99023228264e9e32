package config

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// checkProxied tells once where sub(…) of PROXIED leaves out a name whose
// subdomains it takes in. timothymiller/cloudflare-ddns means both.
func (l *loader) checkProxied() {
	o := l.origin("record_defaults.proxied")
	own := slices.ContainsFunc(l.drafts, func(d *Draft) bool { return d.From == environment })
	if o.Name != "PROXIED" || o.File != "" || !own {
		return
	}
	for _, r := range l.records {
		if r.own["proxied"] || r.Attrs.Proxied || r.Name.IsZero() || !strings.Contains(r.proxied.String(), "sub(") {
			continue
		}
		if below, err := dns.ParseName("below." + r.Name.String()); err == nil && r.proxied.Match(below) {
			l.notice("PROXIED: sub(…) holds for what is below " + r.Name.Describe() + ", not for that name itself; " +
				"timothymiller/cloudflare-ddns takes it in (HOMING_DIALECT=timothymiller)")
			return
		}
	}
}

// checkProxiedNames tells of names in is(…) and sub(…) that fit none of the
// records: the one that was meant would show its address.
func (l *loader) checkProxiedNames() {
	is, sub := l.defaults.proxied.Listed()
	fits := func(holds func(name string) bool) bool {
		return len(l.records) == 0 || slices.ContainsFunc(l.records, func(r *record) bool { return r.Name.IsZero() || holds(r.Name.String()) })
	}
	var lost []string
	for _, d := range is {
		if !fits(func(name string) bool { return name == d }) {
			lost = append(lost, d)
		}
	}
	for _, d := range sub {
		if d != "." && !fits(func(name string) bool { return strings.HasSuffix(name, "."+d) }) {
			lost = append(lost, "below "+d)
		}
	}
	if len(lost) > 0 {
		l.strictly("record_defaults.proxied", "none of the names to keep is "+strings.Join(lost, " or "), "look for a slip: a name that was meant is not proxied, and shows its address")
	}
}
