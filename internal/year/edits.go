package year

import (
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// resettled is a person who wants something else of a name for a while: whose
// addresses it says, and the attributes of new records.
func resettled(w *world) func() {
	at := w.dice.IntN(len(w.settings.records))
	was := w.settings.records[at]
	options := *was.Options
	now := plan.Record{Name: was.Name, Options: &options}
	now.Sites, now.Pick = w.settings.pick(w)
	if w.updates && now.Pick == plan.All || len(now.Sites) > 1 && (was.Create == plan.Never || was.Leftovers == plan.Keep) {
		now.Sites, now.Pick = was.Sites, was.Pick
	}
	if !w.updates {
		now.Attrs.TTL, now.Attrs.Proxied = w.dice.among(1, 120, 300), w.dice.oneIn(3)
	}
	back := func(to plan.Record) func() {
		return func() {
			i := slices.IndexFunc(w.settings.records, func(r plan.Record) bool { return r.Name == was.Name })
			w.settings.records = slices.Clone(w.settings.records)
			w.settings.records[i] = to
			w.edited, w.clear = time.Now(), time.Now()
		}
	}
	w.tell("  %s is to say %v of %v, proxied: %v", now.Name, []string{"all", "the first"}[now.Pick], now.Sites, now.Attrs.Proxied)
	w.reload(back(now))
	return func() { w.reload(back(was)) }
}

// added is a name that comes into the settings for a while.
func added(w *world) func() {
	z := w.settings.zones[w.dice.IntN(len(w.settings.zones))]
	r := plan.Record{Name: name("new." + z.String()), Options: &plan.Options{Types: []dns.Type{dns.A, dns.AAAA}, Attrs: plan.Attrs{TTL: 300}}}
	if w.settings.owned {
		r.Attrs.Comment = mark
	}
	w.tell("  %s is put into the settings", r.Name)
	w.reload(func() { w.settings.records = append(slices.Clone(w.settings.records), r) })
	return func() {
		w.reload(func() {
			w.settings.records = slices.DeleteFunc(slices.Clone(w.settings.records), func(o plan.Record) bool { return o.Name == r.Name })
		})
	}
}
