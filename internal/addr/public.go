package addr

import (
	"fmt"
	"net/netip"
	"strings"
)

// Allow widens what may be published beyond public addresses. Its zero value
// allows nothing more.
type Allow uint8

const (
	AllowPrivate Allow = 1 << iota // RFC 1918
	AllowCGNAT                     // 100.64.0.0/10, RFC 6598
	AllowULA                       // fc00::/7, RFC 4193
)

// ParseAllow reads one word of HOMING_ALLOW.
func ParseAllow(s string) (Allow, error) {
	switch s {
	case "private":
		return AllowPrivate, nil
	case "cgnat":
		return AllowCGNAT, nil
	case "ula":
		return AllowULA, nil
	}
	return 0, fmt.Errorf("%q cannot be allowed: only private, cgnat and ula can", s)
}

// A Refusal is why an address must not be published.
type Refusal struct {
	Addr  netip.Addr
	Block netip.Prefix // the block of the table it lies in; zero where there is none
	What  string       // what such an address is, in words
	Hint  string       // what to do about it; may be empty
}

func (r *Refusal) Error() string {
	s := fmt.Sprintf("refuse %s: it is %s", r.Addr, r.What)
	if r.Block.IsValid() {
		s += " (" + r.Block.String() + ")"
	}
	if r.Hint != "" {
		s += "; " + r.Hint
	}
	return s
}

// AllowedBy is the word of HOMING_ALLOW that lets the address pass; empty where
// none does.
func (r *Refusal) AllowedBy() string {
	for _, word := range []string{"private", "cgnat", "ula"} {
		if allow, err := ParseAllow(word); err == nil && Public(r.Addr, allow) == nil {
			return word
		}
	}
	return ""
}

// Public returns nil when a can be reached from everywhere, so that it may
// stand in public DNS: IPv4 unicast and 2000::/3, less the special-purpose
// blocks of IANA, less Cloudflare's own ranges. Otherwise a *Refusal.
func Public(a netip.Addr, allow Allow) error {
	if a.Is4In6() || a.Zone() != "" || !a.IsValid() {
		return &Refusal{Addr: a, What: "not a plain IPv4 or IPv6 address"}
	}
	for _, b := range special() {
		if b.prefix.Contains(a) {
			if b.allowed&allow != 0 {
				return nil
			}
			return &Refusal{Addr: a, Block: b.prefix, What: b.what, Hint: b.hint}
		}
	}
	if a.Is6() && !globalUnicast().Contains(a) {
		return &Refusal{Addr: a, What: "outside 2000::/3, the only part of IPv6 given out so far"}
	}
	for _, p := range Cloudflare() {
		if p.Contains(a) {
			return &Refusal{Addr: a, Block: p, What: "an address of Cloudflare's own network",
				Hint: "the question left through WARP, a tunnel or a proxy"}
		}
	}
	return nil
}

// Shared says whether a is an address by which a provider reaches a home that
// has no public one: behind its NAT (RFC 6598), or where IPv4 is carried in
// IPv6 (DS-Lite, 464XLAT, RFC 7335).
func Shared(a netip.Addr) bool {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10).Contains(a) ||
		netip.PrefixFrom(netip.AddrFrom4([4]byte{192}), 29).Contains(a)
}

// A block is a range no public address lies in.
type block struct {
	prefix  netip.Prefix
	what    string
	hint    string
	allowed Allow
}

const cgnatHint = "the provider shares one public address among many customers (CGNAT), so nobody can reach this one and no updater can help; " +
	"ask the provider for a public address, or use IPv6 or a tunnel"

