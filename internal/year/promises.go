package year

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// delta is one step of homing's: records that stand no more, and records that do.
type delta struct {
	gone, new []dns.Record
}

// differ is what became of one state of a host to be another.
func differ(before, after []dns.Record) (d delta) {
	rest := slices.Clone(after)
	for _, r := range before {
		if i := slices.IndexFunc(rest, func(o dns.Record) bool { return o.Equal(&r) }); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			d.gone = append(d.gone, r)
		}
	}
	d.new = rest
	return d
}

// wrote is called after each write of homing's, with what stood there before and
// what does now. w.mu is held.
func (w *world) wrote(before, after []dns.Record) {
	d := differ(before, after)
	if len(d.gone)+len(d.new) == 0 {
		return
	}
	w.tell("    ✎ %s", d.describe())
	w.round.deltas = append(w.round.deltas, d)
	for _, r := range d.new {
		w.published(r, d)
		w.allowed(r, before, after)
	}
	for _, r := range d.gone {
		w.touched(r, d, after)
	}
}

// published holds what homing wrote against where its place was in this round.
func (w *world) published(r dns.Record, d delta) {
	rec := w.settings.managed(r.Key())
	switch {
	case rec == nil:
		w.fail("%s was written, and nobody keeps it", show(r))
		return
	case !w.settings.mine(r):
		w.fail("%s was written, and homing would not know it as its own", show(r))
		return
	}
	if slices.ContainsFunc(d.gone, func(o dns.Record) bool { return o.Key() == r.Key() && o.Addr == r.Addr }) {
		return // only its attributes are others
	}
	w.held(rec, r)
	if w.left(rec, r); !slices.Contains(w.could(rec, r.Type, w.round.began), r.Addr) {
		w.fail("published is %s, where the place was not in the round that began at %s", show(r), w.round.began.Format(time.TimeOnly))
	}
}

// allowed holds a record that homing wrote against what the settings say beside
// the address. before and after are all records.
func (w *world) allowed(r dns.Record, before, after []dns.Record) {
	if r.Key() == w.contended {
		w.said = r.Addr
	}
	rec, was, is := w.settings.managed(r.Key()), 0, 0
	proxied, still := false, false
	for _, o := range before {
		if o.Key() == r.Key() {
			was++
			proxied = proxied || o.Proxied && w.settings.mine(o)
		}
	}
	for _, o := range after {
		if o.Key() == r.Key() {
			is++
			still = still || o.Proxied && w.settings.mine(o)
		}
	}
	switch {
	case rec == nil:
	case rec.Create == plan.Never && is > was:
		w.fail("%s was made, and nothing may be made there", show(r))
	case w.unknown && proxied && !still && !rec.Enforce.Has(plan.Proxied) && rec.Leftovers == plan.Remove:
		w.fail("%s is what is left, and not proxied any more, of records of which nobody could tell which is homing's", show(r))
	}
}

// could is all that an RRset could rightly say since then.
func (w *world) could(rec *plan.Record, t dns.Type, then time.Time) (all []netip.Addr) {
	for _, p := range w.among(rec.Needs(t)) {
		for _, a := range p.since(then) {
			all = append(all, w.settings.says(rec.Name, t, a))
		}
	}
	return all
}

// touched holds what is gone against what was homing's to change.
func (w *world) touched(r dns.Record, d delta, after []dns.Record) {
	rec := w.settings.managed(r.Key())
	switch {
	case rec == nil || !r.Type.IsAddress() || !w.settings.mine(r) || w.host.theirs(r):
		w.fail("touched was %s, which is not homing's", show(r))
		return
	case !w.cleaning && time.Since(w.host.taken[r.Key()]) > resync && !slices.ContainsFunc(after, func(o dns.Record) bool { return o.Key() == r.Key() }):
		w.fail("nothing stands at %s any more; %s was deleted", r.Key(), show(r))
	}
	w.staysOf(rec, r)
	i := slices.IndexFunc(d.new, func(o dns.Record) bool { return o.Key() == r.Key() && o.ID == r.ID && r.ID != "" })
	if i < 0 || rec.Enforce != 0 {
		return
	}
	if now := d.new[i]; now.Proxied != r.Proxied || now.TTL != r.TTL || now.Comment != r.Comment || !dns.SameTags(now.Tags, r.Tags) {
		w.fail("attributes of %s changed, which nobody enforces: it is %s", show(r), show(now))
	}
}

