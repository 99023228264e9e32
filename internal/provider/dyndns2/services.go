package dyndns2

import "strings"

// service is a row of the table: one that takes new addresses at one address.
type service struct {
	key, name  string       // as settings and as people call it
	base, path string       // where it is; the path may hold a place
	query      string       // parameters and what they say, in this order
	form       answerFormat // how it answers
	// keep is the word that leaves a family as it is; empty where there is none.
	keep  string
	flags flags
	_     [0]func() // it is compared with nothing, and needs no code for that
}

// flags say how a service differs from the rule: Basic authentication, both
// families in one request, and what is not said may be changed.
type flags uint8

const (
	noBasicAuth         flags = 1 << iota // no Basic authentication: the credential stands in the address
	oneFamilyPerRequest                   // one family a request, which changes nothing of the other
	keepsUnsaid                           // what is not said stays as it is
	oneName                               // the credential is that of one name, or the request says none
	userIsName                            // the user is the name itself where none is set
	noUser                                // there is a token and no user
	emptyIfUnknown                        // what is not known is said as nothing
)

// places are what a query, a path or a body may hold.
const (
	atName     = "{name}"
	atIPv4     = "{ipv4}"
	atIPv6     = "{ipv6}"
	atBoth     = "{ips}" // one, or both with a comma between
	atUser     = "{user}"
	atPassword = "{password}"
	atLabel    = "{label}" // the name without .duckdns.org
	atHost     = "{host}"  // the name without its zone, @ for the zone itself
	atZone     = "{zone}"
)

// ByURL is the word of the service whose address the person writes.
const ByURL = "url"

const dynQuery = "hostname=" + atName + "&myip=" + atBoth