// special lists the special-purpose blocks: IANA's IPv4 and IPv6
// Special-Purpose Address Registries and the multicast and reserved ranges, as
// they stood on SpecialDate. Blocks that IANA calls globally reachable (AS112,
// AMT, anycast relays) are listed too: none of them is anybody's home.
func special() [35]block {
	p := netip.MustParsePrefix
	return [35]block{
		{prefix: p("0.0.0.0/8"), what: "\"this network\", RFC 791"},
		{prefix: p("10.0.0.0/8"), what: "a private address, RFC 1918", allowed: AllowPrivate},
		{prefix: p("100.64.0.0/10"), what: "a carrier's shared address, RFC 6598", hint: cgnatHint, allowed: AllowCGNAT},
		{prefix: p("127.0.0.0/8"), what: "a loopback address, RFC 1122"},
		{prefix: p("169.254.0.0/16"), what: "a link-local address, RFC 3927"},
		{prefix: p("172.16.0.0/12"), what: "a private address, RFC 1918", allowed: AllowPrivate},
		{prefix: p("192.0.0.0/29"), what: "the home's end of DS-Lite or 464XLAT, RFC 7335", hint: cgnatHint},
		{prefix: p("192.0.0.0/24"), what: "reserved for IETF protocols, RFC 6890"},
		{prefix: p("192.0.2.0/24"), what: "for documentation only, RFC 5737"},
		{prefix: p("192.31.196.0/24"), what: "an AS112 address, RFC 7535"},
		{prefix: p("192.52.193.0/24"), what: "an AMT relay, RFC 7450"},
		{prefix: p("192.88.99.0/24"), what: "a 6to4 relay, RFC 7526"},
		{prefix: p("192.168.0.0/16"), what: "a private address, RFC 1918", allowed: AllowPrivate},
		{prefix: p("192.175.48.0/24"), what: "an AS112 address, RFC 7534"},
		{prefix: p("198.18.0.0/15"), what: "for benchmarks only, RFC 2544"},
		{prefix: p("198.51.100.0/24"), what: "for documentation only, RFC 5737"},
		{prefix: p("203.0.113.0/24"), what: "for documentation only, RFC 5737"},
		{prefix: p("224.0.0.0/4"), what: "a multicast address, RFC 5771"},
		{prefix: p("240.0.0.0/4"), what: "reserved, RFC 1112"},

		{prefix: p("::/128"), what: "the unspecified address, RFC 4291"},
		{prefix: p("::1/128"), what: "the loopback address, RFC 4291"},
		{prefix: p("64:ff9b::/96"), what: "an IPv4 address behind NAT64, RFC 6052"},
		{prefix: p("64:ff9b:1::/48"), what: "a local NAT64 address, RFC 8215"},
		{prefix: p("100::/64"), what: "the discard block, RFC 6666"},
		{prefix: p("100:0:0:1::/64"), what: "the dummy prefix, RFC 9780"},
		{prefix: p("2001::/23"), what: "reserved for IETF protocols such as Teredo, RFC 2928"},
		{prefix: p("2001:db8::/32"), what: "for documentation only, RFC 3849"},
		{prefix: p("2002::/16"), what: "a 6to4 address, RFC 3056"},
		{prefix: p("2620:4f:8000::/48"), what: "an AS112 address, RFC 7534"},
		{prefix: p("3fff::/20"), what: "for documentation only, RFC 9637"},
		{prefix: p("5f00::/16"), what: "a segment-routing id, RFC 9602"},
		{prefix: p("fc00::/7"), what: "a unique local address, RFC 4193", allowed: AllowULA},
		{prefix: p("fe80::/10"), what: "a link-local address, RFC 4291"},
		{prefix: p("fec0::/10"), what: "a site-local address, RFC 3879"},
		{prefix: p("ff00::/8"), what: "a multicast address, RFC 4291"},
	}
}

func globalUnicast() netip.Prefix { return netip.MustParsePrefix("2000::/3") } // RFC 4291, RFC 3587

// The days on which the tables of this file were read.
const (
	SpecialDate    = "2025-10-01" // IANA special-purpose registries
	CloudflareDate = "2026-06-30" // https://www.cloudflare.com/ips-v4 and /ips-v6
)

// Cloudflare is the list of networks Cloudflare publishes as its own. A home
// seen at one of them is seen through a proxy, a tunnel or WARP.
func Cloudflare() []netip.Prefix {
	const list = `173.245.48.0/20 103.21.244.0/22 103.22.200.0/22 103.31.4.0/22
		141.101.64.0/18 108.162.192.0/18 190.93.240.0/20 188.114.96.0/20
		197.234.240.0/22 198.41.128.0/17 162.158.0.0/15 104.16.0.0/13
		104.24.0.0/14 172.64.0.0/13 131.0.72.0/22
		2400:cb00::/32 2606:4700::/32 2803:f800::/32 2405:b500::/32
		2405:8100::/32 2a06:98c0::/29 2c0f:f248::/32`
	var out []netip.Prefix
	for s := range strings.FieldsSeq(list) {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}
