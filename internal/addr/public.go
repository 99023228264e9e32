package addr

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
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
	return 0, fmt.Errorf("%q is not allowed here: only private, cgnat and ula are", s)
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

// AllowedByWord returns the word of HOMING_ALLOW that lets the address pass; empty where
// none does.
func (r *Refusal) AllowedByWord() string {
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
	for b := range blocks(a) {
		if b.prefix.Contains(a) {
			if allowed, err := ParseAllow(b.word); err == nil && allowed&allow != 0 {
				return nil
			}
			r := &Refusal{Addr: a, Block: b.prefix, What: b.what}
			if IsSharedByCarrier(a) {
				r.Hint = cgnatHint
			}
			return r
		}
	}
	if a.Is6() && !globalUnicastIPv6().Contains(a) {
		return &Refusal{Addr: a, What: "outside 2000::/3, the only part of IPv6 in public use"}
	}
	for p := range cloudflareRanges(a) {
		if p.Contains(a) {
			return &Refusal{Addr: a, Block: p, What: "an address of Cloudflare's own network",
				Hint: "the request went through WARP, a tunnel or a proxy"}
		}
	}
	return nil
}

// IsSharedByCarrier reports whether a is an address by which a provider reaches a home that
// has no public one: behind its NAT (RFC 6598), or where IPv4 is carried in
// IPv6 (DS-Lite, 464XLAT, RFC 7335).
func IsSharedByCarrier(a netip.Addr) bool {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10).Contains(a) ||
		netip.PrefixFrom(netip.AddrFrom4([4]byte{192}), 29).Contains(a)
}

// A block is a range no public address lies in.
type block struct {
	prefix netip.Prefix
	word   string // of HOMING_ALLOW, which lets its addresses pass; "-": none does
	what   string
}

const cgnatHint = "your provider shares one public address among many customers (CGNAT), so nobody can reach this one and no updater can help; " +
	"ask the provider for a public address, or use IPv6 or a tunnel"

// specialBlocks lists the special-purpose blocks: IANA's IPv4 and IPv6
// Special-Purpose Address Registries and the multicast and reserved ranges, as
// they stood on SpecialDate, with the word of HOMING_ALLOW that lets each pass.
// Blocks that IANA calls globally reachable (AS112, AMT, anycast relays) are
// listed too: none of them is anybody's home.
const specialBlocks = `
0.0.0.0/8          -        "this network", RFC 791
10.0.0.0/8         private  a private address, RFC 1918
100.64.0.0/10      cgnat    a carrier's shared address, RFC 6598
127.0.0.0/8        -        a loopback address, RFC 1122
169.254.0.0/16     -        a link-local address, RFC 3927
172.16.0.0/12      private  a private address, RFC 1918
192.0.0.0/29       -        the home's end of DS-Lite or 464XLAT, RFC 7335
192.0.0.0/24       -        reserved for IETF protocols, RFC 6890
192.0.2.0/24       -        for documentation only, RFC 5737
192.31.196.0/24    -        an AS112 address, RFC 7535
192.52.193.0/24    -        an AMT relay, RFC 7450
192.88.99.0/24     -        a 6to4 relay, RFC 7526
192.168.0.0/16     private  a private address, RFC 1918
192.175.48.0/24    -        an AS112 address, RFC 7534
198.18.0.0/15      -        for benchmarks only, RFC 2544
198.51.100.0/24    -        for documentation only, RFC 5737
203.0.113.0/24     -        for documentation only, RFC 5737
224.0.0.0/4        -        a multicast address, RFC 5771
240.0.0.0/4        -        reserved, RFC 1112
::/128             -        the unspecified address, RFC 4291
::1/128            -        the loopback address, RFC 4291
64:ff9b::/96       -        an IPv4 address behind NAT64, RFC 6052
64:ff9b:1::/48     -        a local NAT64 address, RFC 8215
100::/64           -        the discard block, RFC 6666
100:0:0:1::/64     -        the dummy prefix, RFC 9780
2001::/23          -        reserved for IETF protocols such as Teredo, RFC 2928
2001:db8::/32      -        for documentation only, RFC 3849
2002::/16          -        a 6to4 address, RFC 3056
2620:4f:8000::/48  -        an AS112 address, RFC 7534
3fff::/20          -        for documentation only, RFC 9637
5f00::/16          -        a segment-routing id, RFC 9602
fc00::/7           ula      a unique local address, RFC 4193
fe80::/10          -        a link-local address, RFC 4291
fec0::/10          -        a site-local address, RFC 3879
ff00::/8           -        a multicast address, RFC 4291`

// blocks returns the special blocks of a's family. Every answer of every source
// comes through here, so only what may match is read.
func blocks(a netip.Addr) iter.Seq[block] {
	return func(yield func(block) bool) {
		for line := range strings.Lines(specialBlocks) {
			prefix, rest, _ := strings.Cut(line, " ")
			if rest == "" || strings.Contains(prefix, ":") != a.Is6() {
				continue
			}
			word, what, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
			if !yield(block{netip.MustParsePrefix(prefix), word, strings.TrimSpace(what)}) {
				return
			}
		}
	}
}

func globalUnicastIPv6() netip.Prefix { return netip.MustParsePrefix("2000::/3") } // RFC 4291, RFC 3587

// The days on which the tables of this file were read.
const (
	SpecialDate    = "2025-10-01" // IANA special-purpose registries
	CloudflareDate = "2026-06-30" // https://www.cloudflare.com/ips-v4 and /ips-v6
)

// CloudflareRanges returns the list of networks Cloudflare publishes as its own. A home
// seen at one of them is seen through a proxy, a tunnel or WARP.
func CloudflareRanges() []netip.Prefix {
	return slices.AppendSeq(slices.Collect(cloudflareRanges(netip.IPv4Unspecified())), cloudflareRanges(netip.IPv6Unspecified()))
}

// cloudflareRanges returns those of a's family.
func cloudflareRanges(a netip.Addr) iter.Seq[netip.Prefix] {
	const four = `173.245.48.0/20 103.21.244.0/22 103.22.200.0/22 103.31.4.0/22
		141.101.64.0/18 108.162.192.0/18 190.93.240.0/20 188.114.96.0/20
		197.234.240.0/22 198.41.128.0/17 162.158.0.0/15 104.16.0.0/13
		104.24.0.0/14 172.64.0.0/13 131.0.72.0/22`
	const six = `2400:cb00::/32 2606:4700::/32 2803:f800::/32 2405:b500::/32
		2405:8100::/32 2a06:98c0::/29 2c0f:f248::/32`
	list := four
	if a.Is6() {
		list = six
	}
	return func(yield func(netip.Prefix) bool) {
		for s := range strings.FieldsSeq(list) {
			if !yield(netip.MustParsePrefix(s)) {
				return
			}
		}
	}
}
