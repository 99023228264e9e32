package notify

import (
	"errors"
	"html"
	"mime"
	"mime/quotedprintable"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// composeMail is the mail itself (RFC 5322), in ASCII.
func (p *smtpSender) composeMail(title, body string, now time.Time) []byte {
	if p.subject != "" {
		title = p.subject
	}
	kind := "text/plain"
	if p.html {
		kind, body = "text/html", "<pre>"+html.EscapeString(body)+"</pre>"
	}
	var b strings.Builder
	for _, h := range [][2]string{
		{"From", p.from.String()},
		{"To", strings.Join(p.to, ", ")},
		{"Subject", mime.QEncoding.Encode("UTF-8", strings.ReplaceAll(stripControl(title), "\n", " "))},
		{"Date", now.Format(time.RFC1123Z)},
		{"MIME-Version", "1.0"},
		{"Content-Type", kind + "; charset=UTF-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: nobody answers
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	q.Write([]byte(body))
	q.Close()
	return []byte(b.String())
}

// smtpAuth is how to log in; nil when there is nothing to log in with.
func (p *smtpSender) smtpAuth() smtp.Auth {
	switch p.auth {
	case "plain":
		return smtp.PlainAuth("", p.user, p.password, p.host)
	case "crammd5":
		return smtp.CRAMMD5Auth(p.user, p.password)
	case "login":
		return &scriptedAuth{kind: "LOGIN", answers: []string{p.user, p.password}}
	case "oauth2":
		return &scriptedAuth{kind: "XOAUTH2", first: "user=" + p.user + "\x01auth=Bearer " + p.password + "\x01\x01", answers: []string{""}}
	}
	return nil
}

// scriptedAuth is a login that says fixed things one after another, over encrypted
// connections only.
type scriptedAuth struct {
	kind    string
	first   string
	answers []string
}

func (s *scriptedAuth) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS && server.Name != "localhost" && server.Name != "127.0.0.1" && server.Name != "::1" {
		return "", nil, errNotEncrypted
	}
	if s.first == "" {
		return s.kind, nil, nil
	}
	return s.kind, []byte(s.first), nil
}

func (s *scriptedAuth) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if len(s.answers) == 0 {
		return nil, errors.New("the server asks on and on")
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	return []byte(next), nil
}

// isTemporary reports whether another try may succeed: not when the server said no
// for good (RFC 5321, section 4.2.1: 5yz).
func isTemporary(err error) bool {
	said, ok := errors.AsType[*textproto.Error](err)
	return !ok || said.Code < 500
}
