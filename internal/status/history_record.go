package status

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/plan"
)

// Recorder makes entries of rounds: it knows what the history says is so. Its
// zero value knows nothing yet. It is never changed.
type Recorder struct {
	addresses map[string]Entry // by family: the latest Address
	open      map[outage]Entry // what has begun and not ended
	published time.Time
	heard     map[string]time.Time // addresses some source names, and since when
}

// outage tells what has begun from what else has. Families are told apart;
// elsewhere one entry stands for all subjects of a code, of which there may be
// thousands.
type outage struct {
	code   Code
	family string
}

func (o outage) compare(p outage) int {
	return cmp.Or(cmp.Compare(o.code, p.code), cmp.Compare(o.family, p.family))
}

// Recorder is what the history says is so.
func (h *History) Recorder() (Recorder, error) {
	r := Recorder{addresses: make(map[string]Entry), open: make(map[outage]Entry)}
	_, err := h.Read(time.Time{}, r.note)
	return r, err
}

// Published is when records were last changed; zero when that is not known.
func (r Recorder) Published() time.Time { return r.published }

// Address is the latest addresses of a family, and since when.
func (r Recorder) Address(family string) (addresses []string, since time.Time) {
	e := r.addresses[family]
	return e.Addresses, e.At
}

// with is r once these have happened.
func (r Recorder) with(entries []Entry) Recorder {
	if len(entries) == 0 {
		return r
	}
	next := r
	next.addresses, next.open = make(map[string]Entry), make(map[outage]Entry)
	maps.Copy(next.addresses, r.addresses)
	maps.Copy(next.open, r.open)
	for _, e := range entries {
		next.note(e)
	}
	return next
}

// note changes r, whose maps are nobody else's yet.
func (r *Recorder) note(e Entry) {
	switch e.Kind {
	case Address:
		r.addresses[e.Family] = e
	case Published:
		r.published = e.At
	case Began:
		r.open[outage{e.Code, e.Subject}] = e
	case Ended:
		delete(r.open, outage{e.Code, e.Subject})
	}
}

// Round is the entries that a round is worth, and what is so after them.
func (r Recorder) Round(x Round) ([]Entry, Recorder) {
	if x.Dry || x.Outcome() == NotDone {
		return nil, r
	}
	r.heard = r.hear(x)
	out := append(r.moved(x), r.changed(x)...)
	out = append(out, r.turned(x)...)
	return out, r.with(out)
}

// hear is since when each address has been named, by whoever.
func (r Recorder) hear(x Round) map[string]time.Time {
	heard := make(map[string]time.Time)
	note := func(addresses []string) {
		for _, a := range addresses {
			heard[a] = x.Started
			if at, before := r.heard[a]; before {
				heard[a] = at
			}
		}
	}
	for _, o := range x.Seen {
		note(texts(o.Addrs()))
		for _, v := range o.Votes() {
			note(texts(v.Said.Addrs()))
		}
	}
	return heard
}

// moved is an entry for each family that has other addresses now.
func (r Recorder) moved(x Round) []Entry {
	var out []Entry
	for _, f := range slices.Sorted(maps.Keys(x.Seen)) {
		o := x.Seen[f]
		last, before := r.addresses[f.String()]
		if now := texts(o.Addrs()); o.Known() && !(before && slices.Equal(now, last.Addresses)) {
			out = append(out, Entry{At: x.Started, Kind: Address, Family: f.String(), Addresses: now})
		}
	}
	return out
}

// namesKept is how many names of records changed alike are written down.
const namesKept = 200

// changed is an entry for all records that were changed alike, and one for each
// item of a list, of which there are few.
func (r Recorder) changed(x Round) []Entry {
	type alike struct{ action, kind, step string }
	at := x.Started.Add(x.Took)
	place := make(map[alike]int)
	var out []Entry
	for _, z := range x.Zones {
		for _, d := range z.Done {
			if d.Err != nil {
				continue
			}
			k := alike{d.Action.String(), string(d.Key().Type), d.Step()}
			i, known := place[k]
			if !known {
				i = len(out)
				place[k] = i
				out = append(out, r.publication(d.Change, at))
			}
			if out[i].Count++; out[i].Count <= namesKept {
				out[i].Names = append(out[i].Names, d.Key().Name.String())
			}
		}
	}
	for _, l := range x.Lists {
		for _, d := range l.Done {
			if d.Err == nil {
				from, to := ends(d.ListChange)
				out = append(out, Entry{At: at, Kind: Published, Action: d.Action.String(), List: l.Name, Old: from, New: to, Count: 1})
			}
		}
	}
	return out
}

func (r Recorder) publication(c plan.Change, at time.Time) Entry {
	e := Entry{At: at, Kind: Published, Action: c.Action.String(), Type: string(c.Key().Type), Old: c.Old.Content(), New: c.New.Content()}
	if e.Old == e.New {
		e.Text = cut(c.Step())
	} else if since, ok := r.heard[e.New]; ok {
		e.TookMS = at.Sub(since).Milliseconds()
	}
	return e
}

// turned is an entry for each kind of failure that began or ended. A round that
// was cut short does not know what has ended.
func (r Recorder) turned(x Round) []Entry {
	var out []Entry
	found, whole := failures(x)
	for _, f := range found {
		if _, known := r.open[f.outage]; !known {
			out = append(out, Entry{At: x.Started, Kind: Began, Code: f.code, Subject: f.family, Count: f.count, Text: f.text()})
		}
	}
	if !whole {
		return out
	}
	for _, k := range slices.SortedFunc(maps.Keys(r.open), outage.compare) {
		if !slices.ContainsFunc(found, func(f failure) bool { return f.outage == k }) {
			out = append(out, Entry{At: x.Started, Kind: Ended, Code: k.code, Subject: k.family})
		}
	}
	return out
}

// failure is what a round found of one outage.
type failure struct {
	outage
	first Condition
	count int
}

// failures is what is wrong after a round, in order; whole says whether it could
// find all of that.
func failures(x Round) (found []failure, whole bool) {
	whole = true
	for _, c := range x.Conditions {
		if c.Code == Stopped {
			whole = false
			continue
		}
		if !c.Code.Failure() {
			continue
		}
		k := outage{code: c.Code}
		if c.Code == AddressUnknown || c.Code == AddressDoubted {
			k.family = c.Subject
		}
		i := slices.IndexFunc(found, func(f failure) bool { return f.outage == k })
		if i < 0 {
			i = len(found)
			found = append(found, failure{outage: k, first: c})
		}
		found[i].count++
	}
	return found, whole
}

func (f failure) text() string {
	s := f.first.Describe()
	if f.count > 1 {
		s += fmt.Sprintf(" (and %d more like it)", f.count-1)
	}
	return cut(s)
}

// cut keeps a text of the network from filling the file.
func cut(s string) string {
	const most = 500 // characters
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func texts[T fmt.Stringer](as []T) []string {
	var out []string
	for _, a := range as {
		out = append(out, a.String())
	}
	return out
}
