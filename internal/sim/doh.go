package sim

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

const dnsMessage = "application/dns-message" // RFC 8484, section 6

// whoami answers the one question Cloudflare's resolver answers about the one
// who asks: TXT, class CHAOS, whoami.cloudflare (reference, section 11).
// Everything else is REFUSED.
func whoami(v view) said {
	if v.Header.Get("Content-Type") != dnsMessage {
		return said{status: http.StatusUnsupportedMediaType, kind: "text/plain"}
	}
	var m dnsmessage.Message
	if err := m.Unpack(v.body); err != nil || m.Response || len(m.Questions) != 1 {
		return said{status: http.StatusBadRequest, kind: "text/plain"}
	}
	m.Response, m.RecursionAvailable = true, true
	m.Answers, m.Authorities, m.Additionals = nil, nil, nil
	q := m.Questions[0]
	if q.Type == dnsmessage.TypeTXT && q.Class == dnsmessage.ClassCHAOS && strings.EqualFold(q.Name.String(), "whoami.cloudflare.") {
		for _, a := range slices.Concat([]netip.Addr{v.addr}, v.lie.More) {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.TXTResource{TXT: []string{a.String()}},
			})
		}
	} else {
		m.RCode = dnsmessage.RCodeRefused
	}
	packed, err := m.Pack()
	if err != nil {
		panic(err) // it was just unpacked, and what was added always fits
	}
	return said{http.StatusOK, dnsMessage, packed}
}
