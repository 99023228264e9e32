package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// genericWebhook is the service generic of the library, made here (see services). It
// sends a text, or with template=json an object, to any address:
// generic://host/path?… or generic+https://host/path?…
//
// Of the query @Name is a header, $name a field of the object, and template,
// contenttype, disabletls, method, title, titlekey and messagekey are options;
// the rest goes along, and so does an option with two underscores before it.
// With an empty titlekey there is no title, which the library cannot do.
type genericWebhook struct {
	client      Doer
	url         url.URL
	method      string
	contentType string // media type
	header      http.Header
	asJSON      bool
	fields      map[string]string
	title       string // instead of the message's
	titleKey    string
	bodyKey     string
}

func newGenericWebhook(u *url.URL, inner string, client Doer) (*genericWebhook, error) {
	g := &genericWebhook{client: client, url: *u, method: http.MethodPost, contentType: "application/json",
		header: make(http.Header), fields: make(map[string]string), titleKey: "title", bodyKey: "message"}
	if g.url.Scheme = inner; inner == "" {
		g.url.Scheme = "https"
	}
	if u.Hostname() == "" || g.url.Scheme != "https" && g.url.Scheme != "http" {
		return nil, errors.New("it has to be generic://host/path, generic+https://… or generic+http://…")
	}
	rest := make(url.Values)
	for key, values := range u.Query() {
		if len(values) == 0 {
			continue
		}
		known, err := g.setOption(key, values[0])
		switch {
		case err != nil:
			return nil, fmt.Errorf("its option %s %w", key, err)
		case !known:
			rest[strings.TrimPrefix(key, "__")] = values
		}
	}
	g.url.RawQuery = rest.Encode()
	return g, nil
}

// setOption takes one key of the query, if it is meant for us.
func (g *genericWebhook) setOption(key, v string) (known bool, err error) {
	switch {
	case len(key) > 1 && key[0] == '@':
		g.header.Set(headerName(key[1:]), v)
		return true, nil
	case len(key) > 1 && key[0] == '$':
		g.fields[key[1:]] = v
		return true, nil
	}
	switch key {
	case "template":
		if g.asJSON = strings.EqualFold(v, "json"); !g.asJSON && v != "" {
			return true, errors.New("can only be json")
		}
	case "contenttype":
		g.contentType = v
	case "disabletls":
		plainHTTP, ok := parseBool(v)
		if !ok {
			return true, errors.New("has to be yes or no")
		}
		if plainHTTP {
			g.url.Scheme = "http"
		}
	case "method":
		g.method = v
	case "title":
		g.title = v
	case "titlekey":
		g.titleKey = v
	case "messagekey":
		g.bodyKey = v
	default:
		return false, nil
	}
	return true, nil
}

// headerName is a header as it may be written in a URL: ContentType is Content-Type.
func headerName(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('-')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

func (g *genericWebhook) send(ctx context.Context, title, body string) error {
	kind, text := "text/plain", body
	if g.asJSON {
		kind, text = g.contentType, g.encodeJSON(title, body)
	}
	req, err := http.NewRequestWithContext(ctx, g.method, g.url.String(), strings.NewReader(text))
	if err != nil {
		return &Failure{Err: errors.New("the URL or the method is malformed"), Hint: "check the setting"}
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", kind)
	for k, v := range g.header {
		req.Header[k] = v
	}
	l := recorder{client: g.client}
	l.start(ctx)
	if _, err := l.Do(req); err != nil || !l.delivered() {
		return l.failure()
	}
	return nil
}

func (g *genericWebhook) encodeJSON(title, body string) string {
	if g.title != "" {
		title = g.title
	}
	object := map[string]string{g.titleKey: title, g.bodyKey: body}
	if g.titleKey == "" {
		delete(object, "")
	}
	for k, v := range g.fields {
		object[k] = v
	}
	b, _ := json.Marshal(object) // strings always can
	return string(b)
}
