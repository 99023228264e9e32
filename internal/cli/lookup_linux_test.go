//go:build check

package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
)

// cloudNames leads all of Cloudflare's hosts to the simulated one.
func cloudNames() map[string][]string {
	known := map[string][]string{}
	for _, host := range cloudflares() {
		known[host+"."] = []string{cloud4, cloud6}
	}
	return known
}

// As in a pod, and as with a home domain that has a wildcard record.
const searching = "nameserver 127.0.0.1\nsearch lan.example\noptions ndots:5\n"

func TestAWildcardInTheSearchDomainLeadsNobodyAstray(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		known := cloudNames()
		known["*.lan.example."] = []string{"127.0.0.9"}
		known["ip.example.net."] = []string{cloud4} // and no IPv6
		w.teach(searching, known)
		w.zone("example.org", "home.example.org")
		p := w.start("home.example.org", []string{"once"})
		if code := p.wait(); code != 0 || !w.right("example.org", "home.example.org") {
			t.Errorf("exit code %d, and it said\n%s", code, p.said())
		}
		p = w.start("home.example.org", []string{"once"}, "IP4_PROVIDER=url:https://ip.example.net/", "IP6_PROVIDER=url:https://ip.example.net/")
		p.wait()
		for _, name := range w.asked() {
			if strings.HasSuffix(name, ".lan.example.") {
				t.Errorf("%s was looked up", name)
			}
		}
		for _, v := range w.seen() {
			if strings.HasSuffix(v.host, ".") || v.sni != v.host {
				t.Errorf("the host was called %q, and %q in the handshake", v.host, v.sni)
			}
		}
	})
}

func TestNamesThatAreShortGoOnUsingTheSearchList(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.teach(searching, map[string][]string{"router.lan.example.": {cloud4}, "kuma.monitoring.lan.example.": {cloud4}})
		l := must(net.Listen("tcp", cloud4+":80"))
		defer l.Close()
		for host, order := range map[string][]string{
			"router":          {"router.lan.example."},
			"kuma.monitoring": {"kuma.monitoring.", "kuma.monitoring.lan.example."},
		} {
			w.teach(searching, w.known)
			conn, err := httpx.Dialer{}.Dial(t.Context(), "tcp4", host+":80")
			if err != nil {
				t.Errorf("%s: %v", host, err)
				continue
			}
			conn.Close()
			if got := slices.Compact(w.asked()); got[0] != order[0] || got[len(got)-1] != order[len(order)-1] {
				t.Errorf("%s: %v was looked up", host, got)
			}
		}
		for _, host := range []string{"kuma.monitoring", "kuma.monitoring."} { // known, or written as whole
			d := httpx.Dialer{Known: []string{"kuma.monitoring"}}
			if conn, err := d.Dial(t.Context(), "tcp4", host+":80"); err == nil {
				conn.Close()
				t.Errorf("%s was looked for in the search domain", host)
			}
		}
	})
}

func TestWhatADNSBlockerAnswersIsNotConnectedTo(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		const invented = "203.9.8.7"
		for _, at := range []string{"127.0.0.1:80", "[::1]:80"} {
			s := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, invented+"\n") })}
			go func(l net.Listener) { _ = s.Serve(l) }(must(net.Listen("tcp", at)))
			defer s.Close()
		}
		w.zone("example.org", "home.example.org")
		for _, hole := range []string{"0.0.0.0", "127.0.0.1", "127.1.2.3"} {
			known := cloudNames()
			known["ip.example.net."] = []string{hole}
			w.teach("nameserver 127.0.0.1\n", known)
			p := w.start("home.example.org", []string{"once"}, "IP4_PROVIDER=url:http://ip.example.net/", "IP6_PROVIDER=none")
			if code := p.wait(); code != 1 || !strings.Contains(p.said(), "a DNS blocker answers for ip.example.net: the name leads to "+hole) ||
				!strings.Contains(p.said(), "allow ip.example.net in the DNS blocker") {
				t.Errorf("%s: exit code %d, and it said\n%s", hole, code, p.said())
			}
		}
		for hole, hole6 := range map[string]string{"0.0.0.0": "::", "127.0.0.1": "::1"} {
			known := cloudNames()
			known[api+"."] = []string{hole, hole6}
			w.teach("nameserver 127.0.0.1\n", known)
			p := w.start("home.example.org", []string{"once"})
			if code := p.wait(); code != 1 || !strings.Contains(p.said(), "a DNS blocker answers for "+api) ||
				!strings.Contains(p.said(), "allow "+api+" in the DNS blocker") {
				t.Errorf("%s: exit code %d, and it said\n%s", hole, code, p.said())
			}
		}
		if w.wrote(invented) {
			t.Error("the address of a local web server was published")
		}
		for _, at := range []string{"127.0.0.1:80", "localhost:80", "[::1]:80"} { // meant so
			conn, err := httpx.Dialer{Remote: true}.Dial(t.Context(), "tcp", at)
			if err != nil {
				t.Errorf("%s: %v", at, err)
				continue
			}
			conn.Close()
		}
	})
}