// judge holds a round against what it did. w.mu is held.
func (w *world) judge(r status.Round) {
	w.report.Rounds++
	w.report.Calls += r.Calls
	done, failed := r.Count()
	w.report.Changes += done
	if done+failed > 0 || r.Outcome() == status.Failed {
		w.report.Worked++
	}
	w.traceRound(r)
	w.judgeLists(r)
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err == nil && !w.confirmed(d) {
				w.fail("claimed is %s, and it was not done", d.Words())
			}
		}
	}
	if w.silent {
		if w.silent = false; !quiet(r) {
			w.fail("a round did something although nothing had happened: %s", sum(r))
		}
	}
	seen := maps.Clone(r.Seen)
	maps.Copy(seen, r.Firsts)
	if why := w.wrong(seen); why != "" && r.Outcome() != status.Failed && time.Since(w.clear) > resync+every && !has(r, status.TwoLines) {
		w.fail("the round says that all is right: %s", why)
	}
	if w.awaited && w.wrong(w.truth()) == "" {
		w.righted()
	}
}

func has(r status.Round, code status.Code) bool {
	return slices.ContainsFunc(r.Conditions, func(c status.Condition) bool { return c.Code == code })
}

// confirmed says whether a change that was claimed took place in this round, or
// stands there.
func (w *world) confirmed(d status.Done) bool {
	same := func(want dns.Record) func(dns.Record) bool {
		return func(r dns.Record) bool {
			sent := func(f plan.Fields) bool { return d.Action == plan.ToCreate || d.Fields().Has(f) } // the rest is left to others
			return r.Key() == want.Key() && (d.Action == plan.ToUpdate && !sent(plan.Content) || r.Addr == want.Addr) && (!sent(plan.Comment) || r.Comment == want.Comment) &&
				(!sent(plan.Proxied) || r.Proxied == want.Proxied) && (!sent(plan.TTL) || r.TTL == want.TTL)
		}
	}
	here := w.host.all()
	if d.Action == plan.ToDelete {
		return slices.ContainsFunc(w.round.deltas, func(x delta) bool { return slices.ContainsFunc(x.gone, same(d.Old)) }) ||
			!slices.ContainsFunc(here, same(d.Old))
	}
	return slices.ContainsFunc(w.round.deltas, func(x delta) bool { return slices.ContainsFunc(x.new, same(d.New)) }) ||
		slices.ContainsFunc(here, same(d.New))
}

// wrong says what is not as it should be where the places are so; empty: nothing.
func (w *world) wrong(seen plan.Seen) string {
	at := make(map[dns.Name][]dns.Record)
	for _, r := range w.host.all() {
		at[r.Name] = append(at[r.Name], r)
	}
	for _, k := range w.settings.keys() {
		rec := w.settings.managed(k)
		var want []netip.Addr
		known := true // all shares
		for _, o := range rec.Needs(k.Type) {
			s, in := seen[o]
			known = known && (!in || s.Known())
			for _, a := range s.Addrs() {
				want = append(want, w.settings.says(k.Name, k.Type, a))
			}
		}
		if len(want) > 0 && k != w.excused && k.Name != w.absent {
			if why := w.wrongAt(k, rec, want, known, at[k.Name]); why != "" {
				return why
			}
		}
	}
	return w.wrongLists(seen)
}

// wrongAt holds a name against what it is to say; known says that this is all.
func (w *world) wrongAt(k dns.Key, rec *plan.Record, want []netip.Addr, known bool, here []dns.Record) string {
	var mine, others []netip.Addr
	for _, r := range here {
		switch {
		case r.Type == dns.CNAME:
			return ""
		case r.Type != k.Type:
		case w.settings.mine(r) && !w.host.theirs(r):
			mine = append(mine, r.Addr)
			if slices.Contains(want, r.Addr) && rec.Enforce.Has(plan.Proxied) && w.host.proxies() && r.Proxied != rec.Attrs.Proxied {
				return fmt.Sprintf("%s should be proxied: %v", show(r), rec.Attrs.Proxied)
			}
		default:
			others = append(others, r.Addr)
		}
	}
	if rec.Create == plan.Never && len(mine) == 0 {
		return ""
	}
	for _, a := range want {
		if !slices.Contains(mine, a) && !slices.Contains(others, a) {
			return fmt.Sprintf("%s says %v and should say %v", k, slices.Concat(mine, others), want)
		}
	}
	if rec.Leftovers == plan.Keep || !known {
		return ""
	}
	for i, a := range mine {
		if !slices.Contains(want, a) || slices.Contains(mine[:i], a) || slices.Contains(others, a) {
			return fmt.Sprintf("%s says %v beside %v and should say %v", k, mine, others, want)
		}
	}
	return ""
}
