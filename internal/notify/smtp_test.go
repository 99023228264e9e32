package notify

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// postOffice is a mail server with one account (RFC 5321, 3207, 4954).
type postOffice struct {
	certificate tls.Certificate
	implicit    bool     // TLS from the beginning
	offers      []string // beside STARTTLS
	noTLS       bool
	refuses     string // a recipient that does not exist
	busy        bool   // for now no mail is taken
	deaf        bool   // never answers

	address string
	mu      sync.Mutex
	logins  []string // how, and with what, and whether over TLS
	mails   []letter
}

type letter struct {
	from string
	to   []string
	text string
	tls  bool
}

// open starts it.
func (p *postOffice) open(t *testing.T) *postOffice {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS() // for its certificate
	p.certificate = s.TLS.Certificates[0]
	s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer c.Close(); p.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return p
}

func (p *postOffice) tls() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{p.certificate}}
}

func (p *postOffice) serve(c net.Conn) {
	if p.deaf {
		io.Copy(io.Discard, c)
		return
	}
	safe := p.implicit
	if safe {
		c = tls.Server(c, p.tls())
	}
	in := bufio.NewReader(c)
	say := func(s string, a ...any) { fmt.Fprintf(c, s+"\r\n", a...) }
	var l letter
	say("220 office ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb {
		case "EHLO":
			say("250-office")
			offers := slices.Clone(p.offers)
			if !safe && !p.noTLS {
				offers = append(offers, "STARTTLS")
			}
			for _, o := range offers {
				say("250-%s", o)
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			c = tls.Server(c, p.tls())
			in, safe = bufio.NewReader(c), true
		case "AUTH":
			p.login(in, say, rest, safe)
		case "MAIL":
			if p.busy {
				say("451 later")
				continue
			}
			l = letter{from: between(rest), tls: safe}
			say("250 ok")
		case "RCPT":
			if between(rest) == p.refuses {
				say("550 no %s here", p.refuses)
				continue
			}
			l.to = append(l.to, between(rest))
			say("250 ok")
		case "DATA":
			say("354 go on")
			for {
				s, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if s == ".\r\n" {
					break
				}
				l.text += strings.TrimPrefix(s, ".")
			}
			p.mu.Lock()
			p.mails = append(p.mails, l)
			p.mu.Unlock()
			say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what")
		}
	}
}

func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

// login takes me and hunter2, by any of the ways.
func (p *postOffice) login(in *bufio.Reader, say func(string, ...any), how string, safe bool) {
	kind, first, _ := strings.Cut(how, " ")
	decode := func(s string) string { b, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(s)); return string(b) }
	said := decode(first)
	if kind == "LOGIN" {
		for _, ask := range []string{"Username:", "Password:"} {
			say("334 %s", base64.StdEncoding.EncodeToString([]byte(ask)))
			s, _ := in.ReadString('\n')
			said += "|" + decode(s)
		}
	}
	if kind == "CRAM-MD5" {
		say("334 %s", base64.StdEncoding.EncodeToString([]byte("<1@office>")))
		s, _ := in.ReadString('\n')
		said, _, _ = strings.Cut(decode(s), " ")
	}
	p.mu.Lock()
	p.logins = append(p.logins, fmt.Sprintf("%s %q %v", kind, said, safe))
	p.mu.Unlock()
	if kind != "CRAM-MD5" && !strings.Contains(said, "hunter2") {
		say("535 5.7.8 no such account: %s", first)
		return
	}
	say("235 welcome")
}

func (p *postOffice) seen() ([]letter, []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails), slices.Clone(p.logins)
}

const parties = "from=homing@example.org&to=me%2Bdns@example.org,you@example.org"

func mailTo(t *testing.T, p *postOffice, user, query string) Sink {
	t.Helper()
	if user != "" {
		user += "@"
	}
	return made(t)(NewShoutrrr(hidden("smtp://"+user+p.address+"/?"+parties+query), ShoutrrrOptions{Dial: new(net.Dialer).DialContext}))
}

