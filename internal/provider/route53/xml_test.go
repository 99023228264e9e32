package route53

import (
	"fmt"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/scaletest"
)

func TestXMLIsRead(t *testing.T) {
	for in, want := range map[string]string{
		`<?xml version="1.0"?>` + "\n<a xmlns=\"x\">\n <b>1 &lt; 2 &amp;&#x26;&#38; &quot;&apos;</b><c/><!-- no --> <b>2</b>\n</a>\n": "b=1 < 2 &&& \"';c=;b=2",
		`<a><b>&nothing; & &#xZZ;</b></a>`: "b=&nothing; & &#xZZ;",
		`<a><b attribute="1"></b></a>`:     "b=",
		`<a><!-- --><b>x</b></a>`:          "b=x",
	} {
		e, err := parseXML(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		var kids []string
		for _, k := range e.children {
			kids = append(kids, k.name+"="+k.text)
		}
		if got := strings.Join(kids, ";"); got != want {
			t.Errorf("%q is %q", in, got)
		}
	}
	for in, want := range map[string]string{
		``:                  "unexpected EOF",
		`<a>`:               "unexpected EOF",
		`<a><b>x`:           "unexpected EOF",
		`<a><b>x</a>`:       "closes what is not open",
		`<a/><b/>`:          "unexpected EOF",
		`x<a/>`:             "a text stands where none can",
		`<a>x<b/></a>`:      "a text stands where none can",
		`<a><b/>x</a>`:      "a text stands where none can",
		`<a>x<!-- -->y</a>`: "a text stands where none can",
		`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`: "it holds a definition",
		`<a><></></a>`:              "a tag is empty",
		`<a><!-- </a>`:              "unexpected EOF",
		`</a>`:                      "closes what is not open",
		strings.Repeat("<a>", 1000): "too deep",
	} {
		if _, err := parseXML(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

// Of a refusal that is cut off what came counts.
func TestARefusalThatBreaksOffIsRead(t *testing.T) {
	p := parseAWSError([]byte(`<ErrorResponse><Error><Code>InvalidChangeBatch</Code><Message>[Tried to create resource record set [name='a.example.org.', type='A'] but it already ex`))
	if p.code != codeInvalidChangeBatch || !strings.Contains(p.message, "already ex") {
		t.Errorf("%+v", p)
	}
}

func TestReadingXMLTakesTimeInProportion(t *testing.T) {
	for what, of := range map[string]func(n int) string{
		"elements": func(n int) string { return "<a>" + strings.Repeat("<b>x</b>", n) + "</a>" },
		"escapes":  func(n int) string { return "<a>" + strings.Repeat("&amp;&", n) + "</a>" },
		"comments": func(n int) string { return "<a>" + strings.Repeat("<!-- x --> ", n) + "</a>" },
		"a tag":    func(n int) string { return "<a" + strings.Repeat(" b", n) + "/>" },
		"open":     func(n int) string { return strings.Repeat("<a>", n) },
		"ends":     func(n int) string { return "<a>" + strings.Repeat("</b", n) },
	} {
		scaletest.Linear(t, what, 2000, func(n int) func() {
			in := of(n)
			return func() { _, _ = parseXML(in) }
		})
	}
	scaletest.Linear(t, "blames", 200, func(n int) func() {
		in := strings.Repeat("Tried to create resource record set [name='a.example.org.', type='A'] but it already exists, ", n)
		return func() { parseBatchErrors(in) }
	})
	scaletest.Linear(t, "a text", 2000, func(n int) func() {
		in := strings.Repeat(`\\001`, n)
		return func() { recodeEscapes(in, 8, 10) }
	})
}

func FuzzXML(f *testing.F) {
	f.Add(`<?xml version="1.0"?><a xmlns="x"><b>1 &lt; 2</b><c/></a>`)
	f.Add(`<a><!-- x --><b>`)
	f.Add("<\r//>")
	f.Fuzz(func(t *testing.T, in string) {
		e, err := parseXML(in)
		if e == nil {
			t.Fatalf("nothing and %v", err)
		}
		if err != nil {
			return
		}
		var b strings.Builder
		write := (func(*element))(nil)
		write = func(e *element) {
			if len(e.children) == 0 {
				writeElement(&b, e.name, e.text)
				return
			}
			fmt.Fprintf(&b, "<%s>", e.name)
			for _, k := range e.children {
				write(k)
			}
			fmt.Fprintf(&b, "</%s>", e.name)
		}
		write(e)
		again, err := parseXML(b.String())
		if err != nil || fmt.Sprint(flat(again)) != fmt.Sprint(flat(e)) {
			t.Fatalf("%q, written and read again: %v", in, err)
		}
	})
}

func flat(e *element) (all []string) {
	all = append(all, e.name)
	if len(e.children) == 0 {
		all = append(all, e.text)
	}
	for _, k := range e.children {
		all = append(all, flat(k)...)
	}
	return all
}
