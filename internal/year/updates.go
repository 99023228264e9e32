package year

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/dyndns2"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
	"github.com/homing-dns/homing/internal/secret"
)

// updated is a service that has nothing but an update address, with its rules and
// its name servers, as homing's own client reaches it.
type updated struct {
	w      *world
	server *dyntest.Server
	names  []string // at which something may stand
	known  []dns.Record
	lags   []time.Duration
	asked  sync.WaitGroup // the connections to its name servers
}

func newUpdated(w *world) *updated {
	service := []string{"no-ip", "dyn", "dynu", "desec", "spdyn"}[w.dice.IntN(5)]
	u := &updated{w: w, server: dyntest.New(service, "me", token)}
	for _, z := range w.settings.zones {
		u.server.Delegate(z.String())
	}
	for _, r := range w.settings.records {
		u.server.Join(r.Name.String())
		u.at(r.Name)
	}
	u.lags = [][]time.Duration{{0}, {0, 40 * time.Second}, {20 * time.Second, 0}, {30 * time.Second, 3 * time.Minute}}[w.dice.IntN(4)]
	u.server.Late(u.lags...)
	return u
}

// at remembers a name at which something may stand.
func (u *updated) at(n dns.Name) string {
	s := n.String()
	if !slices.Contains(u.names, s) {
		u.names = append(u.names, s)
	}
	return s
}

func (u *updated) proxies() bool { return false }
func (u *updated) close()        { u.asked.Wait() }
func (u *updated) catchUp()      {}

// all is what the service holds, whatever its name servers show.
func (u *updated) all() (all []dns.Record) {
	for _, n := range u.names {
		for _, r := range u.server.Stored(n) {
			all = append(all, heldAt(name(n), r))
		}
	}
	return all
}

func heldAt(n dns.Name, r dyntest.Record) dns.Record {
	held := dns.Record{Name: n, Type: dns.Type(r.Type), TTL: dns.AutoTTL}
	if held.Type.IsAddress() {
		held.Addr = netip.MustParseAddr(r.Data)
	} else {
		held.Text = r.Data
	}
	return held
}

func (u *updated) put(r dns.Record) dns.Record {
	defer func() { u.known = u.all() }()
	put := dyntest.Record{Type: string(r.Type), Data: r.Content()}
	u.server.Put(u.at(r.Name), put)
	return heldAt(r.Name, put)
}

func (u *updated) swap(was, r dns.Record) dns.Record {
	u.remove(was)
	return u.put(r)
}

func (u *updated) remove(r dns.Record) {
	defer func() { u.known = u.all() }()
	n := u.at(r.Name)
	u.server.Set(n, slices.DeleteFunc(u.server.Stored(n), func(o dyntest.Record) bool { held := heldAt(r.Name, o); return held.Equal(&r) })...)
}

func (u *updated) connect(p *process) (provider.Provider, httpx.Dial, func()) {
	u.server.Forgive() // a new process knows nothing of what was said before it
	client := httpx.New(httpx.Options{UserAgent: "homing-dns homing/year-1 homing@example.org"})
	client.Transport = &messenger{u, p}
	var servers []netip.AddrPort
	for i := range u.lags {
		servers = append(servers, netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 53))
	}
	find := func(_ context.Context, zone dns.Name) ([]netip.AddrPort, error) {
		if begins, err := u.server.Zone(zone.String()); err != nil || !begins {
			return nil, err
		}
		return servers, nil
	}
	host, err := dyndns2.New(dyndns2.Config{Service: u.server.Service, User: u.server.User, Password: secret.New(token),
		BaseURL: "http://127.0.0.1", Client: client, Dial: u.dial, Servers: find, Memory: p.updates})
	must(err)
	return &orderly{host, u.w}, nil, func() {}
}

// orderly has no two zones come at the same moment to an account that takes one
// after the other.
type orderly struct {
	*dyndns2.Provider
	w *world
}

func (o *orderly) Apply(ctx context.Context, z provider.Zone, sets []plan.Set) []provider.SetResult {
	var away time.Duration
	o.w.locked(func() { away = 1 + time.Duration(o.w.lots.draw("turn of "+z.ID)%3_000_000) })
	time.Sleep(away)
	return o.Provider.Apply(ctx, z, sets)
}

// messenger carries updates to the service, as long as the process lives.
type messenger struct {
	u *updated
	p *process
}

func (m *messenger) RoundTrip(r *http.Request) (*http.Response, error) {
	var away time.Duration
	m.u.w.locked(func() {
		m.u.w.called("")
		away = m.u.w.dormant() + 20*time.Millisecond + time.Duration(m.u.w.lots.draw("update")%80_000_000)
	})
	if !m.pass(r, away) {
		return nil, cmp.Or(r.Context().Err(), errDead)
	}
	if t := httptrace.ContextClientTrace(r.Context()); t != nil { // from here on it may have happened
		t.GotConn(httptrace.GotConnInfo{})
		t.WroteHeaders()
	}
	resp, err := carry(m.u.server, r)
	m.u.w.locked(m.u.look)
	if !m.pass(r, 20*time.Millisecond) {
		return nil, cmp.Or(r.Context().Err(), errDead)
	}
	return resp, err
}

// pass lets time pass; false when nobody waits for it any more.
func (m *messenger) pass(r *http.Request, d time.Duration) bool { return pass(r, d) && !m.p.killed() }

// look holds what became of the names, and whether a rule of the service was broken.
func (u *updated) look() {
	now := u.all()
	before := u.known
	u.known = now
	u.w.wrote(before, now)
	if broken := u.server.Broken(); len(broken) > 0 {
		u.w.fail("a rule of the service was broken: %s", broken[0])
	}
	if calls := u.server.Calls(); len(calls) > 0 {
		u.w.tell("    ✎ update of %s: %s", calls[len(calls)-1].Query, calls[len(calls)-1].Answer)
	}
}

// dial reaches a name server, which is asked one question after another.
func (u *updated) dial(_ context.Context, _, address string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	server := int(netip.MustParseAddrPort(address).Addr().As4()[3])
	u.asked.Go(func() {
		defer theirs.Close()
		buf := make([]byte, 512)
		for {
			n, err := theirs.Read(buf)
			if err != nil {
				return
			}
			away := u.away(server, buf[:n])
			time.Sleep(away)
			if a := u.server.AnswerDNS(server, buf[:n]); a != nil {
				_, _ = theirs.Write(a)
			} else if away == 0 {
				buf[2], buf[3] = buf[2]|0x80, buf[3]&0xf0|byte(dnsmessage.RCodeServerFailure)
				_, _ = theirs.Write(buf[:n])
			}
		}
	})
	return ours, nil
}

// away is how long a question and its answer are on their way. Where a zone begins
// is told at once, or that nobody knows: homing asks that behind a lock, and a bubble's
// time stands still while somebody waits for one.
func (u *updated) away(server int, question []byte) (d time.Duration) {
	var p dnsmessage.Parser
	_, _ = p.Start(question)
	q, _ := p.Question()
	if q.Type == dnsmessage.TypeNS {
		return 0
	}
	u.w.locked(func() {
		// by the time: how often a question is put again while nobody answers is not for
		// a seed to say
		lot := u.w.lots.lot(fmt.Sprint("dns", server, strings.ToLower(q.Name.String()), q.Type), uint64(time.Now().UnixNano()))
		d = u.w.dormant() + 10*time.Millisecond + time.Duration(lot%40_000_000)
	})
	return d
}