// deadLine is a default line on which everything is lost.
func deadLine(t *testing.T) {
	t.Helper()
	ip(t, "link add one type veth peer name lost")
	ip(t, "link set one up")
	ip(t, "link set lost up")
	ip(t, "addr add 81.2.1.2/24 dev one")
	ip(t, "neigh add 81.2.1.1 lladdr 02:00:00:00:00:01 dev one nud permanent")
	ip(t, "route add default via 81.2.1.1 metric 1")
}

func asks(t *testing.T, b httpx.Bind) (addr.Observation, time.Duration) {
	t.Helper()
	c := httpx.New(httpx.Options{Network: "tcp4", Dial: httpx.Dialer{Bind: b, Remote: true}.Dial})
	defer c.CloseIdle()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // DETECTION_TIMEOUT
	defer cancel()
	began := time.Now()
	o := must(detect.URL(detect.Wanted{Family: addr.IPv4}, c, "http://"+echo+"/", detect.URLOptions{})).Observe(ctx)
	return o, time.Since(began)
}

func TestNamesAreLookedUpOverTheLineThatIsNamed(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		deadLine(t)
		two := newLine(t, "two", 2)
		ip(t, "rule add from "+two.own4+" table 7")
		ip(t, "route add default dev two table 7 via 81.2.2.1")
		cover(t, "/etc/hosts", "127.0.0.1 localhost\n")
		cover(t, "/etc/resolv.conf", "nameserver "+server4+"\n")
		for _, bind := range []string{"two", two.own4} {
			o, took := asks(t, must(httpx.ParseBind(bind)))
			if o.Describe() != two.own4 || took > time.Second {
				t.Errorf("bound to %s: after %v it is %s", bind, took, o.Describe())
			}
		}
		if o, _ := asks(t, httpx.Bind{}); o.Known() {
			t.Errorf("the first line is not dead: %s", o.Describe())
		}
	})
}

// A program on this machine, and a name server that only another line leads to.
func TestANameServerThatTheLineDoesNotLeadToIsAskedAllTheSame(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		one, two := newLine(t, "one", 1), newLine(t, "two", 2)
		b := must(httpx.ParseBind("two"))
		w.teach("nameserver 127.0.0.1\n", map[string][]string{echo + ".": {server4}})
		if o, took := asks(t, b); o.Describe() != two.own4 || took > time.Second {
			t.Errorf("asked here, after %v it is %s", took, o.Describe())
		}
		serveDNS(t, "127.0.0.2:53", func(m *dnsmessage.Message) { answerDNS(m, map[string][]string{echo + ".": {server4}}) })
		ip(t, "link add three type veth peer name far")
		ip(t, "link set three up")
		ip(t, "link set far up")
		ip(t, "addr add 81.2.3.2/24 dev three")
		ip(t, "addr add 81.2.3.53/32 dev lo")
		serveDNS(t, "81.2.3.53:53", func(m *dnsmessage.Message) { answerDNS(m, map[string][]string{echo + ".": {server4}}) })
		cover(t, "/etc/resolv.conf", "nameserver 81.2.3.53\n") // a neighbour on another network
		if o, took := asks(t, b); o.Describe() != two.own4 || took > time.Second {
			t.Errorf("asked a neighbour, after %v it is %s", took, o.Describe())
		}
		ip(t, "addr del 81.2.3.2/24 dev three")
		cover(t, "/etc/resolv.conf", "nameserver 81.2.3.53\noptions timeout:1\n") // lost on the line
		if o, took := asks(t, b); o.Describe() != two.own4 || took > 4*time.Second {
			t.Errorf("asked one far away, after %v it is %s", took, o.Describe())
		}
		if who := one.called(); who != nil {
			t.Errorf("%v came over the default line", who)
		}
	})
}

func TestALineThatIsGoneIsSaidForANameToo(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		newLine(t, "two", 2)
		b := must(httpx.ParseBind("two"))
		ip(t, "link del two")
		_, err := httpx.Dialer{Bind: b}.Dial(t.Context(), "tcp4", server4+":80")
		if missing, ok := errors.AsType[*httpx.NoInterface](err); !ok || !strings.Contains(fmt.Sprint(err), "connect from two") {
			t.Errorf("got %v, %v", missing, err)
		}
	})
}
