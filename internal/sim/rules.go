package sim

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
)

// canonicalize makes r what Cloudflare stores of it, or says why it would not
// (reference, sections 5 and 9).
func (z *zone) canonicalize(r *Record) (no *refusal) {
	if r.Name, no = z.toFullName(r.Name); no != nil {
		return no
	}
	if r.Content, no = canonicalContent(r.Type, r.Content); no != nil {
		return no
	}
	if no := z.checkAttributes(r); no != nil {
		return no
	}
	if r.Proxied {
		r.TTL = dns.AutoTTL
	}
	return nil
}

// toFullName makes a name whole: what does not end in the zone's name is taken
// to be relative to it, even the full name of another zone.
func (z *zone) toFullName(name string) (string, *refusal) {
	name = strings.TrimSuffix(name, ".")
	switch low := strings.ToLower(name); {
	case low == "@" || low == z.Name:
		return z.Name, nil
	case !strings.HasSuffix(low, "."+z.Name):
		name += "." + z.Name
	}
	n, err := dns.ParseName(name)
	if err != nil {
		return "", invalidField(9000, "name", "DNS name is invalid.")
	}
	return n.String(), nil
}

func canonicalContent(kind, s string) (string, *refusal) {
	a, err := netip.ParseAddr(s)
	switch {
	case kind == "A" && (err != nil || !a.Is4()):
		return "", invalidField(9005, "content", "Content for A record must be a valid IPv4 address.")
	case kind == "AAAA" && (err != nil || !a.Is6() || a.Zone() != ""):
		return "", invalidField(9006, "content", "Content for AAAA record must be a valid IPv6 address.")
	case kind == "A" || kind == "AAAA":
		return a.String(), nil
	case !slices.Contains([]string{"CNAME", "NS", "TXT", "MX", "CAA", "SRV", "HTTPS", "SVCB", "PTR"}, kind):
		return "", invalidField(9999, "type", "DNS record type "+kind+" is invalid.") // the real code is not known
	case kind == "CNAME" || kind == "NS":
		return strings.ToLower(strings.TrimSuffix(s, ".")), nil
	}
	return s, nil
}

// checkAttributes looks at what is not the content of a record.
func (z *zone) checkAttributes(r *Record) *refusal {
	most := z.planLimits()
	switch {
	case r.TTL != dns.AutoTTL && (r.TTL < most.minTTL || r.TTL > maxTTL):
		return invalidField(9021, "ttl", fmt.Sprintf("Invalid TTL. Must be between %d and %d seconds, or 1 for Automatic.", most.minTTL, maxTTL))
	case r.Proxied && !isProxiable(r) && (r.Type == "A" || r.Type == "AAAA"):
		return invalidField(9003, "proxied", "Target "+r.Content+" is not allowed for a proxied record.")
	case r.Proxied && !isProxiable(r):
		return invalidField(9004, "proxied", "DNS record type "+r.Type+" cannot be proxied.")
	case utf8.RuneCountInString(r.Comment) > most.comment || strings.ContainsAny(r.Comment, "\r\n"):
		return invalidField(9313, "comment", fmt.Sprintf("The comment is longer than %d characters or has a line break.", most.comment))
	case len(r.Tags) > most.tags:
		// Code and text as reported in 2023 and 2024.
		return invalidField(9300, "tags", fmt.Sprintf("DNS record has %d tags, exceeding the quota of %d.", len(r.Tags), most.tags))
	}
	return nil
}

// isProxiable reports whether Cloudflare's proxy can stand in front: it could reach
// the host, which is not its own resolver (seen in 2026).
func isProxiable(r *Record) bool {
	if r.Type == "CNAME" {
		return true
	}
	a, err := netip.ParseAddr(r.Content)
	if err != nil || (r.Type != "A" && r.Type != "AAAA") {
		return false
	}
	carrier := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)
	resolver := a == netip.AddrFrom4([4]byte{1, 1, 1, 1}) || a == netip.AddrFrom4([4]byte{1, 0, 0, 1})
	return a.IsGlobalUnicast() && !a.IsPrivate() && !carrier.Contains(a) && !resolver
}

// checkConflict reports whether r can stand beside the other records of its name
// (reference, "Rules on coexistence").
func (z *zone) checkConflict(r *Record) *refusal {
	address := func(kind string) bool { return kind == "A" || kind == "AAAA" }
	for i := range z.records {
		other := &z.records[i] // not a copy: a batch comes here thousands of times
		if other.ID == r.ID || other.Name != r.Name {
			continue
		}
		switch a, b := r.Type, other.Type; {
		case a == b && r.Content == other.Content:
			return conflictRefusal(81058, "An identical record already exists.")
		case (a == "NS") != (b == "NS"):
			return conflictRefusal(81056, "NS records cannot stand beside records of another type.")
		case address(a) && b == "CNAME":
			return conflictRefusal(81054, "A CNAME record with that host already exists.")
		case a == "CNAME" && (address(b) || b == "CNAME"):
			return conflictRefusal(81053, "An A, AAAA, or CNAME record with that host already exists.")
		}
	}
	return nil
}

func conflictRefusal(code int, message string) *refusal {
	return newRefusal(http.StatusBadRequest, code, message)
}
