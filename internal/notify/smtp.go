package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
)

// smtpSender is the service smtp of the library, made here (see services):
// smtp://user:password@host:port/?from=…&to=…,…
type smtpSender struct {
	host, port     string
	user, password string
	from           mail.Address
	to             []string
	subject        string // instead of the title
	auth           string // none, plain, crammd5, login, oauth2; unknown: plain if there is a user
	encryption     string // none, explicittls, implicittls, auto: implicit on port 465
	startTLS       bool   // when the server offers it
	requireTLS     bool   // nothing goes over a connection that is not encrypted
	insecure       bool   // any certificate will do
	html           bool
	client         string // how we introduce ourselves
	dialer         httpx.Dial
}

func newSMTPSender(u *url.URL, dial httpx.Dial) (*smtpSender, error) {
	p := &smtpSender{host: u.Hostname(), port: u.Port(), user: u.User.Username(), startTLS: true, client: "localhost",
		auth: "unknown", encryption: "auto", dialer: dial}
	p.password, _ = u.User.Password()
	if p.host == "" {
		return nil, errors.New("it names no host")
	}
	if p.port == "" {
		p.port = "25"
	}
	for key, values := range u.Query() {
		if err := p.setOption(strings.ToLower(key), values[0]); err != nil {
			return nil, fmt.Errorf("its option %s %w", truncate(stripControl(key), 30), err)
		}
	}
	switch {
	case p.from.Address == "":
		return nil, errors.New("it needs from=, an address")
	case len(p.to) == 0:
		return nil, errors.New("it needs to=, one address or several with commas")
	}
	if p.auth == "unknown" {
		p.auth = "none"
		if p.user != "" {
			p.auth = "plain"
		}
	}
	return p, nil
}

func (p *smtpSender) setOption(key, v string) (err error) {
	switch key {
	case "from", "fromaddress":
		p.from.Address, err = parseMailbox(v)
	case "fromname":
		p.from.Name = v
	case "to", "toaddresses":
		for _, one := range strings.Split(v, ",") {
			box, bad := parseMailbox(one)
			p.to, err = append(p.to, box), errors.Join(err, bad)
		}
	case "subject", "title":
		p.subject = v
	case "clienthost":
		p.client = v
	case "auth":
		p.auth, err = oneOf(v, "none", "plain", "crammd5", "unknown", "oauth2", "login")
	case "encryption":
		p.encryption, err = oneOf(v, "none", "explicittls", "implicittls", "auto")
	case "usestarttls", "starttls":
		err = parseBoolInto(&p.startTLS, v)
	case "requirestarttls":
		err = parseBoolInto(&p.requireTLS, v)
	case "skiptlsverify":
		err = parseBoolInto(&p.insecure, v)
	case "usehtml":
		err = parseBoolInto(&p.html, v)
	case "timeout": // of the delivery; ours is tryLimit
		_, err = time.ParseDuration(v)
		if err != nil {
			err = errors.New("has to be a time such as 10s")
		}
	default:
		err = errors.New("does not exist")
	}
	return err
}

// parseMailbox is an address of mail. A + in it has become a blank in the query.
func parseMailbox(s string) (string, error) {
	a, err := mail.ParseAddress(strings.ReplaceAll(strings.TrimSpace(s), " ", "+"))
	if err != nil {
		return "", errors.New("has something in it that is no address of mail")
	}
	return a.Address, nil
}

func oneOf(v string, words ...string) (string, error) {
	for _, w := range words {
		if strings.EqualFold(v, w) {
			return w, nil
		}
	}
	return "", fmt.Errorf("has to be one of %s", strings.Join(words, ", "))
}

func parseBoolInto(b *bool, v string) error {
	yes, ok := parseBool(v)
	if !ok {
		return errors.New("has to be yes or no")
	}
	*b = yes
	return nil
}

