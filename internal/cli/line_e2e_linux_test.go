//go:build check

package cli_test

import (
	"slices"
	"strings"
	"testing"
)

// The program itself, on a machine with two lines: what it is bound to is what
// it measures, and an interface that is gone is no reason to take the other.
func TestTheProgramMeasuresTheLineItIsBoundTo(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		first, second := newLine(t, "wan1", 1), newLine(t, "wan2", 2)
		ask := func(settings ...string) (said string, code int) {
			p := w.start("", []string{"detect"}, append([]string{"IP4_PROVIDER=url:http://" + server4 + "/", "IP6_PROVIDER=local.iface:wan2"}, settings...)...)
			code = p.wait()
			return p.said(), code
		}
		for _, by := range []string{"wan2", ""} {
			want := map[string]string{"wan2": second.own4, "": first.own4}[by]
			if said, code := ask("HOMING_BIND=" + by); code != 0 || !strings.Contains(said, "IPv4  result: "+want) ||
				!strings.Contains(said, "IPv6  result: "+second.own6) {
				t.Errorf("bound to %q, exit code %d:\n%s", by, code, said)
			}
			if by != "" && len(first.called()) > 0 {
				t.Errorf("bound to %s it asked over wan1", by)
			}
		}
		if said, code := ask("HOMING_BIND=wan3"); code != 1 || !strings.Contains(said, "IPv4  result: not known") || !strings.Contains(said, "wan1") {
			t.Errorf("bound to what is not there, exit code %d:\n%s", code, said)
		}
	})
}

// Behind a carrier's NAT a web service sees an ordinary address; the person is
// told all the same.
func TestTheProgramTellsOfACarriersNAT(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		ip(t, "link set end up")
		ip(t, "addr add 100.64.7.2/24 dev wan")
		ip(t, "route add 1.1.1.1 via 100.64.7.1")
		p := w.start("home.example.org", []string{"once"}, "IP6_PROVIDER=none")
		if code := p.wait(); code != 0 || !strings.Contains(p.said(), "CGNAT") || !slices.Contains(w.cloud.Contents("example.org", "home.example.org"), home4) {
			t.Errorf("exit code %d; records %v", code, w.cloud.Contents("example.org", "home.example.org"))
		}
	})
}
