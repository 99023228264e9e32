package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Template is how a Message becomes text. Its zero value is the Message's own
// title and body. In it stand for something:
//
//	{title} {body}  those of the message
//	{event}         changed, failed, recovered, …
//	{host}          the machine
//	{time}          when it happened
//	{ipv4} {ipv6}   the addresses that are known, with commas
//	{changes}       how many records were changed
type Template struct{ Title, Body string }

// Place is where messages come from.
type Place struct {
	Host string
	Zone *time.Location // nil: UTC
}

// Check says what is wrong with a template.
func (t Template) Check() error {
	for _, part := range []string{t.Title, t.Body} {
		rest := strings.NewReplacer(values(&Message{}, Place{})...).Replace(part)
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			continue
		}
		if word, _, ok := strings.Cut(rest[open:], "}"); ok && !strings.ContainsAny(word, " \n") {
			return fmt.Errorf("it has %s} in it, which stands for nothing", word)
		}
	}
	return nil
}

// apply is the title and the body of m in this form. Values are not read for
// placeholders again.
func (t Template) apply(m *Message, p Place) (title, body string) {
	r := strings.NewReplacer(values(m, p)...)
	title, body = m.Title, m.Body
	if t.Title != "" {
		title = r.Replace(t.Title)
	}
	if t.Body != "" {
		body = r.Replace(t.Body)
	}
	return strings.ReplaceAll(plain(title), "\n", " "), short(plain(body), bodyLimit)
}

// values is each placeholder and what it stands for.
func values(m *Message, p Place) []string {
	zone := p.Zone
	if zone == nil {
		zone = time.UTC
	}
	return []string{
		"{title}", m.Title, "{body}", m.Body, "{event}", string(m.Kind), "{host}", p.Host,
		"{time}", m.At.In(zone).Format(time.DateTime),
		"{ipv4}", strings.Join(m.IPv4, ", "), "{ipv6}", strings.Join(m.IPv6, ", "),
		"{changes}", strconv.Itoa(m.changed()),
	}
}