// send hands one mail for all recipients to the server.
func (p *smtpSender) send(ctx context.Context, title, body string) error {
	conn, err := p.dial(ctx)
	if err != nil {
		return &Failure{Err: fmt.Errorf("reach %s: %w", p.host, err), Temporary: true}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := p.runSMTP(conn, p.composeMail(title, body, time.Now())); err != nil {
		if ctx.Err() != nil {
			return &Failure{Err: fmt.Errorf("reach %s: no answer in time", p.host), Temporary: true}
		}
		return p.asFailure(err)
	}
	return nil
}

func (p *smtpSender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: p.host, InsecureSkipVerify: p.insecure}
}

func (p *smtpSender) implicitTLS() bool {
	return p.encryption == "implicittls" || p.encryption == "auto" && p.port == "465"
}

func (p *smtpSender) dial(ctx context.Context) (net.Conn, error) {
	conn, err := p.dialer(ctx, "tcp", net.JoinHostPort(p.host, p.port))
	if err != nil || !p.implicitTLS() {
		return conn, err
	}
	encrypted := tls.Client(conn, p.tlsConfig())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return encrypted, nil
}

var errNotEncrypted = errors.New("the connection is not encrypted")

// runSMTP is the whole conversation (RFC 5321).
func (p *smtpSender) runSMTP(conn net.Conn, message []byte) error {
	c, err := smtp.NewClient(conn, p.host)
	if err != nil {
		return err
	}
	if err := c.Hello(p.ehloName()); err != nil {
		return err
	}
	if err := p.maybeStartTLS(c); err != nil {
		return err
	}
	if auth := p.smtpAuth(); auth != nil {
		if err := c.Auth(auth); err != nil {
			return &loginError{err}
		}
	}
	if err := c.Mail(p.from.Address); err != nil {
		return err
	}
	missed, err := p.addRecipients(c)
	if err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	w.Write(message) // an error shows at Close
	if err := w.Close(); err != nil {
		return err
	}
	c.Quit() // it is delivered whatever the server says now
	return missed
}

// addRecipients names them to the server. It is an error when none is accepted;
// missed says which were not while others were.
func (p *smtpSender) addRecipients(c *smtp.Client) (missed, err error) {
	var refused []string
	for _, to := range p.to {
		if err = c.Rcpt(to); err != nil {
			refused = append(refused, to)
		}
	}
	switch {
	case len(refused) == len(p.to):
		return nil, err
	case len(refused) > 0:
		return &Failure{Err: fmt.Errorf("the server took the mail, but not for %s", strings.Join(refused, ", "))}, nil
	}
	return nil, nil
}

func (p *smtpSender) ehloName() string {
	if p.client == "auto" {
		if h, err := os.Hostname(); err == nil {
			return h
		}
		return "localhost"
	}
	return p.client
}

func (p *smtpSender) maybeStartTLS(c *smtp.Client) error {
	if p.implicitTLS() {
		return nil
	}
	offered, _ := c.Extension("STARTTLS")
	switch {
	case offered && p.startTLS && p.encryption != "none":
		return c.StartTLS(p.tlsConfig())
	case p.requireTLS || p.encryption == "explicittls":
		return errNotEncrypted
	}
	return nil
}

// loginError is a login that the server refused. What it says then may repeat
// what it was sent.
type loginError struct{ err error }

func (e *loginError) Error() string { return "log in: the server refused" }

func (p *smtpSender) asFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	f := &Failure{Err: fmt.Errorf("send through %s: %w", p.host, err)}
	_, login := errors.AsType[*loginError](err)
	switch {
	case login:
		f.Hint = "check user, password and auth in the URL; passwords are sent over encrypted connections only"
	case errors.Is(err, errNotEncrypted):
		f.Hint = "the server offers no STARTTLS; without it set requirestarttls=no and encryption=auto"
	default:
		f.Err, f.Temporary = errors.New(redactURL(f.Err.Error(), &url.URL{User: url.UserPassword(p.user, p.password)})), isTemporary(err)
	}
	return f
}
