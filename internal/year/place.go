package year

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/sim"
)

// place is one origin of addresses: where it is, where it was, and how it is seen.
type place struct {
	w    *world
	of   plan.Origin
	rule addr.Rule
	file string   // where a program writes the address, instead; empty: it is asked for
	asks []string // what is asked, without a scheme, beside the three of the trace

	home  *sim.Home // the line
	other *sim.Home // a second one, over which questions leave as well; nil: there is none
	stays []stay    // newest last; the open ones have no end
	slow  time.Duration
	held  map[string]bool // hosts that are slow
	busy  bool            // something else decides about its address
	link  bool            // whether the line is there can be seen without asking anybody

	router bool // it is asked as well
	says   routerSays
	lied   netip.Addr // what it says when it lies

	ill  bool      // something is wrong with it
	well time.Time // since when nothing is, and it has one and the same address

	believed netip.Addr // a lie that so many tell that it may be believed; zero: none
}

// stay is an address, and when it was true.
type stay struct {
	addr     netip.Addr
	from, to time.Time
}

// traceHosts are the ways of cloudflare.trace.
func traceHosts() []string {
	return []string{"api.cloudflare.com", "www.cloudflare.com", "connectivity.cloudflareclient.com"}
}

func newPlaces(w *world) (all []*place) {
	families := [][]addr.Family{{addr.IPv4, addr.IPv6}, {addr.IPv4, addr.IPv6}, {addr.IPv4, addr.IPv6}, {addr.IPv4}, {addr.IPv6}}
	for _, site := range []string{"", "cable", "radio"}[:w.dice.among(1, 1, 1, 2, 3)] {
		style := w.dice.IntN(4)
		for _, f := range families[w.dice.IntN(len(families))] {
			p := &place{w: w, of: plan.Origin{Site: site, Family: f}, rule: addr.First(), held: map[string]bool{}}
			p.asks = []string{"cloudflare-dns.com/dns-query"}
			if style == 3 && (!w.report.Wire || site != "") {
				p.asks = append(p.asks, "ip.one.example/ip", "ip.two.example/ip")
				p.rule = addr.Majority()
			}
			if site != "" && style < 2 {
				p.file = filepath.Join(w.folder, site+f.String())
			}
			p.router = site != "" && style == 2 && f == addr.IPv4
			p.link = site != "" && p.file == "" && w.dice.oneIn(2)
			if p.home = sim.NewHome(); w.report.Wire && site == "" && len(all) > 0 {
				p.home = all[0].home // there is one network
			}
			p.set(p.fresh())
			all = append(all, p)
		}
	}
	return all
}

// fresh is a public address of the family that was never used here.
func (p *place) fresh() netip.Addr {
	d := p.w.dice
	if p.of.Family == addr.IPv4 {
		return netip.AddrFrom4([4]byte{byte(d.among(81, 84, 87, 91, 93)), byte(1 + d.IntN(250)), byte(d.IntN(256)), byte(1 + d.IntN(250))})
	}
	a := [16]byte{0x2a, 0x02, 0x80, 0x70}
	for i := 4; i < 8; i++ {
		a[i] = byte(d.IntN(256))
	}
	a[15] = byte(1 + d.IntN(9))
	return netip.AddrFrom16(a)
}

// set gives the place another address; the zero one takes it off the network.
// The world is not locked.
func (p *place) set(a netip.Addr) {
	p.home.Set(p.of.Family, a)
	p.w.locked(func() { p.stay(a) })
	if p.file != "" && a.IsValid() {
		p.write(a)
	}
}

// write is a program that writes the address in two parts, with a moment between
// them in which half of an address stands there.
func (p *place) write(a netip.Addr) {
	var lot uint64
	p.w.locked(func() { lot = p.w.lots.draw("file of " + p.of.String()) })
	text := a.String() + "\n"
	half := 1 + int(lot%uint64(len(text)-1))
	for _, part := range []string{text[:half], text} {
		must(os.WriteFile(p.file, []byte(part), 0o600))
		now := time.Now()
		must(os.Chtimes(p.file, now, now)) // the time of this world
		if part != text {
			if p.w.process != nil {
				p.w.process.engine.Trigger() // who watches the file rings
			}
			time.Sleep(100*time.Millisecond + time.Duration(lot>>16%1_700_000_000))
		}
	}
}

