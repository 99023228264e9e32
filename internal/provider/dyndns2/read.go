package dyndns2

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/resolve"
)

const (
	// patience is how long one name server is waited for.
	patience = 3 * time.Second

	hintResolver hint = "check the network, and the name servers of this machine"
	hintServers  hint = "check that this machine may ask name servers on port 53 itself; the answer of a cache could be an old one"
)

// shown is what a name server says about a name.
type shown struct {
	addrs pair[[]netip.Addr] // sorted
	ttl   time.Duration      // the shortest
	alias string
	cut   resolve.Cut
}

// Records asks for A and AAAA at each name, of one name server of the zone, and of
// the others where it does not show what the service said lately.
func (p *Provider) Records(ctx context.Context, z provider.Zone, names []dns.Name) ([]dns.Record, error) {
	from, err := p.serversOf(ctx, z)
	if err != nil {
		err.What = "read " + z.Name.Describe()
		return nil, err
	}
	names = slices.Clone(names)
	sort.Slice(names, func(i, j int) bool { return names[i].Compare(names[j]) < 0 })
	names = slices.Compact(names)
	found, errs := make([][]dns.Record, len(names)), make([]*provider.Error, len(names))
	each(len(names), func(i int) { found[i], errs[i] = p.records(ctx, from, z.Name, names[i]) })
	var records []dns.Record
	for i := range names {
		if errs[i] != nil {
			errs[i].What = "read " + names[i].Describe()
			p.forgetServers(z.Name)
			return nil, errs[i]
		}
		for _, r := range found[i] {
			if r.Type != dns.NS || !slices.ContainsFunc(records, r.Is) { // names may lie below one cut
				records = append(records, r)
			}
		}
	}
	return records, nil
}

// forgetServers has the name servers of a zone looked up again.
func (p *Provider) forgetServers(z dns.Name) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.zones, z)
}

// records is what stands at a name.
func (p *Provider) records(ctx context.Context, from *servers, z, n dns.Name) ([]dns.Record, *provider.Error) {
	what, err := p.look(ctx, from, z, n)
	switch {
	case err != nil:
		return nil, err
	case what.cut.Name != "":
		cut, _ := dns.ParseName(what.cut.Name) // it was looked at
		return []dns.Record{{Name: cut, Type: dns.NS, Text: what.cut.To, TTL: dns.AutoTTL}}, nil
	case what.alias != "":
		return []dns.Record{{Name: n, Type: dns.CNAME, Text: what.alias, TTL: dns.AutoTTL}}, nil
	}
	var all []shown
	var once sync.Once
	var records []dns.Record
	for _, t := range []dns.Type{dns.A, dns.AAAA} {
		others := func() (them [][]netip.Addr) {
			once.Do(func() { all = p.lookAll(ctx, from, z, n) })
			for i := range all {
				them = append(them, *all[i].addrs.of(t))
			}
			return them
		}
		for _, a := range p.account.believed(dns.Key{Name: n, Type: t}, *what.addrs.of(t), others, time.Now()) {
			records = append(records, recordOf(n, a))
		}
	}
	return records, nil
}

// recordOf is a record of an address. Its TTL is the service's.
func recordOf(n dns.Name, a netip.Addr) dns.Record {
	r := dns.Record{Name: n, Type: dns.A, Addr: a, TTL: dns.AutoTTL}
	if a.Is6() {
		r.Type = dns.AAAA
	}
	return r
}

// look asks one name server for both families.
func (p *Provider) look(ctx context.Context, from *servers, z, n dns.Name) (shown, *provider.Error) {
	var what shown
	for _, t := range []dns.Type{dns.A, dns.AAAA} {
		a, err := p.ask(ctx, from, n.String(), wireType(t))
		if err != nil {
			return shown{}, err
		}
		if err := what.add(a, t, z, n); err != nil {
			return shown{}, err
		}
	}
	return what, nil
}

// lookAll asks every name server; who does not answer is left out.
func (p *Provider) lookAll(ctx context.Context, from *servers, z, n dns.Name) []shown {
	all, ok := make([]shown, len(from.all)), make([]bool, len(from.all))
	each(len(from.all), func(i int) {
		var err *provider.Error
		all[i], err = p.look(ctx, &servers{all: from.all[i : i+1]}, z, n)
		ok[i] = err == nil
	})
	var answered []shown
	for i := range all {
		if ok[i] {
			answered = append(answered, all[i])
		}
	}
	return answered
}

func wireType(t dns.Type) resolve.Type {
	if t == dns.AAAA {
		return resolve.AAAA
	}
	return resolve.A
}

// add takes what was answered to the question for t.
func (s *shown) add(a resolve.Answer, t dns.Type, z, n dns.Name) *provider.Error {
	if !a.Authoritative {
		cut, err := dns.ParseName(a.Cut.Name)
		if err != nil || cut == z || !cut.Within(z) || !n.Within(cut) {
			return failed(provider.Unavailable, hintServers, "its name servers do not speak for it")
		}
		s.cut = resolve.Cut{Name: cut.String(), To: strings.ToLower(a.Cut.To)}
		return nil
	}
	here := s.addrs.of(t)
	for _, r := range a.Records {
		switch {
		case r.Type == resolve.CNAME && s.alias == "" && len(r.Text) == 1:
			s.alias = strings.TrimSuffix(strings.ToLower(r.Text[0]), ".")
		case r.Asked:
			*here = append(*here, r.Addr)
			if ttl := time.Duration(r.TTL) * time.Second; s.ttl == 0 || ttl < s.ttl {
				s.ttl = ttl
			}
		}
	}
	sortAddrs(*here)
	*here = slices.Compact(*here)
	return nil
}

func sortAddrs(all []netip.Addr) {
	sort.Slice(all, func(i, j int) bool { return all[i].Less(all[j]) })
}

// ask puts a question to name servers, until one answers it. That there is no such
// name is an answer.
func (p *Provider) ask(ctx context.Context, from *servers, name string, t resolve.Type) (resolve.Answer, *provider.Error) {
	q := resolve.Question{Name: name, Type: t, Class: resolve.Internet}
	p.mu.Lock()
	first := from.first
	p.mu.Unlock()
	var last error
	for i := range from.all {
		at := (first + i) % len(from.all)
		patient, cancel := context.WithTimeoutCause(ctx, patience, errSilent)
		a, err := resolve.Client{Dial: p.dial}.Ask(patient, from.all[at], q)
		cancel()
		refused, _ := errors.AsType[*resolve.Refusal](err)
		if err == nil && (a.Authoritative || a.Cut.Name != "") || refused != nil && refused.Nothing() {
			a.Authoritative = a.Authoritative || refused != nil
			if i > 0 {
				p.mu.Lock()
				from.first = at
				p.mu.Unlock()
			}
			return a, nil
		}
		if last = err; err == nil {
			last = errNotTheirs
		}
		if ctx.Err() != nil {
			break
		}
	}
	return resolve.Answer{}, failed(provider.Unavailable, hintServers, "ask the name servers of %s: %w", name, last)
}

var (
	errSilent    = errors.New("no answer within 3s")
	errNotTheirs = errors.New("they do not speak for it")
)
