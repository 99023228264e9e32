package dialect

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/expr"
)

func TestRecordsOfDynflareAreWholeOrRelative(t *testing.T) {
	tests := []struct{ record, name, kind string }{
		{"cloudflare:example.com:A:home.example.com", "home.example.com", "A"},
		{"cloudflare:example.com:A:home", "home.example.com", "A"},
		{"cloudflare:Example.COM.:aaaa:Home", "home.example.com", "AAAA"},
		{"cloudflare:example.com:A:", "example.com", "A"},
		{"cloudflare:example.com:A:@", "example.com", "A"},
		{"cloudflare:example.com:A:example.com", "example.com", "A"},
		{"cloudflare:example.com:A:example.com.", "example.com", "A"},
		{"cloudflare:example.com:A:*", "*.example.com", "A"},
		{"cloudflare:example.com:A:*.lab.example.com", "*.lab.example.com", "A"},
		{"cloudflare:example.com:A:www.example.net", "www.example.net.example.com", "A"},
		{"cloudflare:example.com:A:notexample.com", "notexample.com.example.com", "A"},
		{"cloudflare:bücher.example:A:heim", "heim.xn--bcher-kva.example", "A"},
	}
	for _, tt := range tests {
		_, _, name, kind, err := parseRecord(catalogue(), tt.record)
		if err != nil || name.String() != tt.name || string(kind) != tt.kind {
			t.Errorf("%s: %s %s, %v", tt.record, kind, name, err)
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	for _, s := range []string{"cloudflare:example.com:A:home", "cloudflare:example.com:AAAA:@", ":::", "cloudflare:example.com:A:*.x.example.com.", "cloudflare:é.example:a:\x00", "route53:example.com:A:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _, name, kind, err := parseRecord(catalogue(), s)
		if err != nil {
			return
		}
		zone, zoneErr := dns.ParseName(strings.TrimSpace(strings.Split(s, ":")[1]))
		if zoneErr != nil || !name.IsWithin(zone) || kind != dns.A && kind != dns.AAAA {
			t.Errorf("%q is %s %s, outside of its zone %s", s, kind, name, zone)
		}
		_, _, again, _, err := parseRecord(catalogue(), "cloudflare:"+zone.String()+":"+string(kind)+":"+name.String())
		if err != nil || again != name {
			t.Errorf("%q is %s, and that is %s, %v", s, name, again, err)
		}
	})
}

// The original says of sub(d) that it holds for d and for all below it.
func TestSubTakesTheDomainItselfIn(t *testing.T) {
	tests := []struct{ expr, yes, no string }{
		{"sub(example.com)", "example.com www.example.com *.example.com a.b.example.com", "example.net notexample.com"},
		{"sub(example.com) && !is(api.example.com)", "example.com www.example.com", "api.example.com"},
		{"!sub( example.com , example.net )||is(example.net)", "example.org example.net", "example.com www.example.net"},
		{"is(sub.example.com) || sub (lab.example.com)", "sub.example.com lab.example.com x.lab.example.com", "example.com"},
		{"sub()", "", "example.com"},
		{"true", "example.com", ""},
	}
	for _, tt := range tests {
		e, err := expr.ParseNames(withSelf(tt.expr))
		if err != nil {
			t.Errorf("%s: %s: %v", tt.expr, withSelf(tt.expr), err)
			continue
		}
		for want, names := range map[bool]string{true: tt.yes, false: tt.no} {
			for _, s := range strings.Fields(names) {
				n, err := dns.ParseName(s)
				if err != nil || e.Match(n) != want {
					t.Errorf("%s of %s: got %t, %v", tt.expr, s, !want, err)
				}
			}
		}
	}
	for _, s := range []string{"", "sub", "sub(", "sub(a", "sub(sub(a))", "subs(a.org)", "is(a.org)", "!", "é\xff("} {
		if got := withSelf(s); strings.Contains(got, "is(") && !strings.HasPrefix(s, "is(") && s != "sub(sub(a))" {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

// A rewritten expression holds for all the original holds for as homing has it,
// and is refused when the original is.
func FuzzWithSelf(f *testing.F) {
	for _, s := range []string{"sub(example.com)", "!sub(a.org,b.org) && is(c.org)", "((sub(", "sub (a.org b.org)", "sub()sub()"} {
		f.Add(s)
	}
	names := []dns.Name{}
	for _, s := range []string{"a.org", "b.a.org", "*.a.org", "example.com", "x.example.com"} {
		n, err := dns.ParseName(s)
		if err != nil {
			f.Fatal(err)
		}
		names = append(names, n)
	}
	f.Fuzz(func(t *testing.T, s string) {
		before, err := expr.ParseNames(s)
		after, errAfter := expr.ParseNames(withSelf(s))
		if (err == nil) != (errAfter == nil) {
			t.Fatalf("%q: %v; %q: %v", s, err, withSelf(s), errAfter)
		}
		if err != nil || strings.Contains(s, "!") {
			return
		}
		for _, n := range names {
			if before.Match(n) && !after.Match(n) {
				t.Errorf("%q holds for %s, and %q does not", s, n, withSelf(s))
			}
		}
	})
}

func TestVariablesStandForTexts(t *testing.T) {
	env := map[string]string{"CF_DDNS_A": "a", "CF_DDNS_AB": `"}, ${CF_DDNS_A}`, "OTHER": "secret"}
	tests := []struct{ text, want, missing string }{
		{"$CF_DDNS_A", "a", ""},
		{"${CF_DDNS_A}b$CF_DDNS_A.", "aba.", ""},
		{"$CF_DDNS_AB", `"}, ${CF_DDNS_A}`, ""}, // what is put in is a text, and is not looked at again
		{"$OTHER $ $$ ${ ${CF_DDNS_A", "$OTHER $ $$ ${ ${CF_DDNS_A", ""},
		{"${CF_DDNS_NO}x", "x", "CF_DDNS_NO"},
		{"", "", ""},
	}
	for _, tt := range tests {
		in := world{env: env}.input()
		if got, missing := in.substituted(tt.text); got != tt.want || missing != tt.missing {
			t.Errorf("%s: %q, %q is missing", tt.text, got, missing)
		}
	}
}

// parseJSON reads what encoding/json reads, and knows where it stands.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{credentials, zones, `{"a": [1, -2.5e3, true, null, "é\u0041"], "b": {"c": {}}}`, "[", "\ufeff{}", `{"a":1,"a":2}`, strings.Repeat("[", 40) + strings.Repeat("]", 40), "\"\\ud800\"", "{\"a\":\xff}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := parseJSON("x", b)
		if err != nil {
			if _, ok := errors.AsType[*jsonError](err); !ok {
				t.Fatalf("the error is %T", err)
			}
			file.origin("x", len(b)/2)
			return
		}
		var want any
		dec := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff")))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil || !reflect.DeepEqual(want, plainOf(file.root)) {
			t.Fatalf("%q is %v, want %v, %v", b, plainOf(file.root), want, err)
		}
		file.showOnly("a")
		visit(file.root, func(n *node) {
			if n.start < 0 || n.end > len(file.data) || n.start >= n.end || !json.Valid(file.data[n.start:n.end]) {
				t.Fatalf("%q: a value is said to be at %d to %d", b, n.start, n.end)
			}
			if o := file.origin("x", n.start); !utf8.ValidString(o.Source) || o.Line < 1 || o.Column < 1 || strings.ContainsAny(o.Source, "\n\x00\x1b") {
				t.Fatalf("%q: %+v", b, o)
			}
		})
	})
}