// stay ends what was true and begins what is: these addresses.
func (p *place) stay(addrs ...netip.Addr) {
	now := time.Now()
	p.well = now
	for i, s := range p.stays {
		if s.to.IsZero() {
			p.stays[i].to = now
		}
	}
	for _, a := range addrs {
		if a.IsValid() {
			p.stays = append(p.stays, stay{addr: a, from: now})
		}
	}
	p.stays = p.stays[max(0, len(p.stays)-200):]
}

// now is what is known of the place by who sees it all.
func (p *place) now() addr.Observation {
	var all []netip.Prefix
	for _, s := range p.stays {
		if s.to.IsZero() {
			all = append(all, p.prefix(s.addr))
		}
	}
	if len(all) == 0 {
		return addr.Observation{}
	}
	return addr.Known(all...)
}

func (p *place) prefix(a netip.Addr) netip.Prefix {
	if a.Is4() {
		return netip.PrefixFrom(a, 32)
	}
	return netip.PrefixFrom(a, 64)
}

// since is every address that was true at some time since then, and every lie
// of which so many were told that nothing protects from it.
func (p *place) since(then time.Time) (all []netip.Addr) {
	for _, s := range p.stays {
		if s.to.IsZero() || !s.to.Before(then) {
			all = append(all, s.addr)
		}
	}
	if p.believed.IsValid() {
		all = append(all, p.believed)
	}
	return all
}

// panel is the real detectors, which ask the simulated hosts.
func (p *place) panel(dial httpx.Dial) *detect.Detector {
	if p.file != "" {
		source, err := detect.File(detect.Wanted{Family: p.of.Family}, p.file, 0)
		must(err)
		return detect.New(detect.Config{Family: p.of.Family, Sources: []detect.Source{source}, Rule: p.rule, Timeout: 5 * time.Second})
	}
	if p.of.Site != "" {
		dial = nil // it has a line of its own
	}
	network := map[addr.Family]string{addr.IPv4: "tcp4", addr.IPv6: "tcp6"}[p.of.Family]
	client, scheme := httpx.New(httpx.Options{Network: network, Dial: dial}), "https://"
	if dial == nil {
		client.Transport = p
	} else {
		scheme = "http://"
		client.Transport = counted{p.w, client.Transport}
	}
	wanted := detect.Wanted{Family: p.of.Family}
	var urls []string
	for _, h := range traceHosts() {
		urls = append(urls, scheme+h+"/cdn-cgi/trace")
	}
	trace, err := detect.Trace(wanted, client, urls)
	must(err)
	doh, err := detect.DoH(wanted, client, scheme+p.asks[0])
	must(err)
	sources := []detect.Source{trace, doh}
	if p.router {
		sources = []detect.Source{newGateway(p), trace, doh}
	}
	for _, u := range p.asks[1:] {
		s, err := detect.URL(wanted, client, scheme+u, detect.URLOptions{})
		must(err)
		sources = append(sources, s)
	}
	return detect.New(detect.Config{Family: p.of.Family, Sources: sources, Rule: p.rule, Timeout: 5 * time.Second})
}

// must is for what is only wrong when this package is.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// hosts are all that can be asked, by operator.
func (p *place) hosts() []string {
	hosts := append(slices.Clone(traceHosts()), "cloudflare-dns.com")
	if len(p.asks) > 1 {
		hosts = append(hosts, "ip.one.example", "ip.two.example")
	}
	return hosts
}

// foreign is an address at which no place ever is.
func (p *place) foreign() netip.Addr { return p.w.foreign(plan.TypeOf(p.of.Family)) }
