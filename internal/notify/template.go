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

// Origin is where messages come from.
type Origin struct {
	Host     string
	TimeZone *time.Location // nil: UTC
}

// Check says what is wrong with a template.
func (t Template) Check() error {
	for _, part := range []string{t.Title, t.Body} {
		rest := strings.NewReplacer(placeholders(&Message{}, Origin{})...).Replace(part)
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

// render is the title and the body of m in this form. Values are not read for
// placeholders again.
func (t Template) render(m *Message, p Origin) (title, body string) {
	r := strings.NewReplacer(placeholders(m, p)...)
	title, body = m.Title, m.Body
	if t.Title != "" {
		title = r.Replace(t.Title)
	}
	if t.Body != "" {
		body = r.Replace(t.Body)
	}
	return strings.ReplaceAll(stripControl(title), "\n", " "), truncate(stripControl(body), maxBody)
}

// placeholders is each placeholder and what it stands for.
func placeholders(m *Message, p Origin) []string {
	zone := p.TimeZone
	if zone == nil {
		zone = time.UTC
	}
	return []string{
		"{title}", m.Title, "{body}", m.Body, "{event}", string(m.Kind), "{host}", p.Host,
		"{time}", m.At.In(zone).Format(time.DateTime),
		"{ipv4}", strings.Join(m.IPv4, ", "), "{ipv6}", strings.Join(m.IPv6, ", "),
		"{changes}", strconv.Itoa(m.changedRecords()),
	}
}
