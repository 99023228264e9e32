//go:build check

package cli_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
)

// An asker is a way to learn the home's address of a family over a line.
type asker func(f addr.Family, b httpx.Bind) addr.Observation

// askers are the ways there are: a question over TCP, and a look at the line.
func askers(t *testing.T) map[string]asker {
	return map[string]asker{
		"url": func(f addr.Family, b httpx.Bind) addr.Observation {
			network, at := "tcp4", server4
			if f == addr.IPv6 {
				network, at = "tcp6", "["+server6+"]"
			}
			c := httpx.New(httpx.Options{Network: network, Dial: b.Dial})
			defer c.CloseIdle()
			return must(detect.URL(detect.Wanted{Family: f}, c, "http://"+at, detect.URLOptions{})).Observe(t.Context())
		},
		"local": func(f addr.Family, b httpx.Bind) addr.Observation {
			return detect.Local(detect.Wanted{Family: f}, 0, b.Dial).Observe(t.Context())
		},
	}
}

// fetch asks a server of many addresses, as a client of the API does.
func fetch(t *testing.T, b httpx.Bind) (string, error) {
	c := httpx.New(httpx.Options{Dial: b.Dial})
	defer c.CloseIdle()
	resp, err := c.Do(must(http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+api, nil)))
	if err != nil {
		return "", err
	}
	body, err := httpx.ReadBody(resp, 1<<10)
	return strings.TrimSpace(string(body)), err
}

func TestOfTwoLinesTheOneThatIsNamedIsMeasured(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		one, two := newLine(t, "one", 1), newLine(t, "two", 2)
		w.point(server4, server6)
		for bind, c := range map[string]struct{ taken, other *line }{"": {one, two}, "one": {one, two}, "two": {two, one}} {
			b := must(httpx.ParseBind(bind))
			for way, ask := range askers(t) {
				for f, want := range map[addr.Family]string{addr.IPv4: c.taken.own4, addr.IPv6: c.taken.own6} {
					if o := ask(f, b); o.Describe() != want {
						t.Errorf("bound to %q, by %s: %s is %s, want %s", bind, way, f, o.Describe(), want)
					}
				}
			}
			if seen, err := fetch(t, b); seen != c.taken.own4 && seen != c.taken.own6 {
				t.Errorf("bound to %q, the API sees %s, %v", bind, seen, err)
			}
			if n := len(c.taken.called()); n != 3 {
				t.Errorf("bound to %q, %d questions came over %s", bind, n, c.taken.name)
			}
			if who := c.other.called(); who != nil {
				t.Errorf("bound to %q, %v came over %s", bind, who, c.other.name)
			}
		}
	})
}

func TestASourceAddressTakesTheLineThatIsRoutedForIt(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		one, two := newLine(t, "one", 1), newLine(t, "two", 2)
		ip(t, "rule add from "+two.own4+" table 7")
		ip(t, "route add default dev two table 7 via 81.2.2.1")
		ip(t, "-6 rule add from "+two.own6+" table 7")
		ip(t, "-6 route add default dev two table 7 via 2a02:8070:2::1")
		w.point(server4, server6)
		for source, c := range map[string]struct{ own, other addr.Family }{two.own4: {addr.IPv4, addr.IPv6}, two.own6: {addr.IPv6, addr.IPv4}} {
			b := must(httpx.ParseBind(source))
			for way, ask := range askers(t) {
				if o := ask(c.own, b); o.Describe() != source {
					t.Errorf("from %s, by %s: %s is %s", source, way, c.own, o.Describe())
				}
				// rather not known than measured over another line
				if o := ask(c.other, b); o.Known() || !strings.Contains(o.Why().Error(), "the source address "+source+" is "+c.own.String()) {
					t.Errorf("from %s, by %s: %s is %s", source, way, c.other, o.Describe())
				}
			}
			if seen, err := fetch(t, b); seen != source {
				t.Errorf("from %s the API sees %s, %v", source, seen, err)
			}
		}
		if who := one.called(); who != nil {
			t.Errorf("%v came over the default line", who)
		}
		if who := two.called(); len(who) != 4 {
			t.Errorf("%v came over the other", who)
		}
	})
}

func TestALineThatIsLostIsNeverReplacedByAnother(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		one, _ := newLine(t, "one", 1), newLine(t, "two", 2)
		w.point(server4, server6)
		b := must(httpx.ParseBind("two"))
		silent := func(when string) {
			t.Helper()
			for way, ask := range askers(t) {
				for _, f := range addr.Families() {
					o := ask(f, b)
					if o.Known() || !strings.Contains(o.Why().Error(), "connect from two") {
						t.Errorf("%s, by %s: %s is %s", when, way, f, o.Describe())
					}
					if missing, ok := errors.AsType[*httpx.NoInterface](o.Why()); ok != (when == "gone") || ok && !slices.Contains(missing.Available, "one") {
						t.Errorf("%s, by %s: %v", when, way, o.Why())
					}
				}
			}
			if seen, err := fetch(t, b); err == nil {
				t.Errorf("%s: the API sees %s", when, seen)
			}
		}
		ip(t, "link set two down")
		silent("down")
		ip(t, "link del two")
		silent("gone")
		if _, ok := errors.AsType[*httpx.NoInterface](must(httpx.ParseBind("two")).CheckPresent()); !ok {
			t.Error("one that is gone is not missed")
		}

		// back again, under its name
		two := newLine(t, "two", 3)
		for way, ask := range askers(t) {
			if o := ask(addr.IPv4, b); o.Describe() != two.own4 {
				t.Errorf("back again, by %s: %s", way, o.Describe())
			}
		}
		if who := one.called(); who != nil {
			t.Errorf("%v came over the default line", who)
		}
	})
}

// The uplink is in 100.64.0.0/10 while the server at its end sees an ordinary
// address: a carrier stands between.
func TestACarriersAddressIsToldAsSuch(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		ip(t, "link set end up")
		ip(t, "addr add 100.64.7.2/24 dev wan")
		ip(t, "route add default via 100.64.7.1")
		if a, err := detect.Uplink(t.Context(), addr.IPv4, must(httpx.ParseBind("wan")).Dial); a.String() != "100.64.7.2" {
			t.Errorf("the uplink is %s, %v", a, err)
		}
		want4 := detect.Wanted{Family: addr.IPv4}
		for _, s := range []detect.Source{detect.Local(want4, 0, must(httpx.ParseBind("")).Dial), must(detect.Interface(want4, "wan", detect.All, 0))} {
			o := s.Observe(t.Context())
			if o.Known() || !strings.Contains(o.Why().Error(), "CGNAT") {
				t.Errorf("%s: %s", s.Voter().Source, o.Describe())
			}
			if r, ok := errors.AsType[*addr.Refusal](o.Why()); !ok || r.Addr.String() != "100.64.7.2" {
				t.Errorf("%s does not tell what was refused", s.Voter().Source)
			}
		}
		s := must(detect.Interface(want4, "wan", detect.All, addr.AllowCGNAT))
		if o := s.Observe(t.Context()); o.Describe() != "100.64.7.2" {
			t.Errorf("allowed, it is %s", o.Describe())
		}
	})
}
