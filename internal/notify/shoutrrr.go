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

// ShoutrrrOptions is how the services named by URLs are reached
// (https://shoutrrr.nickfedor.com, 2026).
type ShoutrrrOptions struct {
	Client         Doer
	InsecureClient Doer         // as Client, for a URL that asks to trust any certificate
	Dial           httpx.Dial   // for mail
	Print          func(string) // of logger://; nil: nothing is printed
	Template       Template
	Origin         Origin
}

// NewShoutrrr makes the sink of one URL and sends nothing. The error holds
// nothing of the URL but its scheme.
func NewShoutrrr(raw secret.String, o ShoutrrrOptions) (Sink, error) {
	u, err := url.Parse(raw.Reveal())
	if err != nil || u.Scheme == "" {
		return nil, errors.New("it is not a URL")
	}
	// url.Parse has made the scheme lower case.
	kind, inner, custom := strings.Cut(u.Scheme, "+")
	s := &shoutrrrSink{name: kind, o: o}
	switch kind {
	case "smtp":
		s.sender, err = newSMTPSender(u, o.Dial)
	case "generic":
		s.sender, err = newGenericWebhook(u, inner, o.Client)
	case "logger":
		s.sender = logPrinter{o.Print}
	default:
		s.sender, err = newLibrary(kind, u, custom, o)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", truncate(stripControl(kind), 20), err)
	}
	return s, nil
}

// sender sends one text. Its errors hold no secret.
type sender interface {
	send(ctx context.Context, title, body string) error
}

// shoutrrrSink is the sink of one URL.
type shoutrrrSink struct {
	sender
	name string
	o    ShoutrrrOptions
}

func (s *shoutrrrSink) Name() string { return s.name }

func (s *shoutrrrSink) deliveries(e Event) []delivery {
	var out []delivery
	for i := range e.Messages {
		title, body := s.o.Template.render(&e.Messages[i], s.o.Origin)
		out = append(out, delivery{send: func(ctx context.Context) error { return s.send(ctx, title, body) }})
	}
	return out
}

// logPrinter is the service logger.
type logPrinter struct{ print func(string) }

func (p logPrinter) send(_ context.Context, _, body string) error {
	if p.print != nil {
		p.print(body)
	}
	return nil
}

// libraryService sends through the library. What that says of a failure may hold the
// URL, so none of it is passed on: link knows what happened.
type libraryService struct {
	service        types.Service
	url            *url.URL
	recorder       *recorder
	takesTitle     bool // the service takes a title, and the URL does not give its own
	notInitialized bool // it has to log in first
}

func newLibrary(kind string, u *url.URL, custom bool, o ShoutrrrOptions) (*libraryService, error) {
	s, ok := findService(kind)
	if !ok {
		return nil, unknownService(kind)
	}
	l := &libraryService{service: s.impl, url: u, takesTitle: s.takesTitle && !hasKey(u.Query(), "title")}
	if custom {
		if err := l.convertCustomURL(); err != nil {
			return nil, err
		}
	}
	if err := checkURLParts(kind, s.urlForm, l.url); err != nil {
		return nil, err
	}
	if kind == "pagerduty" {
		l.url = pagerDutyURL(l.url)
	}
	l.recorder = &recorder{client: o.Client}
	if wantsInsecureTLS(kind, u.Query()) {
		l.recorder.client = o.InsecureClient
	}
	if err := l.initialize(); err != nil {
		if !l.recorder.requested { // not a matter of the network
			return nil, fmt.Errorf("%s; %s", redactURL(err.Error(), u), describeForms(kind, s.urlForm))
		}
		l.notInitialized = true
	}
	return l, nil
}

// pagerDutyURL is its URL with what the library leaves out of it (v0.18.0): without
// a port it asks port 0.
func pagerDutyURL(u *url.URL) *url.URL {
	whole := *u
	if whole.Host == "" {
		whole.Host = "events.pagerduty.com"
	}
	if whole.Port() == "" {
		whole.Host += ":443"
	}
	return &whole
}

// convertCustomURL makes the service's own URL of one with the scheme service+https.
func (l *libraryService) convertCustomURL() error {
	s, ok := l.service.(types.CustomURLService)
	if !ok {
		return errors.New("it takes no URL of another scheme behind a +")
	}
	u, err := s.GetServiceURLFromCustom(l.url)
	if err != nil {
		return errors.New(redactURL(err.Error(), l.url))
	}
	l.url = u
	return nil
}

// initialize reads the URL; a service that logs in does that here. The client
// is given before, for those, and again after, for those that make their own.
func (l *libraryService) initialize() (err error) {
	defer recoverAsError(&err)
	s, ok := l.service.(types.HTTPClientSetter)
	if !ok {
		return errors.New("the service has a network of its own")
	}
	s.SetHTTPClient(l.recorder)
	u := *l.url
	err = l.service.Initialize(&u, nil)
	s.SetHTTPClient(l.recorder)
	disableSleep(l.service)
	return err
}

func (l *libraryService) send(ctx context.Context, title, body string) error {
	l.recorder.start(ctx)
	defer l.recorder.stop()
	if l.notInitialized {
		if err := l.initialize(); err != nil {
			return l.recorder.failure()
		}
		l.notInitialized = false
	}
	if s, ok := l.service.(types.HTTPClientSetter); ok {
		s.SetHTTPClient(l.recorder) // ntfy keeps the headers of one message, its title too, for the next (v0.18.0)
	}
	if l.callService(title, body) != nil || !l.recorder.delivered() {
		return l.recorder.failure()
	}
	return nil
}

func (l *libraryService) callService(title, body string) (err error) {
	defer recoverAsError(&err)
	params := types.Params{}
	if l.takesTitle {
		params[types.TitleKey] = title
	}
	return l.service.Send(body, &params)
}

// recoverAsError makes an error of a panic: the library must not end the daemon.
func recoverAsError(err *error) {
	if recover() != nil {
		*err = errors.New("the library failed")
	}
}

// UnknownService is the error of a URL whose scheme is that of no service.
type UnknownService struct{ text string }

func (e *UnknownService) Error() string { return e.text }

func unknownService(kind string) error {
	if kind == "mqtt" || kind == "mqtts" {
		return errors.New("this service is not built in; a webhook or a program can stand in for it")
	}
	known := []string{"smtp", "generic", "logger"}
	for _, s := range shoutrrrServices() {
		known = append(known, s.scheme)
	}
	slices.Sort(known)
	return &UnknownService{"there is no such service; there are " + strings.Join(known, ", ")}
}

// wantsInsecureTLS reports whether a URL asks to trust any certificate. The library would see
// to that in its own client, which we replace.
func wantsInsecureTLS(kind string, query url.Values) bool {
	switch kind {
	case "gotify":
		return queryBool(query, "insecureskipverify")
	case "ntfy":
		return queryBool(query, "disabletlsverification")
	}
	return false
}

// Keys in these URLs are read in any case, and truth has many words.

func queryValue(query url.Values, key string) (string, bool) {
	for k, vs := range query {
		if strings.EqualFold(k, key) && len(vs) > 0 {
			return vs[0], true
		}
	}
	return "", false
}

func hasKey(query url.Values, key string) bool {
	_, ok := queryValue(query, key)
	return ok
}

func queryBool(query url.Values, key string) bool {
	v, _ := queryValue(query, key)
	yes, _ := parseBool(v)
	return yes
}

func parseBool(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "y":
		return true, true
	case "false", "0", "no", "n":
		return false, true
	}
	return false, false
}
