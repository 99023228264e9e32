package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	random "math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/sim"
)

// stage is what the demo plays on: a simulated home with a second line, a
// simulated DNS host, and the names in it.
type stage struct {
	host   string
	began  time.Time
	random *random.Rand

	home, stick     *sim.Home // as it is seen over its line, and over an LTE stick
	near, far, side *sim.Net  // what is reached over the line, in any case, and over the stick
	cloud           *sim.Cloudflare
	router          *sim.Router
	names           []string
	zones           map[string]string // of each name
	moving          string            // the name that goes to the stick when the line is dead; empty: none

	listen, token string // of the page
	base          string // of the DNS host
	writes        bool   // the settings stand in a file
	pace          time.Duration

	hosts []string       // that show the address, the one that was asked longest ago first
	asked map[string]int // how often each was
	liar  string         // the one that lies; empty: none does

	addrs map[addr.Family]netip.Addr // of the line, the last ones it had
	back  time.Time                  // since when the line works again; zero: it was never dead
}

const (
	demoToken  = "demo-token-that-opens-nothing"
	demoKey    = "AKIADEMODEMODEMODEMO"
	demoSecret = "demo/secret/that/opens/nothing/0123456789"
	stickLine  = "lte0"
)

// loopback is a network of real sockets.
func loopback(home *sim.Home) (*sim.Net, error) { return sim.Loopback(home) }

func newStage(p performance, network func(*sim.Home) (*sim.Net, error)) (*stage, error) {
	s := &stage{host: p.host, random: random.New(random.NewPCG(p.seed, p.seed)), cloud: sim.NewCloudflare(), zones: make(map[string]string),
		asked: make(map[string]int),
		hosts: []string{"api.cloudflare.com", "www.cloudflare.com", "connectivity.cloudflareclient.com"}, listen: "off", token: rand.Text()[:16], addrs: make(map[addr.Family]netip.Addr)}
	for _, f := range addr.Families() {
		s.addrs[f] = s.address(f)
	}
	s.home, s.stick = sim.NewHome(s.addrs[addr.IPv4], s.addrs[addr.IPv6]), sim.NewHome(s.address(addr.IPv4))
	s.home.SetLatency(20 * time.Millisecond)
	s.stick.SetLatency(60 * time.Millisecond)
	s.cloud.SetOptions(sim.Options{ReadLatency: 60 * time.Millisecond, WriteLatency: 120 * time.Millisecond})
	s.cloud.AddToken(sim.Token{Value: demoToken})
	s.router = sim.NewRouter(s.addrs[addr.IPv4])

	zones := []string{"example.com", "example.net", "example.org"}
	for _, z := range zones {
		s.cloud.AddZone(sim.Zone{Name: z, Plan: "pro"})
	}
	for i := range p.names {
		s.furnish(i, zones[i%len(zones)])
	}
	if len(s.names) > 2 {
		s.moving = s.names[2]
	}
	for _, n := range []struct {
		net  **sim.Net
		home *sim.Home
	}{{&s.near, s.home}, {&s.side, s.stick}, {&s.far, nil}} {
		var err error
		if *n.net, err = network(n.home); err != nil {
			s.close()
			return nil, fmt.Errorf("start the simulated servers: %w", err)
		}
	}
	s.base = s.far.URL()
	s.far.Handle("/client/v4/", s.cloud)
	s.far.Handle("/2013-04-01/", sim.NewRoute53(s.cloud, demoKey))
	s.far.Handle("/igd", s.router)
	return s, nil
}

func (s *stage) close() {
	for _, n := range []*sim.Net{s.near, s.side, s.far} {
		if n != nil {
			n.Close()
		}
	}
	s.router.Close()
}

// begin is when the curtain rises.
func (s *stage) begin() { s.began = time.Now() }

// hostName is the DNS host, for people.
func (s *stage) hostName() string {
	if s.host == "route53" {
		return "Route 53"
	}
	return "Cloudflare"
}

// furnish adds a name whose records are wrong, each in its own way.
func (s *stage) furnish(i int, zone string) {
	words := []string{"home", "nas", "vpn", "git", "photos", "cloud", "mail", "wiki", "door"}
	name := fmt.Sprintf("%s.%s", words[i%len(words)], zone)
	if i >= len(words) {
		name = fmt.Sprintf("%s%d.%s", words[i%len(words)], i/len(words)+1, zone)
	}
	s.names, s.zones[name] = append(s.names, name), zone
	old4, old6 := s.record(name, s.address(addr.IPv4)), s.record(name, s.address(addr.IPv6))
	switch i % 4 {
	case 0: // the address of last year
		s.cloud.AddRecord(zone, old4)
		s.cloud.AddRecord(zone, old6)
	case 1: // proxied and commented, which has to stay so
		if s.host == "cloudflare" {
			old4.Proxied, old4.Comment = true, "the family's photos"
		}
		s.cloud.AddRecord(zone, old4)
	case 2: // nothing yet
	case 3: // one record too many
		s.cloud.AddRecord(zone, old4)
		s.cloud.AddRecord(zone, s.record(name, s.address(addr.IPv4)))
	}
}

