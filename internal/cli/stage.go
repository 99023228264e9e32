package cli

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/sim"
)

// stage is what the demo plays on: a simulated home and a simulated
// Cloudflare, and the names in it.
type stage struct {
	length time.Duration
	began  time.Time
	random *rand.Rand

	home  *sim.Home
	cloud *sim.Cloudflare
	net   *sim.Net
	names []string
	zones map[string]string // of each name
}

const demoToken = "demo-token-that-opens-nothing"

func newStage(length time.Duration, names int, seed uint64) (*stage, error) {
	s := &stage{length: length, began: time.Now(), random: rand.New(rand.NewPCG(seed, seed)),
		cloud: sim.NewCloudflare(), zones: make(map[string]string)}
	s.home = sim.NewHome(s.address(addr.IPv4), s.address(addr.IPv6))
	s.home.SetLatency(20 * time.Millisecond)
	s.cloud.SetOptions(sim.Options{ReadLatency: 60 * time.Millisecond, WriteLatency: 120 * time.Millisecond})
	s.cloud.AddToken(sim.Token{Value: demoToken})

	zones := []string{"example.com", "example.net", "example.org"}
	for _, z := range zones {
		s.cloud.AddZone(sim.Zone{Name: z, Plan: "pro"})
	}
	for i := range names {
		s.furnish(i, zones[i%len(zones)])
	}
	var err error
	if s.net, err = sim.Loopback(s.home); err != nil {
		return nil, fmt.Errorf("start the simulated servers: %w", err)
	}
	s.net.Handle("/client/v4/", s.cloud)
	return s, nil
}

// furnish adds a name whose records are wrong, each in its own way.
func (s *stage) furnish(i int, zone string) {
	words := []string{"home", "nas", "vpn", "git", "photos", "cloud", "mail", "wiki", "door"}
	name := fmt.Sprintf("%s.%s", words[i%len(words)], zone)
	if i >= len(words) {
		name = fmt.Sprintf("%s%d.%s", words[i%len(words)], i/len(words)+1, zone)
	}
	s.names, s.zones[name] = append(s.names, name), zone
	old4, old6 := sim.Address(name, s.address(addr.IPv4).String()), sim.Address(name, s.address(addr.IPv6).String())
	switch i % 4 {
	case 0: // the address of last year
		s.cloud.AddRecord(zone, old4)
		s.cloud.AddRecord(zone, old6)
	case 1: // proxied and commented, which has to stay so
		old4.Proxied, old4.Comment = true, "the family's photos"
		s.cloud.AddRecord(zone, old4)
	case 2: // nothing yet
	case 3: // one record too many
		s.cloud.AddRecord(zone, old4)
		s.cloud.AddRecord(zone, sim.Address(name, s.address(addr.IPv4).String()))
	}
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

// parts is homing, configured as a person would.
func (s *stage) parts() (*app.App, error) {
	interval := max(s.length/10, time.Second).Truncate(time.Second)
	settings := map[string]string{
		"CLOUDFLARE_API_TOKEN": demoToken,
		"CLOUDFLARE_BASE_URL":  s.net.URL() + "/client/v4",
		"DOMAINS":              strings.Join(s.names, ","),
		"UPDATE_CRON":          "@every " + interval.String(),
		"HOMING_RESYNC":        (3 * interval).String(),
	}
	cfg, err := config.Load(config.Input{Getenv: func(k string) string { return settings[k] }, Now: time.Now(), Catalogue: app.Catalogue()})
	if err != nil {
		return nil, err
	}
	return app.Assemble(cfg, config.ForRecords, app.World{
		Dial: s.net.Dial,
		Traces: []string{"http://api.cloudflare.com/cdn-cgi/trace", "http://www.cloudflare.com/cdn-cgi/trace",
			"http://connectivity.cloudflareclient.com/cdn-cgi/trace"},
		DoH:   "http://cloudflare-dns.com/dns-query",
		Agent: userAgent(),
	})
}

// scene is something that happens around the house.
type scene struct {
	at   float64 // of the whole length
	text string
	act  func()
}

func (s *stage) scenes() []scene {
	move := func(f addr.Family) func() { return func() { s.home.Set(f, s.address(f)) } }
	return []scene{
		{0.20, "the provider gives the house a new IPv4 address", move(addr.IPv4)},
		{0.32, "somebody points " + s.names[0] + " elsewhere by hand", s.meddle},
		{0.44, "the provider gives the house a new IPv6 prefix", move(addr.IPv6)},
		{0.54, "www.cloudflare.com begins to answer with a wrong address", func() {
			s.home.Lie("www.cloudflare.com", sim.Lie{Addr: s.address(addr.IPv4), Family: addr.IPv4})
		}},
		{0.66, "the provider changes IPv4 and IPv6 at once", func() { move(addr.IPv4)(); move(addr.IPv6)() }},
	}
}

// play lets the scenes happen until ctx is done; the channel is closed at the end.
func (s *stage) play(ctx context.Context, tell func(string)) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for _, sc := range s.scenes() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(s.began.Add(time.Duration(sc.at * float64(s.length))))):
				tell(sc.text)
				sc.act()
			}
		}
	}()
	return ended
}

// meddle changes a record behind homing's back.
func (s *stage) meddle() {
	zone := s.zones[s.names[0]]
	for _, r := range s.cloud.Records(zone) {
		if r.Name == s.names[0] {
			r.Content = s.address(map[bool]addr.Family{true: addr.IPv4, false: addr.IPv6}[r.Type == "A"]).String()
			s.cloud.SetRecord(zone, r)
			return
		}
	}
}

// compare holds every record against the home's addresses.
func (s *stage) compare() (right int, wrong []string) {
	want := []string{s.home.Addr(addr.IPv4).String(), s.home.Addr(addr.IPv6).String()} // A comes before AAAA
	for _, n := range s.names {
		got := s.cloud.Contents(s.zones[n], n)
		if slices.Equal(got, want) {
			right += len(want)
		} else {
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v", n, got, want))
		}
	}
	return right, wrong
}
