//go:build check

package cli_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/sim"
)

// network is a home with a FRITZ!Box, and a machine that has the MAC of nasMAC,
// which are one and the same beyond a veth.
type network struct {
	w      *internet
	holder *exec.Cmd

	mu     sync.Mutex
	prefix string // that the box was given; empty: none
	asked  int    // questions for the prefix
}

const (
	nasMAC = "00:11:22:33:44:55"
	nasEUI = "211:22ff:fe33:4455"
)

func newNetwork(t *testing.T, w *internet) *network {
	t.Helper()
	n := &network{w: w, holder: exec.Command("sleep", "1000")}
	var l net.Listener
	elsewhere(t, func(home string) {
		ip(t, "link set lo up")
		ip(t, "link add lan0 type veth peer name eth0 netns "+home)
		ip(t, "link set lan0 address "+nasMAC)
		ip(t, "link set lan0 up")
		ip(t, "addr add "+lanRouter+"/24 dev lan0")
		l = must(net.Listen("tcp4", lanRouter+":49000"))
		if err := n.holder.Start(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { _ = n.holder.Process.Kill(); _ = n.holder.Wait() })
	server := &http.Server{Handler: n}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	ip(t, "link set eth0 up")
	ip(t, "addr add "+lanOwn+"/24 dev eth0")
	ip(t, "route add default via "+lanRouter)
	return n
}

// ServeHTTP is a FRITZ!Box, as far as its prefix goes (AVM, "IGD 1", and code that
// asks it: reference/router-events.md, 5).
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const kind = "urn:schemas-upnp-org:service:WANIPConnection:1"
	body, _ := io.ReadAll(r.Body)
	switch r.Method + " " + r.URL.Path {
	case "GET /igddesc.xml":
		fmt.Fprintf(w, `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><serviceList><service><serviceType>%s</serviceType>`+
			`<controlURL>/igdupnp/control/WANIPConn1</controlURL><eventSubURL>/igdupnp/control/WANIPConn1</eventSubURL></service></serviceList></device></root>`, kind)
	case "SUBSCRIBE /igdupnp/control/WANIPConn1", "UNSUBSCRIBE /igdupnp/control/WANIPConn1":
		w.Header()["SID"], w.Header()["TIMEOUT"] = []string{"uuid:1"}, []string{"Second-300"}
	case "POST /igdupnp/control/WANIPConn1":
		_, action, _ := strings.Cut(strings.Trim(r.Header.Get("Soapaction"), `"`), "#")
		said, known := n.says(action)[action]
		if !known || r.Header.Get("Soapaction") != `"`+kind+"#"+action+`"` || !strings.Contains(string(body), "<u:"+action+` xmlns:u="`+kind+`">`) {
			n.w.t.Errorf("asked %q with %s", r.Header.Get("Soapaction"), body)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:%[1]sResponse xmlns:u="%[2]s">%[3]s</u:%[1]sResponse></s:Body></s:Envelope>`, action, kind, said)
	default:
		n.w.t.Errorf("asked %s %s", r.Method, r.URL)
		w.WriteHeader(http.StatusNotFound)
	}
}

// says is its answers.
func (n *network) says(action string) map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if action == "X_AVM_DE_GetIPv6Prefix" {
		n.asked++
	}
	length, valid := "56", "7200"
	if n.prefix == "" {
		length, valid = "0", "0"
	}
	return map[string]string{
		"GetExternalIPAddress": "<NewExternalIPAddress>" + home4 + "</NewExternalIPAddress>",
		"X_AVM_DE_GetIPv6Prefix": "<NewIPv6Prefix>" + n.prefix + "</NewIPv6Prefix><NewPrefixLength>" + length + "</NewPrefixLength><NewValidLifetime>" + valid +
			"</NewValidLifetime><NewPreferedLifetime>" + valid + "</NewPreferedLifetime>",
	}
}

// questions is how often it was asked for its prefix.
func (n *network) questions() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked
}

func (n *network) give(prefix string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.prefix = prefix
}

// beyond does something on the other machine.
func (n *network) beyond(args string) {
	n.w.t.Helper()
	words := append([]string{"-t", strconv.Itoa(n.holder.Process.Pid), "-n", "ip"}, strings.Fields(args)...)
	if out, err := exec.Command("nsenter", words...).CombinedOutput(); err != nil {
		n.w.t.Fatalf("ip %s: %v\n%s", args, err, out)
	}
}

// speak has this machine say something to a neighbour, so that the kernel learns
// who that is.
func (n *network) speak(to string) {
	n.w.t.Helper()
	n.w.until(to+" is in the neighbour table", 20*time.Second, func() bool {
		if c, err := net.Dial("udp6", "["+to+"]:9"); err == nil {
			_, _ = c.Write([]byte("x"))
			c.Close()
		}
		out, _ := exec.Command("ip", "-6", "neigh", "show", "to", to).Output()
		return strings.Contains(string(out), nasMAC) || strings.Contains(string(out), "lladdr")
	})
}

// One homing keeps the records of a network: by the prefix that its router was
// given, by that of an interface, by the MAC of a neighbour as the kernel knows
// it, and by what stands there.
func TestTheHostsOfANetworkAreKept(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		n := newNetwork(t, w)
		w.zone("example.org")
		for _, name := range []string{"nas", "lab", "mac", "printer", "old"} {
			w.cloud.AddRecord("example.org", sim.Address(name+".example.org", "2a02:8070:9:9::77"))
		}
		file := filepath.Join(t.TempDir(), "homing.yaml")
		write(t, file, `
records:
  - {name: nas.example.org, types: [AAAA], ipv6_host: "neighbour(`+nasMAC+`)"}
  - {name: lab.example.org, types: [AAAA], ipv6_host: "::3:0:0:0:20", ipv6_prefix: {from: router}}
  - {name: mac.example.org, types: [AAAA], ipv6_host: "mac(`+nasMAC+`)", ipv6_prefix: {from: router}}
  - {name: printer.example.org, types: [AAAA], ipv6_host: "::30", ipv6_prefix: {from: "iface:eth0"}}
  - {name: old.example.org, types: [AAAA], ipv6_host: keep, ipv6_prefix: {from: "iface:eth0"}}
  - {name: new.example.org, types: [AAAA], ipv6_host: keep, ipv6_prefix: {from: "iface:eth0"}}
`)
		run := func(args ...string) (int, string) {
			t.Helper()
			p := w.start("", append([]string{"--config", file}, args...))
			return p.wait(), p.words()
		}
		holds := func(name, want string) {
			t.Helper()
			if got := w.cloud.Contents("example.org", name+".example.org"); !slices.Equal(got, strings.Fields(want)) {
				t.Errorf("%s is %v, want %s", name, got, want)
			}
		}
		all := func(stay string) {
			t.Helper()
			for _, name := range []string{"nas", "lab", "mac", "printer", "old"} {
				holds(name, stay)
			}
			holds("new", "")
		}

		// nothing is known, and nothing changes
		if code, said := run("once"); code != 1 || !strings.Contains(said, "IPv6 of LAN router") || !strings.Contains(said, "eth0 has no public IPv6 address") ||
			!strings.Contains(said, "is not in the neighbour table") {
			t.Errorf("exit code %d:\n%s", code, said)
		}
		all("2a02:8070:9:9::77")

		n.give("2a02:8070:1:200::")
		ip(t, "addr add 2a02:8070:1:200::10/64 dev eth0 nodad")
		n.beyond("addr add 2a02:8070:1:200:" + nasEUI + "/64 dev lan0 nodad")
		n.speak("2a02:8070:1:200:" + nasEUI)
		for command, says := range map[string][]string{
			"detect": {"IPv6 of LAN router result: 2a02:8070:1:200::/56 (from the router; any machine in this network could claim it)",
				"IPv6 of LAN eth0 result: 2a02:8070:1:200::/64 (from iface:eth0)", "IPv6 of neighbour " + nasMAC + " result: 2a02:8070:1:200:" + nasEUI},
			"doctor": {"IPv6 of LAN router 2a02:8070:1:200::/56", "hosts are placed in 2a02:8070:1:200::/64", "IPv6 of neighbour " + nasMAC, "homing has no record here whose host part it could keep"},
			"plan":   {"2a02:8070:9:9::77 → 2a02:8070:1:203::20", "homing has no record here whose host part it could keep"},
		} {
			_, said := run(command)
			said = strings.Join(strings.Fields(said), " ")
			for _, words := range says {
				if !strings.Contains(said, words) {
					t.Errorf("%s does not say %q:\n%s", command, words, said)
				}
			}
		}
		asked := n.questions()
		if code, said := run("once"); code != 1 || n.questions()-asked != 2 || strings.Count(said, "WRN") != 1 || !strings.Contains(said, "new.example.org") {
			t.Errorf("exit code %d:\n%s", code, said)
		}
		holds("nas", "2a02:8070:1:200:"+nasEUI)
		holds("lab", "2a02:8070:1:203::20")
		holds("mac", "2a02:8070:1:200:"+nasEUI)
		holds("printer", "2a02:8070:1:200::30")
		holds("old", "2a02:8070:1:200::77")
		holds("new", "")

		// another prefix: what hangs on it moves; the neighbour, who is seen with the
		// one of before alone, stays
		write(t, file, strings.ReplaceAll(string(must(os.ReadFile(file))), "  - {name: new.example.org, types: [AAAA], ipv6_host: keep, ipv6_prefix: {from: \"iface:eth0\"}}\n", ""))
		p := w.start("", []string{"--config", file}, "HOMING_LISTEN=off", "UPDATE_CRON=@every 2s")
		w.until("the first round is made", 20*time.Second, func() bool { return p.rounds() > 0 })
		n.give("2a02:8070:2:300::")
		ip(t, "addr change 2a02:8070:1:200::10/64 dev eth0 preferred_lft 0 valid_lft 3600")
		ip(t, "addr add 2a02:8070:2:300::10/64 dev eth0 nodad")
		w.until("the prefix is another one", 20*time.Second, func() bool {
			return slices.Equal(w.cloud.Contents("example.org", "lab.example.org"), []string{"2a02:8070:2:303::20"}) &&
				slices.Equal(w.cloud.Contents("example.org", "old.example.org"), []string{"2a02:8070:2:300::77"})
		})
		holds("printer", "2a02:8070:2:300::30")
		holds("nas", "2a02:8070:1:200:"+nasEUI)
		w.until("the neighbour is told to be without the new one", 20*time.Second, func() bool { // at the end of the round
			return strings.Contains(p.words(), "with no public address behind a prefix of this machine")
		})
		n.beyond("addr add 2a02:8070:2:300:" + nasEUI + "/64 dev lan0 nodad")
		n.speak("2a02:8070:2:300:" + nasEUI)
		w.until("the neighbour is seen with the new one", 20*time.Second, func() bool {
			return slices.Equal(w.cloud.Contents("example.org", "nas.example.org"), []string{"2a02:8070:2:300:" + nasEUI})
		})
		// and gone, it stays published
		ip(t, "neigh flush dev eth0")
		n.give("")
		w.settled()
		w.settled()
		w.settled()
		holds("nas", "2a02:8070:2:300:"+nasEUI)
		holds("lab", "2a02:8070:2:303::20")
		p.end(syscall.SIGTERM)
	})
}
