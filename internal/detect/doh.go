package detect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// DoHURL is Cloudflare's resolver over HTTPS.
const DoHURL = "https://cloudflare-dns.com/dns-query"

const dnsMessage = "application/dns-message" // RFC 8484, section 6

// DoH is the source cloudflare.doh: it asks for whoami.cloudflare, TXT, class
// CHAOS; the family of the connection decides the answer. The client must be
// pinned to the family that is wanted.
func DoH(w Wanted, c *httpx.Client, rawURL string) (Source, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, fmt.Errorf("set up cloudflare.doh: %w", err)
	}
	voter := addr.Voter{
		Source: "cloudflare.doh", Operator: cloudflare, Way: u.Host + " over DoH",
		Authenticated: u.Scheme == "https",
	}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		id := uint16(rand.Uint32())
		body, err := postDNS(ctx, c, u, whoami(id))
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", u.Host, err)
		}
		p, err := readWhoami(body, id, w)
		if err != nil {
			return nil, fmt.Errorf("read the DNS answer of %s: %w", u.Host, err)
		}
		return []netip.Prefix{p}, nil
	}
	return &way{voter, ask, c}, nil
}

// postDNS sends a DNS message and returns the one that comes back.
func postDNS(ctx context.Context, c *httpx.Client, u *url.URL, msg []byte) ([]byte, error) {
	r := (&http.Request{
		Method:        http.MethodPost,
		URL:           u,
		Header:        http.Header{"Content-Type": {dnsMessage}, "Accept": {dnsMessage}},
		ContentLength: int64(len(msg)),
		Body:          io.NopCloser(bytes.NewReader(msg)),
		// The question may be sent again when a kept connection turns out closed.
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(msg)), nil },
	}).WithContext(ctx)
	header, body, err := fetch(c, r)
	if err != nil {
		return nil, err
	}
	if t, _, err := mime.ParseMediaType(header.Get("Content-Type")); err != nil || t != dnsMessage {
		return nil, fmt.Errorf("it answered with %.40q instead of a DNS message", header.Get("Content-Type"))
	}
	return body, nil
}

// whoamiQuestion is TXT, class CHAOS.
func whoamiQuestion() dnsmessage.Question {
	return dnsmessage.Question{
		Name:  dnsmessage.MustNewName("whoami.cloudflare."),
		Type:  dnsmessage.TypeTXT,
		Class: dnsmessage.ClassCHAOS,
	}
}

// whoami is the question as it goes over the wire; recursion is not desired.
func whoami(id uint16) []byte {
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: id})
	err := errors.Join(b.StartQuestions(), b.Question(whoamiQuestion()))
	msg, finish := b.Finish()
	if err = errors.Join(err, finish); err != nil {
		panic("detect: a constant question cannot be packed: " + err.Error())
	}
	return msg
}

// readWhoami takes the address out of the answer to the question with this id.
func readWhoami(body []byte, id uint16, w Wanted) (netip.Prefix, error) {
	var p dnsmessage.Parser
	h, err := p.Start(body)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("it is not a DNS message: %w", err)
	}
	switch {
	case h.ID != id:
		return netip.Prefix{}, errors.New("it answers another question: the id differs")
	case !h.Response:
		return netip.Prefix{}, errors.New("it is a question, not an answer")
	case h.Truncated:
		return netip.Prefix{}, errors.New("it is cut short")
	case h.RCode != dnsmessage.RCodeSuccess:
		return netip.Prefix{}, fmt.Errorf("the resolver refused with %s", strings.TrimPrefix(h.RCode.String(), "RCode"))
	}
	if err := checkQuestion(&p); err != nil {
		return netip.Prefix{}, err
	}
	text, err := onlyText(&p)
	if err != nil {
		return netip.Prefix{}, err
	}
	if strings.Contains(text, "/") {
		return netip.Prefix{}, fmt.Errorf("%.60q is not an address", text)
	}
	return parseEntry(text, w, public(0))
}

// checkQuestion wants the question repeated as it was asked.
func checkQuestion(p *dnsmessage.Parser) error {
	qs, err := p.AllQuestions()
	if err != nil {
		return fmt.Errorf("its question cannot be read: %w", err)
	}
	if len(qs) != 1 || !sameQuestion(qs[0].Name, qs[0].Type, qs[0].Class) {
		return errors.New("it answers another question")
	}
	return nil
}

// onlyText wants one TXT record with one string. It asks the parser for that
// type alone: what can unpack every type of record links code for all of them.
func onlyText(p *dnsmessage.Parser) (string, error) {
	n, err := countAnswers(*p)
	if err != nil {
		return "", fmt.Errorf("its answer cannot be read: %w", err)
	}
	if n != 1 {
		return "", fmt.Errorf("it holds %d records instead of one", n)
	}
	h, err := p.AnswerHeader()
	if err != nil {
		return "", fmt.Errorf("its answer cannot be read: %w", err)
	}
	if !sameQuestion(h.Name, h.Type, h.Class) {
		return "", errors.New("its record is not the one that was asked for")
	}
	txt, err := p.TXTResource()
	if err != nil {
		return "", fmt.Errorf("its answer cannot be read: %w", err)
	}
	if len(txt.TXT) != 1 {
		return "", fmt.Errorf("its record holds %d strings instead of one", len(txt.TXT))
	}
	return txt.TXT[0], nil
}

// countAnswers works on a copy of the parser, which stays where it is.
func countAnswers(p dnsmessage.Parser) (int, error) {
	for n := 0; ; n++ {
		switch err := p.SkipAnswer(); {
		case errors.Is(err, dnsmessage.ErrSectionDone):
			return n, nil
		case err != nil:
			return n, err
		}
	}
}

func sameQuestion(n dnsmessage.Name, t dnsmessage.Type, c dnsmessage.Class) bool {
	q := whoamiQuestion()
	return strings.EqualFold(n.String(), q.Name.String()) && t == q.Type && c == q.Class
}