// plainOf is a value as encoding/json has it.
func plainOf(n *node) any {
	switch n.kind {
	case jsonObject:
		m := make(map[string]any)
		for _, f := range n.fields {
			m[f.name] = plainOf(f.value)
		}
		return m
	case jsonArray:
		items := []any{}
		for _, i := range n.items {
			items = append(items, plainOf(i))
		}
		return items
	case jsonText:
		return n.text
	case jsonNumber:
		return json.Number(n.text)
	case jsonBoolean:
		return n.text == "true"
	}
	return nil
}

func visit(n *node, each func(*node)) {
	each(n)
	for _, f := range n.fields {
		visit(f.value, each)
	}
	for _, i := range n.items {
		visit(i, each)
	}
}

// A line that a message shows has no value in it but those of known keys,
// wherever the secret stands.
func TestNoLineShowsASecret(t *testing.T) {
	for _, s := range []string{
		`{"key": "c4n4ry", "zone": 1}`, `{"kye": "c4n4ry", "zone": 1}`, `{"x": ["c4n4ry", {"zone": "c4n4ry"}], "zone": 1}`,
		"{\"key\":\n\"c4n4ry\", \"zone\": 1}", `{"zone": "https://c4n4ry@example.com/", "email": 1}`, `{"key": {"c4n4ry": 1}, "zone": 1}`,
	} {
		file, err := parseJSON("x", []byte(s))
		if err != nil {
			t.Fatal(err)
		}
		file.showOnly("zone", "email")
		for at := range len(s) {
			if o := file.origin("x", at); strings.Contains(o.Source, "c4n4ry") {
				t.Errorf("%s: %s", s, o.Source)
			}
		}
	}
}

// Whatever the arguments, the variables and the files are, they are read or
// refused.
func FuzzRead(f *testing.F) {
	f.Add("-r\ncloudflare:example.com:A:x\n-dry", "CLOUDFLARE_API_SECRET=c4n4ry", "")
	f.Add("plan\n./x.json", "", credentials)
	f.Add("--repeat", "CF_DDNS_X=c4n4ry", zones)
	f.Add("x.json", "", `{"cloudflare":[{"authentication":{"api_token":"$CF_DDNS_X"},"zone_id":"","subdomains":[{}]}],"ttl":-1}`)
	f.Add("", "HOST_LIST=a.b\nUPDATE_INTERVAL=1_0\nAPI_PORT=", "")
	f.Add("", "API_KEY=c4n4ry\nZONE=a.b\nSUBDOMAIN_FILE=x.json\nCUSTOM_LOOKUP_CMD=echo '1'", "home")
	f.Add("", "DELETE_ON_FAILURE=1\nCLOUDFLARE_API_TOKEN=c4n4ry\nPROXIED=sub(a.b)\nIP4_PROVIDER=literal:|,", "")
	f.Add("migrate\nx.env", "", "HOST_LIST=a.b\n")
	f.Fuzz(func(t *testing.T, args, env, file string) {
		w := world{env: map[string]string{}, files: map[string]string{"x.json": file, "config.json": file, "x.env": file}}
		if args != "" {
			w.args = strings.Split(args, "\n")
		}
		for line := range strings.SplitSeq(env, "\n") {
			if name, text, ok := strings.Cut(line, "="); ok {
				w.env[name] = text
			}
		}
		_, cfg, err := build(w.input())
		if (cfg == nil) == (err == nil) {
			t.Fatalf("%v, %v", cfg, err)
		}
		written, err := Migrate(w.input(), "")
		if err == nil && !utf8.Valid(written) {
			t.Fatalf("%q is no text", written)
		}
	})
}
