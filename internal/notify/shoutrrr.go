package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/secret"
)

// Shoutrrr is how the services named by URLs are reached
// (https://shoutrrr.nickfedor.com, 2026).
type Shoutrrr struct {
	Client   Doer
	Lax      Doer         // as Client, for a URL that asks to trust any certificate
	Dial     httpx.Dial   // for mail
	Print    func(string) // of logger://; nil: nothing is printed
	Template Template
	Place    Place
}

// NewShoutrrr makes the sink of one URL and sends nothing. The error holds
// nothing of the URL but its scheme.
func NewShoutrrr(raw secret.String, o Shoutrrr) (Sink, error) {
	u, err := url.Parse(raw.Reveal())
	if err != nil || u.Scheme == "" {
		return nil, errors.New("it is not a URL")
	}
	// url.Parse has made the scheme lower case.
	kind, inner, custom := strings.Cut(u.Scheme, "+")
	s := &messenger{name: kind, o: o}
	switch kind {
	case "smtp":
		s.sender, err = newMail(u, o.Dial)
	case "generic":
		s.sender, err = newGeneric(u, inner, o.Client)
	case "logger":
		s.sender = printer{o.Print}
	default:
		s.sender, err = newLibrary(kind, u, custom, o)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", short(plain(kind), 20), err)
	}
	return s, nil
}

// sender sends one text. Its errors hold no secret.
type sender interface {
	send(ctx context.Context, title, body string) error
}

// messenger is the sink of one URL.
type messenger struct {
	sender
	name string
	o    Shoutrrr
}

func (s *messenger) Name() string { return s.name }

func (s *messenger) take(e Event) []delivery {
	var out []delivery
	for i := range e.Messages {
		title, body := s.o.Template.apply(&e.Messages[i], s.o.Place)
		out = append(out, delivery{send: func(ctx context.Context) error { return s.send(ctx, title, body) }})
	}
	return out
}

// printer is the service logger.
type printer struct{ print func(string) }

func (p printer) send(_ context.Context, _, body string) error {
	if p.print != nil {
		p.print(body)
	}
	return nil
}

// library sends through the library. What that says of a failure may hold the
// URL, so none of it is passed on: link knows what happened.
type library struct {
	target  types.Service
	url     *url.URL
	link    *link
	titled  bool // the service takes a title, and the URL does not give its own
	unready bool // it has to log in first
}

func newLibrary(kind string, u *url.URL, custom bool, o Shoutrrr) (*library, error) {
	s, ok := serviceOf(kind)
	if !ok {
		return nil, unknownService(kind)
	}
	l := &library{target: s.library, url: u, titled: s.titled && !hasKey(u.Query(), "title")}
	if custom {
		if err := l.convert(); err != nil {
			return nil, err
		}
	}
	if err := lack(kind, s.form, l.url); err != nil {
		return nil, err
	}
	if kind == "pagerduty" {
		l.url = pagerDuty(l.url)
	}
	l.link = &link{client: o.Client}
	if lax(kind, u.Query()) {
		l.link.client = o.Lax
	}
	if err := l.initialize(); err != nil {
		if !l.link.asked { // not a matter of the network
			return nil, fmt.Errorf("%s; %s", scrub(err.Error(), u), formed(kind, s.form))
		}
		l.unready = true
	}
	return l, nil
}

// pagerDuty is its URL with what the library leaves out of it (v0.18.0): without
// a port it asks port 0.
func pagerDuty(u *url.URL) *url.URL {
	whole := *u
	if whole.Host == "" {
		whole.Host = "events.pagerduty.com"
	}
	if whole.Port() == "" {
		whole.Host += ":443"
	}
	return &whole
}

// convert makes the service's own URL of one with the scheme service+https.
func (l *library) convert() error {
	s, ok := l.target.(types.CustomURLService)
	if !ok {
		return errors.New("it takes no URL of another scheme behind a +")
	}
	u, err := s.GetServiceURLFromCustom(l.url)
	if err != nil {
		return errors.New(scrub(err.Error(), l.url))
	}
	l.url = u
	return nil
}

// initialize reads the URL; a service that logs in does that here. The client
// is given before, for those, and again after, for those that make their own.
func (l *library) initialize() (err error) {
	defer caught(&err)
	s, ok := l.target.(types.HTTPClientSetter)
	if !ok {
		return errors.New("the service has a network of its own")
	}
	s.SetHTTPClient(l.link)
	u := *l.url
	err = l.target.Initialize(&u, nil)
	s.SetHTTPClient(l.link)
	calm(l.target)
	return err
}

func (l *library) send(ctx context.Context, title, body string) error {
	l.link.begin(ctx)
	defer l.link.end()
	if l.unready {
		if err := l.initialize(); err != nil {
			return l.link.failure()
		}
		l.unready = false
	}
	if s, ok := l.target.(types.HTTPClientSetter); ok {
		s.SetHTTPClient(l.link) // ntfy keeps the headers of one message, its title too, for the next (v0.18.0)
	}
	if l.call(title, body) != nil || !l.link.arrived() {
		return l.link.failure()
	}
	return nil
}

func (l *library) call(title, body string) (err error) {
	defer caught(&err)
	params := types.Params{}
	if l.titled {
		params[types.TitleKey] = title
	}
	return l.target.Send(body, &params)
}

// caught makes an error of a panic: the library must not end the daemon.
func caught(err *error) {
	if recover() != nil {
		*err = errors.New("the library failed")
	}
}

// NoService is the error of a URL whose scheme is that of no service.
type NoService struct{ text string }

func (e *NoService) Error() string { return e.text }

func unknownService(kind string) error {
	if kind == "mqtt" || kind == "mqtts" {
		return errors.New("this service is not built in; a webhook or a program can stand in for it")
	}
	known := []string{"smtp", "generic", "logger"}
	for _, s := range services() {
		known = append(known, s.kind)
	}
	slices.Sort(known)
	return &NoService{"there is no such service; there are " + strings.Join(known, ", ")}
}

// lax says whether a URL asks to trust any certificate. The library would see
// to that in its own client, which we replace.
func lax(kind string, query url.Values) bool {
	switch kind {
	case "gotify":
		return truth(query, "insecureskipverify")
	case "ntfy":
		return truth(query, "disabletlsverification")
	}
	return false
}

// Keys in these URLs are read in any case, and truth has many words.

func value(query url.Values, key string) (string, bool) {
	for k, vs := range query {
		if strings.EqualFold(k, key) && len(vs) > 0 {
			return vs[0], true
		}
	}
	return "", false
}

func hasKey(query url.Values, key string) bool {
	_, ok := value(query, key)
	return ok
}

func truth(query url.Values, key string) bool {
	v, _ := value(query, key)
	yes, _ := boolean(v)
	return yes
}

func boolean(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "y":
		return true, true
	case "false", "0", "no", "n":
		return false, true
	}
	return false, false
}
