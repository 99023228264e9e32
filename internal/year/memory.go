package year

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
)

// mapped is a DNS host in a map, of one of several kinds, and what goes wrong with it.
type mapped struct {
	w      *world
	host   *memory.Host
	limits plan.Limits
	known  []dns.Record // what stood there after the latest step of anybody's

	troubles []*trouble
	slow     time.Duration
	lag      time.Duration
	past     []moment // what stood there before, while listings lag behind
	blank    bool     // listings show nothing
	partial  bool     // or half of it
}

// trouble says of a step whether it goes wrong, and how. w.mu is held.
type trouble struct {
	at func(memory.Call) *provider.Error
}

// moment is what the host held from then on.
type moment struct {
	at      time.Time
	records []dns.Record
}

func newMapped(w *world) *mapped {
	d := w.dice
	m := &mapped{w: w, host: memory.New()}
	sets := d.oneIn(2)
	guard := []provider.Guard{provider.Unguarded, provider.GuardsSet, provider.GuardsBatch}[d.IntN(3)]
	for _, n := range w.settings.zones {
		z := memory.Zone(n)
		z.Limits.Batch = d.among(1, 3, 200)
		if sets {
			z.Guard, z.Limits.NoProxy, z.Limits.AutoTTL, z.Limits.OneTTL = guard, true, 300, true
		}
		m.limits = z.Limits
		m.host.AddZone(z)
	}
	if sets {
		m.host.WriteSets()
	}
	m.host.SetHook(m.step)
	return m
}

func (m *mapped) all() []dns.Record { return m.host.All() }
func (m *mapped) proxies() bool     { return !m.limits.NoProxy }
func (m *mapped) close()            {}
func (m *mapped) catchUp()          {}

// swap puts a record in the place of another.
func (m *mapped) swap(was, r dns.Record) dns.Record {
	if was.ID == "" {
		m.remove(was)
	}
	return m.put(r)
}

func (m *mapped) put(r dns.Record) dns.Record {
	defer m.moved()
	stored := m.host.Put(r)
	return m.find(stored)
}

// find is a record as the host tells of it.
func (m *mapped) find(r dns.Record) dns.Record {
	all := m.host.All()
	i := slices.IndexFunc(all, func(o dns.Record) bool {
		return o.Key() == r.Key() && o.Addr == r.Addr && o.Text == r.Text && o.Comment == r.Comment
	})
	return all[i]
}

func (m *mapped) remove(r dns.Record) {
	defer m.moved()
	if r.ID != "" {
		m.host.Remove(r.ID)
		return
	}
	m.host.RemoveMatching(r)
}

// moved keeps what stands there now.
func (m *mapped) moved() {
	m.known = m.host.All()
	m.past = append(m.past, moment{time.Now(), m.known})
	m.past = m.past[max(0, len(m.past)-64):]
}

// step is asked by the host about each step, before it and after.
func (m *mapped) step(c memory.Call) *provider.Error {
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	if c.Done && c.Step == memory.WriteRRset {
		now := m.host.All()
		m.w.wrote(m.known, now)
		m.moved()
	}
	if c.Done && writesList(c) {
		m.w.lookLists()
	}
	for _, t := range m.troubles {
		if err := t.at(c); err != nil {
			m.w.tell("    ⚡ step %d of %s%s: %v", c.Step, c.Zone, c.List.Name, err.Kind)
			return err
		}
	}
	return nil
}

// goes wrong until it is ended.
func (m *mapped) goes(at func(memory.Call) *provider.Error) (end func()) {
	t := &trouble{at}
	m.w.locked(func() { m.troubles = append(m.troubles, t) })
	return func() {
		m.w.locked(func() { m.troubles = slices.DeleteFunc(m.troubles, func(o *trouble) bool { return o == t }) })
	}
}

func (m *mapped) connect(p *process) (provider.Provider, httpx.Dial, func()) {
	return &link{m: m, p: p, before: m.host.Calls()}, nil, func() {}
}

// link is the host as one process reaches it: each call takes its time, and none
// outlives the process.
type link struct {
	m      *mapped
	p      *process
	before int64
}

var errDead = errors.New("the process is no more")

// pass lets a call be on its way for a while; an error when it did not arrive.
func (l *link) pass(ctx context.Context, of string, arrives bool) error {
	var d time.Duration
	l.m.w.locked(func() {
		if arrives {
			l.m.w.called(of)
		}
		lot := l.m.w.lots.draw("host" + of)
		d = 20*time.Millisecond + time.Duration(lot%100_000_000) + l.m.w.dormant()
		if l.m.slow > 0 {
			d += time.Duration(lot >> 8 % uint64(l.m.slow))
		}
	})
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-l.p.dead:
		return errDead
	}
}