// services are those that are known by a key. Where no other is named the source
// is ../shared/reference/dyndns2.md, section 4, as of 2026-11-29; what others do
// was read in the sources of qdm12/ddns-updater (2026-08) and inadyn (2025-10),
// all of it looked up on 2026-11-29. Who does not say what becomes of a family
// that a request leaves out is taken to change it.
//
//go:noinline // it is long
func services() []service {
	return []service{
		{key: "no-ip", name: "No-IP", base: "https://dynupdate.no-ip.com", path: "/nic/update", query: dynQuery}, // noip.com/integrate/request
		{key: "dyn", name: "Dyn", base: "https://members.dyndns.org", path: "/nic/update", query: dynQuery},      // help.dyn.com/remote-access-api/perform-update
		// "no" leaves a family alone: the reference, and a dozen scripts that say myipv6=no.
		{key: "dynu", name: "Dynu", base: "https://api.dynu.com", path: "/nic/update", query: "hostname={name}&myip={ipv4}&myipv6={ipv6}", keep: "no"}, // dynu.com/DynamicDNS/IP-Update-Protocol
		{key: "dns-o-matic", name: "DNS-O-Matic", base: "https://updates.dnsomatic.com", path: "/nic/update",
			query: "hostname={name}&myip={ipv4}&wildcard=NOCHG&mx=NOCHG&backmx=NOCHG"},
		{key: "he.net", name: "Hurricane Electric", base: "https://dyn.dns.he.net", path: "/nic/update", query: dynQuery, flags: oneFamilyPerRequest | userIsName}, // one record a call
		{key: "ovh", name: "OVH", base: "https://www.ovh.com", path: "/nic/update", query: "system=dyndns&hostname={name}&myip={ipv4}"},
		{key: "strato", name: "STRATO", base: "https://dyndns.strato.com", path: "/nic/update", query: dynQuery},
		// q, ipv4 and ipv6: openwrt/packages#30353 (2026-08-25), qdm12/ddns-updater#422 (2023-01). Its answer is described nowhere, so the status decides.
		{key: "ionos", name: "IONOS", base: "https://ipv4.api.hosting.ionos.com", path: "/dns/v1/dyndns", query: "q={password}&ipv4={ipv4}&ipv6={ipv6}", form: formatStatus, flags: noBasicAuth | oneName | noUser},
		{key: "inwx", name: "INWX", base: "https://dyndns.inwx.com", path: "/nic/update", query: "hostname={name}&myip={ipv4}&myipv6={ipv6}"},
		{key: "infomaniak", name: "Infomaniak", base: "https://infomaniak.com", path: "/nic/update", query: dynQuery, flags: oneFamilyPerRequest},
		{key: "loopia", name: "Loopia", base: "https://dyndns.loopia.se", path: "/", query: "hostname={name}&myip={ipv4}"},
		{key: "all-inkl", name: "ALL-INKL", base: "https://dyndns.kasserver.com", path: "/", query: "host={name}&myip={ipv4}&myip6={ipv6}", flags: oneName}, // the user is that of one name
		{key: "selfhost", name: "selfHOST", base: "https://carol.selfhost.de", path: "/nic/update", query: dynQuery, flags: oneFamilyPerRequest},
		{key: "ddnss", name: "DDNSS", base: "https://www.ddnss.de", path: "/upd.php", query: "user={user}&pwd={password}&host={name}&ip={ipv4}&ip6={ipv6}", form: formatDDNSS, flags: noBasicAuth},
		{key: "spdyn", name: "SPDYN", base: "https://update.spdyn.de", path: "/nic/update", query: dynQuery, flags: oneFamilyPerRequest},
		{key: "nsupdate.info", name: "nsupdate.info", base: "https://ipv4.nsupdate.info", path: "/nic/update", query: dynQuery, flags: oneFamilyPerRequest | userIsName},
		// preserve, and what an absent family comes to: desec-stack docs/dyndns/update-api.rst (2026-08).
		{key: "desec", name: "deSEC", base: "https://update.dedyn.io", path: "/", query: "hostname={name}&myipv4={ipv4}&myipv6={ipv6}", keep: "preserve", flags: userIsName},
		{key: "duckdns", name: "DuckDNS", base: "https://www.duckdns.org", path: "/update", query: "domains={label}&token={password}&ip={ipv4}&ipv6={ipv6}&verbose=true", form: formatDuckDNS, flags: noBasicAuth | noUser}, // duckdns.org/spec.jsp
		// A token is that of one record; one of an A record that is told an IPv6 address makes it an AAAA (freedns.afraid.org/dynamic/v2).
		{key: "freedns", name: "FreeDNS", base: "https://sync.afraid.org", path: "/u/{password}/", query: "address={ipv4}", form: formatFreeDNS, flags: noBasicAuth | oneName | noUser},
		{key: "namecheap", name: "Namecheap", base: "https://dynamicdns.park-your-domain.com", path: "/update", query: "host={host}&domain={zone}&password={password}&ip={ipv4}", form: formatNamecheap, flags: noBasicAuth | noUser},
		// "If empty or unset, the current IPv4 address is kept unchanged": dynv6.com/docs/apis.
		{key: "dynv6", name: "dynv6", base: "https://dynv6.com", path: "/api/update", query: "zone={name}&token={password}&ipv4={ipv4}&ipv6={ipv6}", form: formatDynv6, flags: noBasicAuth | keepsUnsaid | noUser},
	}
}

// serviceByKey returns the service of a key; the zero one if there is none.
func serviceByKey(word string) (none service) {
	for _, s := range services() {
		if s.key == word {
			return s
		}
	}
	return none
}

// Kind is what an account at a service needs.
type Kind struct {
	Word, Name string
	Token      bool // one word instead of a user and a password
	Userless   bool // where no user is set it is the name itself
	OneName    bool // it keeps one name
}

// Kinds returns all services but url.
func Kinds() (all []Kind) {
	for _, s := range services() {
		all = append(all, Kind{s.key, s.name, s.flags&noUser != 0, s.flags&userIsName != 0, s.flags&oneName != 0})
	}
	return all
}

// supports reports whether a request can carry an address of this family.
func (s *service) supports(f int) bool {
	place := atIPv4
	if f == ipv6 {
		place = atIPv6
	}
	return strings.Contains(s.query, place) || strings.Contains(s.query, atBoth)
}
