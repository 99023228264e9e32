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

// nameServers are the name servers of a zone. The one that answered last is asked
// first.
type nameServers struct {
	all   []netip.AddrPort
	first atomic.Int32
}

const (
	// maxConcurrent bounds how many names are asked about at the same time.
	maxConcurrent = 16
	// maxServers is how many addresses of name servers are made use of.
	maxServers = 8
)

// forEachConcurrent does something for numbers below n, several at once.
func forEachConcurrent(n int, do func(i int)) {
	var wg sync.WaitGroup
	turns := make(chan struct{}, maxConcurrent)
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
	s := zoneSearch{p: p, results: make(map[dns.Name]*zoneResult)}
	at, errs := make([]dns.Name, len(names)), make([]*provider.Error, len(names))
	forEachConcurrent(len(names), func(i int) { at[i], errs[i] = s.findZone(ctx, names[i]) })
	if ctx.Err() != nil {
		return nil, nil, newError(provider.Unavailable, "", "find the zones of names: %w", context.Cause(ctx))
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

// zoneSearch looks each possible zone up once.
type zoneSearch struct {
	p       *Provider
	mu      sync.Mutex
	results map[dns.Name]*zoneResult
}

type zoneResult struct {
	once   sync.Once
	isApex bool // a zone begins here
	err    *provider.Error
}

func (s *zoneSearch) findZone(ctx context.Context, n dns.Name) (dns.Name, *provider.Error) {
	up, said := s.p.config.Zones[n]
	if !said {
		up = n
	}
	for ok := true; ok; up, ok = up.Parent() {
		if up.IsWildcard() {
			continue
		}
		f := s.resultFor(up)
		f.once.Do(func() { f.isApex, f.err = s.p.isZoneApex(ctx, up) })
		if f.err != nil || f.isApex {
			return up, f.err
		}
	}
	return n, newError(provider.NoZone, "check the name, and that it is registered", "no name server speaks for it")
}

func (s *zoneSearch) resultFor(n dns.Name) *zoneResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.results[n] == nil {
		s.results[n] = &zoneResult{}
	}
	return s.results[n]
}

// isZoneApex reports whether a zone begins at this name. Whoever resolves follows an
// alias, so the servers themselves are asked whether they speak for it.
func (p *Provider) isZoneApex(ctx context.Context, at dns.Name) (bool, *provider.Error) {
	all, e := p.config.Servers(ctx, at)
	if e != nil {
		return false, newError(provider.Unavailable, hintResolver, "find the name servers of %s: %w", at.Describe(), e)
	}
	if len(all) == 0 {
		return false, nil
	}
	z := &nameServers{all: all[:min(len(all), maxServers)]}
	a, err := p.query(ctx, z, at.String(), resolve.NS)
	if err != nil || !a.Authoritative || !a.HasAnswer() {
		return false, err
	}
	p.mu.Lock()
	p.zones[at] = z
	p.mu.Unlock()
	return true, nil
}

// nameServersOf returns the name servers of a zone that was found before.
func (p *Provider) nameServersOf(ctx context.Context, id string, zone dns.Name) (*nameServers, *provider.Error) {
	var begin bool
	var err *provider.Error
	if id == zone.String() {
		if s := p.knownServers(zone); s != nil {
			return s, nil
		}
		begin, err = p.isZoneApex(ctx, zone)
	}
	if err == nil && !begin {
		err = newError(provider.NoZone, "", "no zone begins at %s", id)
	}
	return p.knownServers(zone), err
}

func (p *Provider) knownServers(zone dns.Name) *nameServers {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.zones[zone]
}

// forgetServers has the name servers of a zone looked up again.
func (p *Provider) forgetServers(zone dns.Name) {
	p.mu.Lock()
	delete(p.zones, zone)
	p.mu.Unlock()
}

// hostName returns the host of an address, for people.
func hostName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
