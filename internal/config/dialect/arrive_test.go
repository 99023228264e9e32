package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// arriveFile reads a file as one of a newcomer's.
func arriveFile(name, text string) *arrival {
	a := newArrival(name, "/x/"+name)
	for _, n := range newcomers() {
		if n.name == name {
			n.read(a, a.path, []byte(text))
		}
	}
	a.write()
	return a
}

// arrivalSeeds is a file of each.
func arrivalSeeds() map[string]string {
	return map[string]string{
		"ddns-go":  "dnsconf:\n  - ipv4:\n      enable: true\n      gettype: url\n      domains: [\"www:example.org?proxied=true\", example.org]\n    dns: {name: cloudflare, secret: c4n4ry}\n    ttl: \"600\"\n  - ipv6: {enable: true, domains: [a.b]}\n    dns: {name: callback, id: \"https://x.y/?k=c4n4ry&d=#{domain}&a=#{ip}\"}\n",
		"inadyn":   "period = 300 # x\nprovider cloudflare.com:1 {\n username = example.org\n password = \"c4n4ry\\\"\"\n hostname = { a.example.org, 'b.example.org' }\n}\n/* x */ custom x {\n ddns-server = x.y\n ddns-path = \"/?h=%h&p=%p&i=%i\"\n password = c4n4ry\n hostname = c.d\n}\n",
		"ddclient": "daemon=5m # x\nprotocol=cloudflare, \\\n# between\nlogin=token, password='c4n4ry#1' \\\n a.example.org,b.example.org\nprotocol=noip\nlogin=me, password=\"c4n4ry 2\"\nx.example.net me c4n4ry3\n",
		"qdm12":    `{"settings":[{"provider":"cloudflare","domain":"example.org","host":"@,www","token":"c4n4ry","ttl":600},{"provider":"custom","domain":"a.b","url":"https://a.b/?x=c4n4ry","ipv4key":"i","ipv6key":"j"}]}`,
	}
}

func FuzzArrive(f *testing.F) {
	for name, text := range arrivalSeeds() {
		f.Add(name, text)
	}
	f.Add("inadyn", "provider cloudflare.com:1 {\n hostname = { \"\", a.example.org }\n}\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		if len(text) > maxArrival {
			return
		}
		a := arriveFile(name, text)
		for _, e := range a.draft.Entries {
			if strings.HasPrefix(e.Path, "records[") && strings.HasSuffix(e.Path, ".name") && e.Text == "" {
				t.Errorf("%q: a record has no name", text)
			}
		}
		for _, n := range newcomers() {
			if n.name != name {
				continue
			}
			w := world{files: map[string]string{"/x/file": text}, args: []string{"migrate", "/x/file"}}
			written, left, err := Arrive(w.input(), name)
			if err == nil && len(written) == 0 {
				t.Errorf("%q: nothing is written, %q", text, left)
			}
		}
	})
}

// What a program is told in its password is never said.
func TestNoSecretOfANewcomerIsTold(t *testing.T) {
	for name, text := range arrivalSeeds() {
		a := arriveFile(name, text)
		if len(a.kept) == 0 {
			t.Errorf("%s: no name was read", name)
		}
		told := strings.Join(append(a.left, a.draft.Notices...), "\n")
		for _, p := range a.draft.Problems {
			told += fmt.Sprint(p)
		}
		if strings.Contains(told, "c4n4ry") {
			t.Errorf("%s: a secret is told:\n%s", name, told)
		}
	}
}

// Reading takes time in proportion to the file: four times as much may take at
// most ten times as long.
func TestNewcomersAreReadInProportion(t *testing.T) {
	for name, shapes := range map[string][]string{
		"ddclient": {"#\n", "a=b\n", "a%d.example.org\n", "login=u%d,password=p,protocol=noip a%d.b\n", "protocol=x%d a%d.b\n", "a,", "a=b \\\n", "'", "\"a\" ", "= ", "\\\n", "use=x, protocol=y a.b\n"},
		"inadyn":   {"a = b\n", "provider noip.com {\nusername = u%d\npassword = p\nhostname = a%d.b\n}\n", "{", "}", "/*", "# x\n", "a = {", "\"", "a %d = , "},
		"ddns-go":  {"# x\n", "dnsconf:\n", "- dns: {name: cloudflare, secret: t%d}\n  ipv4: {enable: true, domains: [a%d.b]}\n", "a%d: b\n"},
		"qdm12":    {`{"provider":"x"},`, `{"provider":"duckdns","domain":"a%d,b%d","token":"t%d"},`},
	} {
		for _, each := range shapes {
			read := func(size int) time.Duration {
				var b strings.Builder
				for i := 0; b.Len() < size; i++ {
					b.WriteString(strings.ReplaceAll(each, "%d", strconv.Itoa(i)))
				}
				text := b.String()
				if name == "ddns-go" && strings.HasPrefix(text, "-") {
					text = "dnsconf:\n" + text
				}
				if name == "qdm12" {
					text = `{"settings":[` + strings.TrimSuffix(text, ",") + `]}`
				}
				best := time.Hour
				for range 2 {
					start := time.Now()
					arriveFile(name, text)
					best = min(best, time.Since(start))
				}
				return best
			}
			ratio := 0.0
			for range 5 { // something else may have been running
				if ratio = float64(read(maxArrival)) / float64(read(maxArrival/4)); ratio <= 10 {
					break
				}
			}
			if ratio > 10 {
				t.Errorf("%s: %q: four times as much takes %.1f times as long", name, each, ratio)
			}
		}
	}
}