func (l *link) Calls() int64 { return l.m.host.Calls() - l.before }

func unavailable(err error) *provider.Error {
	return &provider.Error{Kind: provider.Unavailable, Err: fmt.Errorf("ask the host: %w", err)}
}

func (l *link) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if err := l.pass(ctx, "zones", true); err != nil {
		return nil, nil, unavailable(err)
	}
	placed, unplaced, err := l.m.host.Zones(ctx, names)
	return placed, unplaced, l.heard("zones", err)
}

// heard has the world remember how long the host asked to be left alone.
func (l *link) heard(of string, err error) error {
	if e, ok := errors.AsType[*provider.Error](err); ok && e != nil && e.Kind == provider.Throttled {
		l.m.w.locked(func() { l.m.w.wait(of, e.RetryAfter) })
	}
	return err
}

func (l *link) Records(ctx context.Context, z provider.Zone, names []dns.Name) ([]dns.Record, error) {
	if err := l.pass(ctx, z.ID, true); err != nil {
		return nil, unavailable(err)
	}
	records, err := l.m.host.Records(ctx, z, names)
	if err != nil {
		return nil, l.heard(z.ID, err)
	}
	return l.m.listed(z, names, records), nil
}

// listed is what a listing shows of these records.
func (m *mapped) listed(z provider.Zone, names []dns.Name, records []dns.Record) []dns.Record {
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	switch {
	case m.blank:
		m.w.clear = time.Now()
		m.w.tell("    ⚡ a listing of %s shows nothing", z.Name)
		return nil
	case m.partial:
		m.w.clear = time.Now()
		m.w.tell("    ⚡ a listing of %s shows half of it", z.Name)
		half := len(records) / 2
		return append(records[:half:half], slices.DeleteFunc(slices.Clone(records[half:]), func(r dns.Record) bool { return !m.w.settings.kept(r.Key()) })...)
	case m.lag == 0 || len(m.past) == 0:
		return records
	}
	then := m.past[0].records
	for _, p := range m.past {
		if time.Since(p.at) >= m.lag {
			then = p.records
		}
	}
	var old []dns.Record
	for _, r := range then {
		if slices.Contains(names, r.Name) && (r.Type.IsAddress() || r.Type == dns.CNAME || r.Type == dns.NS) {
			old = append(old, r)
		}
	}
	m.w.clear = time.Now()
	m.w.tell("    ⚡ a listing of %s shows what was %v ago", z.Name, m.lag)
	return old
}

func (l *link) Apply(ctx context.Context, z provider.Zone, sets []plan.Set) []provider.SetResult {
	all := func(kind provider.Kind, err error) (results []provider.SetResult) {
		for _, s := range sets {
			results = append(results, provider.FailedSet(&s, &provider.Error{Kind: kind, Err: fmt.Errorf("write: %w", err)}))
		}
		return results
	}
	if err := context.Cause(ctx); err != nil {
		return all(provider.NotTried, err)
	}
	lingering, done := provider.GraceContext(ctx)
	defer done()
	if err := l.pass(lingering, z.ID, true); err != nil {
		return all(provider.Unconfirmed, err)
	}
	results := l.m.host.Apply(ctx, z, sets)
	if err := l.pass(lingering, z.ID, false); err != nil {
		return all(provider.Unconfirmed, err)
	}
	for _, r := range results {
		for _, err := range r.Errs {
			if err != nil {
				l.heard(z.ID, err)
			}
		}
	}
	return results
}

// foreign is an address of this type at which no place ever is.
func (w *world) foreign(t dns.Type) netip.Addr {
	if t == dns.AAAA {
		a := netip.MustParseAddr("2a01:4f8::").As16()
		a[14], a[15] = byte(w.dice.IntN(256)), byte(w.dice.IntN(256))
		return netip.AddrFrom16(a)
	}
	return netip.AddrFrom4([4]byte{78, 46, byte(w.dice.IntN(256)), byte(1 + w.dice.IntN(250))})
}

func private(t dns.Type) netip.Addr {
	if t == dns.AAAA {
		return netip.MustParseAddr("fd00::15")
	}
	return netip.MustParseAddr("192.168.1.15")
}
