package dyndns2

import (
	"context"
	"errors"
	"net/netip"
	"sort"
	"strings"
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

// families is something of IPv4 and of IPv6.
const (
	four = iota
	six
	families
)

func typeOf(f int) dns.Type {
	if f == six {
		return dns.AAAA
	}
	return dns.A
}

func familyOf(t dns.Type) int {
	if t == dns.AAAA {
		return six
	}
	return four
}

// shown is what a name server says about a name: of each family the addresses, in
// order and with blanks between.
type shown struct {
	addrs [families]string
	ttl   time.Duration // the shortest
	alias string
	cut   resolve.Delegation
}

// Records asks for A and AAAA at each name, of one name server of the zone, and of
// the others where it does not show what the service said lately.
func (p *Provider) Records(ctx context.Context, z provider.Zone, names []dns.Name) ([]dns.Record, error) {
	from, err := p.serversOf(ctx, z.ID, z.Name)
	if err != nil {
		return nil, err
	}
	found, errs := make([]shown, len(names)), make([]*provider.Error, len(names))
	each(len(names), func(i int) { found[i], errs[i] = p.believed(ctx, from, z.Name, names[i]) })
	var l listing
	for i, n := range names {
		if err := errs[i]; err != nil {
			err.What = "read " + n.Describe()
			p.forget(z.Name)
			return nil, err
		}
		l.add(n, &found[i])
	}
	return l, nil
}

// listing is records, a delegation once.
type listing []dns.Record

func (l *listing) add(n dns.Name, what *shown) {
	switch {
	case what.cut.Zone != "":
		n, _ = dns.ParseName(what.cut.Zone) // it was looked at
		for i := range *l {
			if r := &(*l)[i]; r.Type == dns.NS && r.Name == n {
				return
			}
		}
		l.put(n, dns.NS, what.cut.NameServer)
	case what.alias != "":
		l.put(n, dns.CNAME, what.alias)
	default:
		for f := range families {
			l.put(n, typeOf(f), what.addrs[f])
		}
	}
}

// put adds a record for each word of a text. Its TTL is the service's.
func (l *listing) put(n dns.Name, t dns.Type, text string) {
	for word := range strings.FieldsSeq(text) {
		r := dns.Record{Name: n, Type: t, Text: word, TTL: dns.AutoTTL}
		if t.IsAddress() {
			r.Text, r.Addr = "", netip.MustParseAddr(word)
		}
		*l = append(*l, r)
	}
}

// believed is what stands at a name: what one name server shows, unless what the
// service was told counts more.
func (p *Provider) believed(ctx context.Context, from *servers, z, n dns.Name) (shown, *provider.Error) {
	what, err := p.look(ctx, from, z, n)
	if err != nil {
		return what, err
	}
	now := time.Now()
	var all []shown
	for f := range families {
		s := p.account.about(dns.Key{Name: n, Type: typeOf(f)})
		if s == nil {
			continue
		}
		if all == nil && !s.counts(what.addrs[f], now) && s.late(what.addrs[f], now) {
			all = p.lookAll(ctx, from, z, n)
		}
		what.addrs[f] = s.believe(what.addrs[f], f, all, now)
	}
	return what, nil
}

// believe is what stands there where this is shown, and that by all.
func (s *said) believe(here string, f int, all []shown, now time.Time) string {
	if s == nil {
		return here
	}
	counts := s.counts(here, now)
	for i := range all {
		counts = counts || s.late(here, now) && all[i].addrs[f] == s.addr
	}
	if counts {
		return s.addr
	}
	return here
}

// look asks one name server for both families.
func (p *Provider) look(ctx context.Context, from *servers, z, n dns.Name) (what shown, err *provider.Error) {
	for f, t := range []resolve.Type{resolve.A, resolve.AAAA} {
		a, err := p.ask(ctx, from, n.String(), t)
		if err == nil {
			err = what.add(&a, f, z, n)
		}
		if err != nil {
			return what, err
		}
	}
	return what, nil
}

// lookAll asks every name server; who does not answer is left out.
func (p *Provider) lookAll(ctx context.Context, from *servers, z, n dns.Name) (answered []shown) {
	all, errs := make([]shown, len(from.all)), make([]*provider.Error, len(from.all))
	each(len(from.all), func(i int) {
		all[i], errs[i] = p.look(ctx, &servers{all: from.all[i : i+1]}, z, n)
	})
	for i := range all {
		if errs[i] == nil {
			answered = append(answered, all[i])
		}
	}
	return answered
}

// add takes what was answered to the question for a family.
func (s *shown) add(a *resolve.Answer, f int, z, n dns.Name) *provider.Error {
	if !a.Authoritative {
		cut, err := dns.ParseName(a.Delegation.Zone)
		if err != nil || cut == z || !cut.IsWithin(z) || !n.IsWithin(cut) {
			return failed(provider.Unavailable, hintServers, "its name servers do not speak for it")
		}
		s.cut = resolve.Delegation{Zone: cut.String(), NameServer: strings.ToLower(a.Delegation.NameServer)}
		return nil
	}
	var addrs []string
	for i := range a.Records {
		r := &a.Records[i]
		switch {
		case r.Type == resolve.CNAME && s.alias == "" && len(r.Text) == 1:
			s.alias = strings.TrimSuffix(strings.ToLower(r.Text[0]), ".")
		case r.MatchesQuestion:
			addrs = append(addrs, r.Addr.String())
			if ttl := time.Duration(r.TTL) * time.Second; s.ttl == 0 || ttl < s.ttl {
				s.ttl = ttl
			}
		}
	}
	s.addrs[f] = joined(addrs)
	return nil
}

// joined is addresses in order, with blanks between.
func joined(addrs []string) string {
	sort.Strings(addrs)
	return strings.Join(addrs, " ")
}

// ask puts a question to name servers, until one answers it. That there is no such
// name is an answer.
func (p *Provider) ask(ctx context.Context, from *servers, name string, t resolve.Type) (resolve.Answer, *provider.Error) {
	first, err := int(from.first.Load()), errNotTheirs
	for i := range from.all {
		at := (first + i) % len(from.all)
		patient, cancel := context.WithTimeoutCause(ctx, patience, errSilent)
		a, e := resolve.Client{Dial: p.c.Dial}.Ask(patient, from.all[at], resolve.Question{Name: name, Type: t, Class: resolve.Internet})
		cancel()
		if refused, ok := errors.AsType[*resolve.Refusal](e); ok && refused.NameDoesNotExist() {
			a.Authoritative, e = true, nil
		}
		if e == nil && (a.Authoritative || a.Delegation.Zone != "") {
			from.first.Store(int32(at))
			return a, nil
		}
		if e != nil {
			err = e
		}
		if ctx.Err() != nil {
			break
		}
	}
	return resolve.Answer{}, failed(provider.Unavailable, hintServers, "ask the name servers of %s: %w", name, err)
}

var (
	errSilent    = errors.New("no answer within 3s")
	errNotTheirs = errors.New("they do not speak for it")
)
