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
	own := slices.ContainsFunc(l.drafts, func(d Draft) bool { return d.From == environment })
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