// record is one as it stands at the host.
func (s *stage) record(name string, a netip.Addr) sim.Record {
	r := sim.Address(name, a.String())
	if s.host == "route53" {
		r.TTL = 300
	}
	return r
}

// address makes up a public address.
func (s *stage) address(f addr.Family) netip.Addr {
	for {
		a := netip.AddrFrom4([4]byte{84, byte(s.random.UintN(256)), byte(s.random.UintN(256)), byte(1 + s.random.UintN(254))})
		if f == addr.IPv6 {
			b := [16]byte{0x2a, 0x02, 0x80, 0x70}
			for i := 4; i < len(b); i++ {
				b[i] = byte(s.random.UintN(256))
			}
			a = netip.AddrFrom16(b)
		}
		if addr.Public(a, 0) == nil {
			return a
		}
	}
}

// interval is the time from one round to the next.
func (s *stage) interval() time.Duration {
	return max(min(s.pace/2, 5*time.Second), time.Second).Truncate(time.Second)
}

// settings is the homing.yaml of the house.
func (s *stage) settings(folder string) string {
	account := fmt.Sprintf("{token: %s, base_url: %q}", demoToken, s.base+"/client/v4")
	if s.host == "route53" {
		account = fmt.Sprintf("{provider: route53, access_key_id: %s, secret_access_key: %q, base_url: %q}", demoKey, demoSecret, s.base)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# The settings of the demo. Nothing in it is real.\naccounts:\n  default: %s\nrecords:\n", account)
	for _, n := range s.names {
		if n == s.moving {
			n = "{name: " + n + ", types: [A], site: [here, lte], pick: first}   # over the LTE stick while the line is dead"
		}
		b.WriteString("  - " + n + "\n")
	}
	if s.moving != "" {
		b.WriteString("sites:\n  lte: {bind: " + stickLine + ", ipv6: {sources: none}}\n")
	}
	fmt.Fprintf(&b, "detect: {listen: router}\nschedule: {every: \"@every %s\"}\nserve: {listen: %q, token: %s, public_read: true, edit: %v}\nstate: %q\n", s.interval(), s.listen, s.token, s.writes, folder)
	return b.String()
}

// world is how homing reaches all this.
func (s *stage) world() app.World {
	gateway := netip.MustParseAddr("127.0.0.1")
	over := func(line string) httpx.Dial {
		if line == stickLine {
			return s.side.Dial
		}
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, _ := net.SplitHostPort(address)
			switch {
			case host != gateway.String():
				return s.near.Dial(ctx, network, address)
			case strings.HasPrefix(network, "udp"):
				return sim.DialLoopback(ctx, network, address)
			}
			return s.far.Dial(ctx, network, address) // the router is there while its line is dead
		}
	}
	var traces []string
	for _, h := range s.hosts {
		traces = append(traces, "http://"+h+"/cdn-cgi/trace")
	}
	return app.World{
		Dial: s.far.Dial, Traces: traces, DoH: "http://cloudflare-dns.com/dns-query", Agent: userAgent(),
		Machine: &app.Machine{Over: over, Gateway: gateway, Down: func(line string, f addr.Family) bool {
			return line == "" && !s.home.Addr(f).IsValid()
		}},
	}
}

// compare holds every record against the addresses of the home.
func (s *stage) compare() (right int, wrong []string) {
	got := make(map[string][]string)
	for _, zone := range slices.Compact(slices.Sorted(maps.Values(s.zones))) {
		for _, r := range s.cloud.Records(zone) { // A comes before AAAA
			got[r.Name] = append(got[r.Name], r.Content)
		}
	}
	for _, n := range s.names {
		want := s.wanted(n, got[n])
		if slices.Equal(got[n], want) {
			right += len(want)
		} else {
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v", n, got[n], want))
		}
	}
	return right, wrong
}

// How long a line works again before names return to it, and how long that may take.
const (
	hold      = 5 * time.Minute
	returning = 10 * time.Second
)

// wanted is what a name that says this should say: of a family that is down, what
// it said before.
func (s *stage) wanted(name string, got []string) []string {
	v4, v6, stick := s.addrs[addr.IPv4].String(), s.addrs[addr.IPv6].String(), []string{s.stick.Addr(addr.IPv4).String()}
	if name != s.moving {
		return []string{v4, v6}
	}
	dead, works := !s.home.Addr(addr.IPv4).IsValid(), time.Since(s.back)
	if dead || !s.back.IsZero() && (works < hold || works < hold+returning && slices.Equal(got, stick)) {
		return stick
	}
	return []string{v4}
}
