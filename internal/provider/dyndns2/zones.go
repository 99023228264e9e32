package dyndns2

import (
	"context"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/resolve"
)

// servers are the name servers of a zone. The one that answered last is asked
// first.
type servers struct {
	all   []netip.AddrPort
	first atomic.Int32
}

const (
	// atOnce bounds how many names are asked about at the same time.
	atOnce = 16
	// serversMost is how many addresses of name servers are made use of.
	serversMost = 8
)

// each does something for numbers below n, several at once.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i := range n {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			do(i)
		})
	}
	wg.Wait()
}

// Zones finds for each name where its zone begins: at the closest name with name
// servers that speak for it. Which names are the account's only an update can tell.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) (placed []provider.Placed, unplaced []provider.Unplaced, err error) {
	s := search{p: p, found: make(map[dns.Name]*finding)}
	at, errs := make([]dns.Name, len(names)), make([]*provider.Error, len(names))
	each(len(names), func(i int) { at[i], errs[i] = s.zoneOf(ctx, names[i]) })
	if ctx.Err() != nil {
		return nil, nil, failed(provider.Unavailable, "", "find the zones of names: %w", context.Cause(ctx))
	}
	for i, n := range names {
		if errs[i] != nil {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: errs[i]})
		} else {
			placed = append(placed, provider.Placed{Name: n, Zone: provider.Zone{ID: at[i].String(), Name: at[i], Limits: p.limits()}})
		}
	}
	return placed, unplaced, nil
}

// search looks each possible zone up once.
type search struct {
	p     *Provider
	mu    sync.Mutex
	found map[dns.Name]*finding
}

type finding struct {
	once  sync.Once
	begin bool // a zone begins here
	err   *provider.Error
}

func (s *search) zoneOf(ctx context.Context, n dns.Name) (dns.Name, *provider.Error) {
	up, said := s.p.c.Zones[n]
	if !said {
		up = n
	}
	for ok := true; ok; up, ok = up.Parent() {
		if up.IsWildcard() {
			continue
		}
		f := s.at(up)
		f.once.Do(func() { f.begin, f.err = s.p.begins(ctx, up) })
		if f.err != nil || f.begin {
			return up, f.err
		}
	}
	return n, failed(provider.NoZone, "check the name, and that it is registered", "no name server speaks for it")
}

func (s *search) at(n dns.Name) *finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found[n] == nil {
		s.found[n] = &finding{}
	}
	return s.found[n]
}

// begins says whether a zone begins at this name. Whoever resolves follows an
// alias, so the servers themselves are asked whether they speak for it.
func (p *Provider) begins(ctx context.Context, at dns.Name) (bool, *provider.Error) {
	all, e := p.c.Servers(ctx, at)
	if e != nil {
		return false, failed(provider.Unavailable, hintResolver, "find the name servers of %s: %w", at.Describe(), e)
	}
	if len(all) == 0 {
		return false, nil
	}
	z := &servers{all: all[:min(len(all), serversMost)]}
	a, err := p.ask(ctx, z, at.String(), resolve.NS)
	if err != nil || !a.Authoritative || !a.HasAnswer() {
		return false, err
	}
	p.mu.Lock()
	p.zones[at] = z
	p.mu.Unlock()
	return true, nil
}

// serversOf is the name servers of a zone that was found before.
func (p *Provider) serversOf(ctx context.Context, id string, zone dns.Name) (*servers, *provider.Error) {
	var begin bool
	var err *provider.Error
	if id == zone.String() {
		if s := p.known(zone); s != nil {
			return s, nil
		}
		begin, err = p.begins(ctx, zone)
	}
	if err == nil && !begin {
		err = failed(provider.NoZone, "", "no zone begins at %s", id)
	}
	return p.known(zone), err
}

func (p *Provider) known(zone dns.Name) *servers {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.zones[zone]
}

// forget has the name servers of a zone looked up again.
func (p *Provider) forget(zone dns.Name) {
	p.mu.Lock()
	delete(p.zones, zone)
	p.mu.Unlock()
}

// hostOf is where an address leads, for people.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
