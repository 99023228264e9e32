package dialect

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// serviceElse is a service with an update address, as others call it: the names
// of ddclient's protocols, of inadyn's, ddns-go's and qdm12's providers, and the
// hosts of its address. Sources, all as of 2026-11-29: ddclient.conf.in and the
// protocols' pages of ddclient, inadyn's README and plugins, docs/*.md of
// qdm12/ddns-updater.
type serviceElse struct {
	word  string // as homing has it
	names string // with blanks between them
	token bool   // it has a token and no user
	one   bool   // an account is for one name
}

func servicesElse() []serviceElse {
	return []serviceElse{
		{"no-ip", "noip no-ip noip.com no-ip.com dynupdate.no-ip.com", false, false},
		{"dyn", "dyn dyndns dyn.com dyndns.org members.dyndns.org", false, false},
		{"dynu", "dynu dynu.com api.dynu.com", false, false},
		{"dns-o-matic", "dnsomatic dnsomatic.com updates.dnsomatic.com", false, false},
		{"he.net", "he he.net dns.he.net dyn.dns.he.net", false, false},
		{"ovh", "ovh ovh.com www.ovh.com", false, false},
		{"strato", "strato strato.com dyndns.strato.com", false, false},
		{"inwx", "inwx inwx.com dyndns.inwx.com", false, false},
		{"infomaniak", "infomaniak infomaniak.com", false, false},
		{"loopia", "loopia loopia.com loopia.se dns.loopia.se dyndns.loopia.se", false, false},
		{"all-inkl", "allinkl dyndns.kasserver.com", false, true},
		{"selfhost", "selfhost.de carol.selfhost.de", false, false},
		{"ddnss", "ddnss ddnss.de www.ddnss.de", false, false},
		{"spdyn", "spdyn spdyn.de update.spdyn.de", false, false},
		{"nsupdate.info", "nsupdate.info ipv4.nsupdate.info", false, false},
		{"desec", "desec desec.io update.dedyn.io", false, false},
		{"duckdns", "duckdns duckdns.org www.duckdns.org", true, false},
		{"namecheap", "namecheap namecheap.com dynamicdns.park-your-domain.com", true, false},
		{"dynv6", "dynv6 dynv6.com", true, false},
		{"freedns", "freedns freedns.afraid.org sync.afraid.org", true, true},
	}
}

// elsewhereCalled is the service that others call so; nil: there is none.
func elsewhereCalled(name string) *serviceElse {
	all := servicesElse()
	name = strings.ToLower(name)
	for i := range all {
		if slices.Contains(strings.Fields(all[i].names), name) {
			return &all[i]
		}
	}
	return nil
}

// service is the account at s with this user and password. Who has a token has
// it for the password.
func (a *arrival) service(s *serviceElse, user, password string, at func(string) *config.Origin) *placeOf {
	base := strings.ReplaceAll(s.word, ".", "-")
	settings := []said{{"service", s.word, originOf(a.title)}}
	if s.token {
		return a.host("dyndns2", base, s.one, append(settings, said{"token", password, at("token")})...)
	}
	return a.host("dyndns2", base, s.one, append(settings, said{"username", user, at("username")}, said{"password", password, at("password")})...)
}