func TestAMailArrivesWhole(t *testing.T) {
	p := (&postOffice{noTLS: true}).open(t)
	body := "Größe: 203.0.113.7 → 198.51.100.1\n.\n.. a line that is " + strings.Repeat("long ", 300) + "\n\nend"
	s := mailTo(t, p, "", "&fromname=h%C3%B6ming&clienthost=auto")
	if err := sent(t, s, Event{Messages: []Message{{Title: "höming:\nBcc: all@example.org", Body: body}}}); err != nil {
		t.Fatal(err)
	}
	mails, _ := p.seen()
	if len(mails) != 1 || mails[0].from != "homing@example.org" || !slices.Equal(mails[0].to, []string{"me+dns@example.org", "you@example.org"}) {
		t.Fatalf("%+v", mails)
	}
	m, err := mail.ReadMessage(strings.NewReader(mails[0].text))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	got := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
	if subject != "höming: Bcc: all@example.org" || m.Header.Get("Bcc") != "" || err != nil || got != body {
		t.Errorf("%q: %q, %v", subject, got, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || from[0].Name != "höming" || from[0].Address != "homing@example.org" {
		t.Errorf("from %v, %v", from, err)
	}
	if _, err := m.Header.Date(); err != nil || m.Header.Get("Content-Type") != "text/plain; charset=UTF-8" {
		t.Errorf("%v, %v", m.Header, err)
	}
}

func TestAMailMayBeHTML(t *testing.T) {
	p := (&postOffice{noTLS: true}).open(t)
	if err := sent(t, mailTo(t, p, "", "&usehtml=yes&subject=mine"), saying("<b> & x")); err != nil {
		t.Fatal(err)
	}
	mails, _ := p.seen()
	if s := mails[0].text; !strings.Contains(s, "text/html") || !strings.Contains(s, "<pre>&lt;b&gt; &amp; x</pre>") || !strings.Contains(s, "Subject: mine\r\n") {
		t.Errorf("%q", s)
	}
}

func TestPasswordsGoOverEncryptedConnectionsOnly(t *testing.T) {
	auth := []string{"AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2"}
	const lax = "&skiptlsverify=yes"
	for _, x := range []struct {
		office      *postOffice
		user, query string
		login       string // the one that is made
		tls, fails  bool
	}{
		{&postOffice{}, "", "", "", false, true}, // its certificate is nobody's
		{&postOffice{}, "", lax, "", true, false},
		{&postOffice{}, "", "&starttls=no", "", false, false},
		{&postOffice{}, "", "&encryption=none", "", false, false},
		{&postOffice{noTLS: true}, "", "&requirestarttls=yes", "", false, true},
		{&postOffice{noTLS: true}, "", "&encryption=ExplicitTLS", "", false, true},
		{&postOffice{implicit: true}, "", "&encryption=implicittls" + lax, "", true, false},
		{&postOffice{implicit: true}, "", "&encryption=implicittls", "", true, true},
		{&postOffice{offers: auth}, "me:hunter2", lax, `PLAIN "\x00me\x00hunter2" true`, true, false},
		{&postOffice{offers: auth}, "me:hunter2", lax + "&auth=login", `LOGIN "|me|hunter2" true`, true, false},
		{&postOffice{offers: auth}, "me:hunter2", lax + "&Auth=OAuth2", `XOAUTH2 "user=me\x01auth=Bearer hunter2\x01\x01" true`, true, false},
		{&postOffice{offers: auth}, "me:hunter2", lax + "&auth=CRAMMD5", `CRAM-MD5 "me" true`, true, false},
		{&postOffice{offers: auth}, "me:hunter2", lax + "&auth=none", "", true, false},
		{&postOffice{offers: auth}, "me:wrong3", lax, `PLAIN "\x00me\x00wrong3" true`, true, true},
	} {
		p := x.office.open(t)
		err := sent(t, mailTo(t, p, x.user, x.query), saying("x"))
		mails, logins := p.seen()
		if (err != nil) != x.fails || x.fails == (len(mails) == 1) || !x.fails && mails[0].tls != x.tls {
			t.Errorf("%s %s: %v, %+v", x.user, x.query, err, mails)
		}
		if x.login == "" && len(logins) > 0 || x.login != "" && !slices.Equal(logins, []string{x.login}) {
			t.Errorf("%s %s: logged in as %q", x.user, x.query, logins)
		}
		if err != nil {
			f, _ := errors.AsType[*Failure](err)
			silent(t, err.Error()+f.Hint, "hunter2", "wrong3", base64.StdEncoding.EncodeToString([]byte("\x00me\x00wrong3")))
		}
	}
}

func TestNoPasswordIsSentWithoutEncryption(t *testing.T) {
	for _, auth := range []string{"plain", "login", "oauth2"} {
		p := &smtpSender{host: "mail.example", user: "me", password: "hunter2", auth: auth, client: "localhost"}
		a, b := net.Pipe()
		var heard strings.Builder
		done := make(chan struct{})
		go func() {
			defer close(done)
			office := &postOffice{noTLS: true, offers: []string{"AUTH PLAIN LOGIN XOAUTH2"}}
			office.serve(readingTo{b, &heard})
			b.Close()
		}()
		err := p.runSMTP(a, nil)
		a.Close()
		<-done
		if _, ok := errors.AsType[*loginError](err); !ok || strings.Contains(heard.String(), "AUTH") && auth != "x" {
			t.Errorf("%s: %v, heard %q", auth, err, heard.String())
		}
	}
}

// readingTo writes down what is read from a connection.
type readingTo struct {
	net.Conn
	to *strings.Builder
}

func (r readingTo) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.to.Write(p[:n])
	return n, err
}

func TestARefusedRecipientDoesNotCostTheOthersTheirMail(t *testing.T) {
	p := (&postOffice{noTLS: true, refuses: "you@example.org"}).open(t)
	err := sent(t, mailTo(t, p, "", ""), saying("x"))
	mails, _ := p.seen()
	if f, ok := errors.AsType[*Failure](err); !ok || f.Temporary || !strings.Contains(err.Error(), "you@example.org") || len(mails) != 1 {
		t.Errorf("%v, %+v", err, mails)
	}
	s := made(t)(NewShoutrrr(hidden("smtp://"+p.address+"/?from=a@example.org&to=you@example.org"), ShoutrrrOptions{Dial: new(net.Dialer).DialContext}))
	err = sent(t, s, saying("x"))
	if f, ok := errors.AsType[*Failure](err); !ok || f.Temporary || !strings.Contains(err.Error(), "550") {
		t.Errorf("%v", err)
	}
}

func TestAMailThatCannotBeSentNowMayBeLater(t *testing.T) {
	busy, deaf := (&postOffice{noTLS: true, busy: true}).open(t), (&postOffice{deaf: true}).open(t)
	closed := &postOffice{address: "127.0.0.1:1"}
	for name, p := range map[string]*postOffice{"busy": busy, "deaf": deaf, "closed": closed} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := mailTo(t, p, "me:hunter2", "").deliveries(saying("x"))[0].send(ctx)
		cancel()
		if name == "busy" { // it asks for no login
			ctx, cancel := context.WithTimeout(t.Context(), attemptTimeout)
			err = mailTo(t, p, "", "").deliveries(saying("x"))[0].send(ctx)
			cancel()
		}
		if f, ok := errors.AsType[*Failure](err); !ok || !f.Temporary {
			t.Errorf("%s: %v", name, err)
		} else {
			silent(t, err.Error(), "hunter2")
		}
	}
}
