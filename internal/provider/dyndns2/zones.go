package dyndns2

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"sync"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/resolve"
)

// servers are the name servers of a zone. The one that answered last is asked
// first.
type servers struct {
	all   []netip.AddrPort
	first int
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
	for i, n := range names {
		if errs[i] != nil {
			errs[i].What = "find the zone of " + n.Describe()
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: errs[i]})
		} else {
			placed = append(placed, provider.Placed{Name: n, Zone: zone(at[i])})
		}
	}
	if ctx.Err() != nil {
		return nil, nil, failed(provider.Unavailable, "", "find the zones of names: %w", context.Cause(ctx))
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
	from, said := s.p.fixed[n]
	if !said {
		from = n
	}
	for up, ok := from, true; ok; up, ok = up.Parent() {
		if up.IsWildcard() {
			continue
		}
		s.mu.Lock()
		f := s.found[up]
		if f == nil {
			f = &finding{}
			s.found[up] = f
		}
		s.mu.Unlock()
		f.once.Do(func() { f.begin, f.err = s.p.begins(ctx, up) })
		if f.err != nil {
			copied := *f.err
			return dns.Name{}, &copied
		}
		if f.begin {
			return up, nil
		}
	}
	return dns.Name{}, failed(provider.NoZone, "check the name, and that it is registered", "no name server speaks for it")
}

// begins says whether a zone begins at this name. Whoever resolves follows an
// alias, so the servers themselves are asked whether they speak for it.
func (p *Provider) begins(ctx context.Context, at dns.Name) (bool, *provider.Error) {
	all, err := p.find(ctx, at)
	switch {
	case err != nil:
		return false, failed(provider.Unavailable, hintResolver, "find its name servers: %w", err)
	case len(all) == 0:
		return false, nil
	}
	z := &servers{all: all[:min(len(all), serversMost)]}
	a, e := p.ask(ctx, z, at.String(), resolve.NS)
	if e != nil {
		return false, e
	}
	if !a.Authoritative || !slices.ContainsFunc(a.Records, func(r resolve.Record) bool { return r.Asked }) {
		return false, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.zones[at] = z
	return true, nil
}

// serversOf is the name servers of a zone that was found before.
func (p *Provider) serversOf(ctx context.Context, z provider.Zone) (*servers, *provider.Error) {
	if z.ID != z.Name.String() {
		return nil, failed(provider.NoZone, "", "there is no zone %s", z.ID)
	}
	p.mu.Lock()
	s := p.zones[z.Name]
	p.mu.Unlock()
	if s != nil {
		return s, nil
	}
	begin, err := p.begins(ctx, z.Name)
	if err == nil && !begin {
		err = failed(provider.NoZone, "", "no zone begins at %s any more", z.Name.Describe())
	}
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.zones[z.Name], nil
}

// hostOf is where an address leads, for people.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
