package sim

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

const dnsMessage = "application/dns-message" // RFC 8484, section 6

// answerWhoami answers the one question Cloudflare's resolver answers about the one
// who asks: TXT, class CHAOS, whoami.cloudflare (reference, section 11).
// Everything else is REFUSED.
func answerWhoami(v *hostRequest) hostAnswer {
	if v.Header.Get("Content-Type") != dnsMessage {
		return hostAnswer{status: http.StatusUnsupportedMediaType, kind: "text/plain"}
	}
	h, q, ok := readQuestion(v.body)
	if !ok {
		return hostAnswer{status: http.StatusBadRequest, kind: "text/plain"}
	}
	h.Response, h.RecursionAvailable = true, true
	var texts []netip.Addr
	if q.Type == dnsmessage.TypeTXT && q.Class == dnsmessage.ClassCHAOS && strings.EqualFold(q.Name.String(), "whoami.cloudflare.") {
		texts = append([]netip.Addr{v.addr}, v.lie.More...)
	} else {
		h.RCode = dnsmessage.RCodeRefused
	}
	packed, err := packTXTAnswer(h, q, texts)
	if err != nil {
		panic(err) // the question was just unpacked, and what was added always fits
	}
	return hostAnswer{http.StatusOK, dnsMessage, packed}
}

// readQuestion takes a message with one question apart; ok is false for
// everything else.
func readQuestion(msg []byte) (h dnsmessage.Header, q dnsmessage.Question, ok bool) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || h.Response {
		return h, q, false
	}
	qs, err := p.AllQuestions()
	if err != nil || len(qs) != 1 {
		return h, q, false
	}
	return h, qs[0], true
}

// packTXTAnswer returns a message with the question and a TXT record for each address.
func packTXTAnswer(h dnsmessage.Header, q dnsmessage.Question, texts []netip.Addr) ([]byte, error) {
	b := dnsmessage.NewBuilder(nil, h)
	err := errors.Join(b.StartQuestions(), b.Question(q), b.StartAnswers())
	for _, a := range texts {
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}
		err = errors.Join(err, b.TXTResource(header, dnsmessage.TXTResource{TXT: []string{a.String()}}))
	}
	if err != nil {
		return nil, err
	}
	return b.Finish()
}
