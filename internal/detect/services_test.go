package detect

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// downgraded sends what goes to https://host to http://host, so that a world
// can answer it.
type downgraded struct{ next http.RoundTripper }

func (d downgraded) RoundTrip(r *http.Request) (*http.Response, error) {
	u := *r.URL
	u.Scheme = "http"
	r = r.Clone(r.Context())
	r.URL = &u
	return d.next.RoundTrip(r)
}

// overTLS lets nothing pass that does not go over TLS.
type overTLS struct {
	t    *testing.T
	next http.RoundTripper
}

func (o overTLS) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.Method != http.MethodGet || r.URL.User != nil || r.URL.RawQuery != "" {
		o.t.Errorf("%s %s", r.Method, r.URL)
	}
	return o.next.RoundTrip(r)
}

func secured(t *testing.T, c *httpx.Client) *httpx.Client {
	c.Transport = overTLS{t, downgraded{c.Transport}}
	return c
}

// What is asked of whom, written apart from the code under test.
func serviceTable() map[string]struct{ v4, v6, operator, says4, says6 string } {
	type row = struct{ v4, v6, operator, says4, says6 string }
	const four, six = "8.8.4.4\n", "2a00:1450::1\n"
	return map[string]row{
		"ipify":       {"api.ipify.org/", "api6.ipify.org/", "ipify.org", "8.8.4.4", "2a00:1450::1"},
		"icanhazip":   {"icanhazip.com/", "icanhazip.com/", "cloudflare.com", four, six},
		"ifconfig.co": {"ifconfig.co/ip", "ifconfig.co/ip", "ifconfig.co", four, six},
		"ident.me":    {"4.ident.me/", "6.ident.me/", "ident.me", "8.8.4.4", "2a00:1450::1"},
		"ipinfo":      {"ipinfo.io/ip", "v6.ipinfo.io/ip", "ipinfo.io", "8.8.4.4", "2a00:1450::1"},
		"aws":         {"checkip.amazonaws.com/", "", "amazonaws.com", four, ""},
		"myip.com": {"api.myip.com/", "api.myip.com/", "myip.com",
			`{"ip":"8.8.4.4","country":"Germany","cc":"DE"}`, `{"ip":"2a00:1450::1","country":"Germany","cc":"DE"}`},
		"seeip": {"ipv4.seeip.org/", "ipv6.seeip.org/", "seeip.org", "8.8.4.4", "2a00:1450::1"},
	}
}

func TestServicesAskTheHostOfTheirFamily(t *testing.T) {
	table := serviceTable()
	if got := Services(); len(got) != len(table) || got[0] != "ipify" {
		t.Fatalf("the words are %v", got)
	}
	for _, word := range Services() {
		for _, w := range []Wanted{want4, want6} {
			row := table[word]
			at, says, want := row.v4, row.says4, truth
			if w == want6 {
				at, says, want = row.v6, row.says6, known("2a00:1450::1/64")
			}
			if at == "" {
				continue // see the next test
			}
			t.Run(word+" "+w.Family.String(), func(t *testing.T) {
				var asked []string
				u, _ := url.Parse("//" + at)
				c := secured(t, onLoopback(t, &world{hosts: map[string]http.HandlerFunc{u.Host: func(rw http.ResponseWriter, r *http.Request) {
					asked = append(asked, r.Host+r.URL.Path)
					rw.Write([]byte(says))
				}}}))
				s := must(t)(Service(w, c, word))
				wantSame(t, s.Observe(t.Context()), want)
				if !slices.Equal(asked, []string{at}) {
					t.Errorf("asked %v", asked)
				}
				if got, want := s.Voter(), (addr.Voter{Source: word, Operator: row.operator, Route: u.Host, Authenticated: true}); got != want {
					t.Errorf("it is %+v, want %+v", got, want)
				}
				// url: must not get it a second vote.
				if got := operatorOf(u.Hostname()); got != row.operator {
					t.Errorf("as a url it would be of %s", got)
				}
			})
		}
	}
}

func TestServicesRefuseAFamilyTheyDoNotHave(t *testing.T) {
	if _, err := Service(want6, httpx.New(httpx.Options{}), "aws"); err == nil || err.Error() != "it answers over IPv4 only; for IPv6 take another source" {
		t.Errorf("got %v", err)
	}
	if _, err := Service(want4, httpx.New(httpx.Options{}), "whatismyip"); err == nil || err.Error() != `there is no service "whatismyip"` {
		t.Errorf("got %v", err)
	}
}

func TestServicesRefuse(t *testing.T) {
	for _, c := range []struct {
		name, word string
		wanted     Wanted
		host       http.HandlerFunc
		says       string
	}{
		{"a status that is not 200", "ipify", want4, status(429, "8.8.4.4"), "429 Too Many Requests instead of 200 OK"},
		{"another 2xx", "ipify", want4, status(203, "8.8.4.4"), "203"},
		{"a redirect", "ipify", want4, loop, "302 Found instead of 200 OK"},
		{"4 MB", "ipify", want4, huge, "longer than 4096 bytes"},
		{"an answer that breaks off", "ipify", want4, reset, "unexpected EOF"},
		{"a web page", "ipify", want4, shows(portal), "web page; a captive portal"},
		{"a web page instead of JSON", "myip.com", want4, shows(portal), "web page; a captive portal"},
		{"nothing", "ipify", want4, shows(""), "holds no address"},
		{"two addresses", "ipify", want4, shows("8.8.4.4\n8.8.8.8\n"), "it holds 2 addresses instead of one"},
		{"an address twice", "ipify", want4, shows("8.8.4.4\n8.8.4.4\n"), "it holds 2 addresses instead of one"},
		{"two addresses in JSON", "myip.com", want4, shows(`{"ip":["8.8.4.4","8.8.8.8"]}`), "it holds 2 addresses instead of one"},
		{"a network", "ipify", want4, shows("8.8.4.4/24"), "a network instead of an address"},
		{"text instead of JSON", "myip.com", want4, shows("8.8.4.4"), "not a whole and single JSON value"},
		{"IPv6 for IPv4", "ipify", want4, shows("2a00:1450::1"), "not an IPv4 address"},
		{"IPv4 for IPv6", "ipify", want6, shows("8.8.4.4"), "not an IPv6 address"},
		{"a zone", "ipify", want6, shows("2a00:1450::1%eth0"), "has a zone"},
		{"a private address", "ipify", want4, shows("10.1.2.3"), "RFC 1918"},
		{"CGNAT", "ipify", want4, shows("100.64.0.1"), "(CGNAT), so nobody can reach this one and no updater can help; ask the provider for a public address"},
		{"Cloudflare's own", "icanhazip", want4, shows("104.16.0.1"), "Cloudflare's own network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hosts := map[string]http.HandlerFunc{}
			for _, h := range []string{"api.ipify.org", "api6.ipify.org", "icanhazip.com", "api.myip.com"} {
				hosts[h] = c.host
			}
			w := &world{hosts: hosts}
			o := must(t)(Service(c.wanted, secured(t, onLoopback(t, w)), c.word)).Observe(t.Context())
			wantRefused(t, o, c.says)
			if n := len(w.Asked()); n != 1 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}
