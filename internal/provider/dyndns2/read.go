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
	// dnsTimeout is how long one name server is waited for.
	dnsTimeout = 3 * time.Second

	hintResolver hint = "check the network, and the name servers of this machine"
	hintServers  hint = "check that this machine may ask name servers on port 53 itself; the answer of a cache could be an old one"
)

// numFamilies is something of IPv4 and of IPv6.
const (
	ipv4 = iota
	ipv6
	numFamilies
)

func recordType(f int) dns.Type {
	if f == ipv6 {
		return dns.AAAA
	}
	return dns.A
}

func familyIndex(t dns.Type) int {
	if t == dns.AAAA {
		return ipv6
	}
	return ipv4
}

// dnsView is what a name server says about a name: of each family the addresses, in
// order and with blanks between.
type dnsView struct {
	addrs      [numFamilies]string
	ttl        time.Duration // the shortest
	alias      string
	delegation resolve.Delegation
}

// Records asks for A and AAAA at each name, of one name server of the zone, and of
// the others where it does not show what the service said lately.
func (p *Provider) Records(ctx context.Context, z provider.Zone, names []dns.Name) ([]dns.Record, error) {
	from, err := p.nameServersOf(ctx, z.ID, z.Name)
	if err != nil {
		return nil, err
	}
	found, errs := make([]dnsView, len(names)), make([]*provider.Error, len(names))
	forEachConcurrent(len(names), func(i int) { found[i], errs[i] = p.currentRecords(ctx, from, z.Name, names[i]) })
	var l recordList
	for i, n := range names {
		if err := errs[i]; err != nil {
			err.What = "read " + n.Describe()
			p.forgetServers(z.Name)
			return nil, err
		}
		l.add(n, &found[i])
	}
	return l, nil
}

// recordList is records, a delegation once.
type recordList []dns.Record

func (l *recordList) add(n dns.Name, what *dnsView) {
	switch {
	case what.delegation.Zone != "":
		n, _ = dns.ParseName(what.delegation.Zone) // it was looked at
		for i := range *l {
			if r := &(*l)[i]; r.Type == dns.NS && r.Name == n {
				return
			}
		}
		l.addRecords(n, dns.NS, what.delegation.NameServer)
	case what.alias != "":
		l.addRecords(n, dns.CNAME, what.alias)
	default:
		for f := range numFamilies {
			l.addRecords(n, recordType(f), what.addrs[f])
		}
	}
}

// addRecords adds a record for each word of a text. Its TTL is the service's.
func (l *recordList) addRecords(n dns.Name, t dns.Type, text string) {
	for word := range strings.FieldsSeq(text) {
		r := dns.Record{Name: n, Type: t, Text: word, TTL: dns.AutoTTL}
		if t.IsAddress() {
			r.Text, r.Addr = "", netip.MustParseAddr(word)
		}
		*l = append(*l, r)
	}
}

// currentRecords returns what stands at a name: what one name server shows, unless what the
// service was told counts more.
func (p *Provider) currentRecords(ctx context.Context, from *nameServers, z, n dns.Name) (dnsView, *provider.Error) {
	what, err := p.queryOne(ctx, from, z, n)
	if err != nil {
		return what, err
	}
	now := time.Now()
	var all []dnsView
	for f := range numFamilies {
		s := p.account.lastUpdateOf(dns.Key{Name: n, Type: recordType(f)})
		if s == nil {
			continue
		}
		if all == nil && !s.overridesDNS(what.addrs[f], now) && s.mayBeStale(what.addrs[f], now) {
			all = p.queryAll(ctx, from, z, n)
		}
		what.addrs[f] = s.currentAddr(what.addrs[f], f, all, now)
	}
	return what, nil
}

// currentAddr returns the address that stands there, given what is shown.
func (s *lastUpdate) currentAddr(here string, f int, all []dnsView, now time.Time) string {
	if s == nil {
		return here
	}
	if here != "" && s.mayHoldOther(here, now) { // whichever of them is wanted, it has to be made sure of
		return s.possible(here)
	}
	counts := s.overridesDNS(here, now)
	for i := range all {
		counts = counts || s.mayBeStale(here, now) && all[i].addrs[f] == s.addr
	}
	if counts {
		return s.addr
	}
	return here
}

// queryOne asks one name server for both families.
func (p *Provider) queryOne(ctx context.Context, from *nameServers, z, n dns.Name) (what dnsView, err *provider.Error) {
	for f, t := range []resolve.Type{resolve.A, resolve.AAAA} {
		a, err := p.query(ctx, from, n.String(), t)
		if err == nil {
			err = what.addAnswer(&a, f, z, n)
		}
		if err != nil {
			return what, err
		}
	}
	return what, nil
}

// queryAll asks every name server; who does not answer is left out.
func (p *Provider) queryAll(ctx context.Context, from *nameServers, z, n dns.Name) (answered []dnsView) {
	all, errs := make([]dnsView, len(from.all)), make([]*provider.Error, len(from.all))
	forEachConcurrent(len(from.all), func(i int) {
		all[i], errs[i] = p.queryOne(ctx, &nameServers{all: from.all[i : i+1]}, z, n)
	})
	for i := range all {
		if errs[i] == nil {
			answered = append(answered, all[i])
		}
	}
	return answered
}

// addAnswer takes what was answered to the question for a family.
func (s *dnsView) addAnswer(a *resolve.Answer, f int, z, n dns.Name) *provider.Error {
	if !a.Authoritative {
		cut, err := dns.ParseName(a.Delegation.Zone)
		if err != nil || cut == z || !cut.IsWithin(z) || !n.IsWithin(cut) {
			return newError(provider.Unavailable, hintServers, "its name servers do not speak for it")
		}
		s.delegation = resolve.Delegation{Zone: cut.String(), NameServer: strings.ToLower(a.Delegation.NameServer)}
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
	s.addrs[f] = joinSorted(addrs)
	return nil
}

// joinSorted returns addresses in order, with blanks between.
func joinSorted(addrs []string) string {
	sort.Strings(addrs)
	return strings.Join(addrs, " ")
}

// query puts a question to name servers, until one answers it. That there is no such
// name is an answer.
func (p *Provider) query(ctx context.Context, from *nameServers, name string, t resolve.Type) (resolve.Answer, *provider.Error) {
	first, err := int(from.first.Load()), errNotAuthoritative
	for i := range from.all {
		at := (first + i) % len(from.all)
		patient, cancel := context.WithTimeoutCause(ctx, dnsTimeout, errSilent)
		a, e := resolve.Client{Dial: p.config.Dial}.Ask(patient, from.all[at], resolve.Question{Name: name, Type: t, Class: resolve.Internet})
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
	return resolve.Answer{}, newError(provider.Unavailable, hintServers, "ask the name servers of %s: %w", name, err)
}

var (
	errSilent           = errors.New("no answer within 3s")
	errNotAuthoritative = errors.New("they do not speak for it")
)
