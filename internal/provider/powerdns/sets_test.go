package powerdns

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
)

// at makes one change to what a Provider reads at its name.
func at(t *testing.T, p *Provider, action plan.Action, old, changed dns.Record) provider.SetResult {
	t.Helper()
	c := plan.Change{Action: action, Old: old, New: changed}
	zones, _, err := p.Zones(t.Context(), []dns.Name{c.Key().Name})
	if err != nil || len(zones) != 1 {
		t.Fatal(zones, err)
	}
	here, err := p.Records(t.Context(), zones[0].Zone, []dns.Name{c.Key().Name})
	if err != nil {
		t.Fatal(err)
	}
	set := plan.Set{Key: c.Key(), Changes: []plan.Change{c}}
	for _, r := range here {
		if r.Key() == c.Key() {
			set.Records = append(set.Records, r)
		}
	}
	return p.Apply(t.Context(), zones[0].Zone, []plan.Set{set})[0]
}

// What a set holds beside what homing knows of stays, disabled values and
// comments with their authors; it is told of by a server and by the fake alike.
func keepsTheSet(t *testing.T, base string, d door) {
	p := reaching(t, base)
	old := a(t, "a.example.org", "192.0.2.1")
	old.Comment = "one; two"
	full := rrset{Name: "a.example.org.", Type: "A", TTL: 300,
		Values:   []value{{Content: "192.0.2.1"}, {Content: "192.0.2.7", Disabled: true}, {Content: "192.0.2.8", Disabled: true}},
		Comments: []comment{{Content: "one", Account: "me"}, {Content: "two", Account: "you"}}}
	moved := old
	moved.Addr = a(t, "a.example.org", "192.0.2.2").Addr
	enabled := old
	enabled.Addr = a(t, "a.example.org", "192.0.2.7").Addr
	noted := old
	noted.Comment = "three"
	bare := old
	bare.Comment = ""
	for _, tt := range []struct {
		what   string
		action plan.Action
		to     dns.Record
		want   string
	}{
		{"an update", plan.ToUpdate, moved, "300, me: one, off 192.0.2.7, off 192.0.2.8, on 192.0.2.2, you: two"},
		{"an update to what is disabled", plan.ToUpdate, enabled, "300, me: one, off 192.0.2.8, on 192.0.2.7, you: two"},
		{"another comment", plan.ToUpdate, noted, "300, homing: three, off 192.0.2.7, off 192.0.2.8, on 192.0.2.1"},
		{"no comment", plan.ToUpdate, bare, "300, off 192.0.2.7, off 192.0.2.8, on 192.0.2.1"},
		{"a delete", plan.ToDelete, dns.Record{}, "300, me: one, off 192.0.2.7, off 192.0.2.8, you: two"},
	} {
		d.put(t, full)
		if r := at(t, p, tt.action, old, tt.to); r.Errs[0] != nil {
			t.Errorf("%s: %v", tt.what, r.Errs[0])
		}
		if got := d.shown(t, old.Key()); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	for _, tt := range []struct {
		what string
		to   dns.Record
		want string
	}{
		{"a create of what is disabled", bare, "300, me: one, off 192.0.2.7, off 192.0.2.8, on 192.0.2.1, you: two"},
		{"a create beside what is disabled", a(t, "a.example.org", "192.0.2.2"), "300, me: one, off 192.0.2.1, off 192.0.2.7, off 192.0.2.8, on 192.0.2.2, you: two"},
		{"a create with a comment", noted, "300, homing: three, off 192.0.2.7, off 192.0.2.8, on 192.0.2.1"},
	} {
		all := slices.Clone(full.Values)
		all[0].Disabled = true
		d.put(t, rrset{Name: full.Name, Type: full.Type, TTL: full.TTL, Values: all, Comments: full.Comments})
		if r := at(t, p, plan.ToCreate, dns.Record{}, tt.to); r.Errs[0] != nil {
			t.Errorf("%s: %v", tt.what, r.Errs[0])
		}
		if got := d.shown(t, old.Key()); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	full.Values = full.Values[:1]
	d.put(t, full)
	if r := at(t, p, plan.ToDelete, old, dns.Record{}); r.Errs[0] != nil || d.shown(t, old.Key()) != "" {
		t.Errorf("the last one: %v, %s", r.Errs[0], d.shown(t, old.Key()))
	}
	d.put(t, rrset{Name: "a.example.org.", Type: "A", TTL: 300, Values: full.Values[:0], Comments: full.Comments}) // comments of nothing
	if r := at(t, p, plan.ToCreate, dns.Record{}, bare); r.Errs[0] != nil {
		t.Errorf("a create where comments were left: %v", r.Errs[0])
	}
}

func TestWhatASetHoldsBesideStays(t *testing.T) {
	_, front, back := newFake(t, "example.org.")
	keepsTheSet(t, front, door{back, "example.org."})
}

func TestASecondaryIsNotWrittenTo(t *testing.T) {
	f, front, _ := newFake(t, "example.org.")
	f.Be("example.org.", "Slave", "DEFAULT")
	p := reaching(t, front)
	zones, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if err != nil || len(zones) != 1 || !strings.HasPrefix(zones[0].Zone.Warning, "the zone is a secondary here (Slave)") {
		t.Errorf("%+v, %v", zones, err)
	}
	r := at(t, p, plan.ToCreate, dns.Record{}, a(t, "a.example.org", "192.0.2.1"))
	const want = "create A a.example.org: the zone is a secondary here (Slave), and its primary would undo the change"
	if err := r.Errs[0]; err == nil || err.Kind != provider.Rejected || err.Error() != want || err.Hint == "" {
		t.Errorf("%v", err)
	}
	for _, c := range f.Calls() {
		if c.Sets > 0 {
			t.Error("it was written to")
		}
	}
}

func TestTheNameOfAZoneIsTold(t *testing.T) {
	_, front, _ := newFake(t, "example.org.")
	p := reaching(t, front)
	if n, err := p.ZoneName(t.Context(), "example.org."); err != nil || n != name(t, "example.org") {
		t.Errorf("%s, %v", n, err)
	}
	if _, err := p.ZoneName(t.Context(), "example.net."); err == nil {
		t.Error("a zone that is not there has a name")
	}
}

// Somebody may say which zone a name lies in, by its id or its name.
func TestAZoneThatIsNamedIsTaken(t *testing.T) {
	_, front, _ := newFake(t, "example.org.", "sub.example.org.")
	n := name(t, "a.sub.example.org")
	for what, edit := range map[string]func(p *Provider){
		"sub.example.org": func(*Provider) {},
		"example.org":     func(p *Provider) { p.zoneIDs = map[dns.Name]string{n: "example.org."} },
		" example.org":    func(p *Provider) { p.zoneNames = map[dns.Name]dns.Name{n: name(t, "example.org")} },
	} {
		p := reaching(t, front)
		edit(p)
		placed, _, err := p.Zones(t.Context(), []dns.Name{n})
		if err != nil || len(placed) != 1 || placed[0].Zone.Name.String() != strings.TrimSpace(what) {
			t.Errorf("%q: %v, %v", what, placed, err)
		}
	}
	p := reaching(t, front)
	p.zoneIDs = map[dns.Name]string{n: "nowhere.org."}
	_, unplaced, err := p.Zones(t.Context(), []dns.Name{n})
	if err != nil || len(unplaced) != 1 || unplaced[0].Err.Kind != provider.NoZone {
		t.Errorf("%v, %v", unplaced, err)
	}
}

func TestAZoneWhoseSerialStaysIsTold(t *testing.T) {
	f, front, _ := newFake(t, "example.org.")
	f.Be("example.org.", "Native", "")
	zones, _, err := reaching(t, front).Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if err != nil || len(zones) != 1 || !strings.Contains(zones[0].Zone.Warning, "pdnsutil set-meta example.org SOA-EDIT-API DEFAULT") {
		t.Errorf("%+v, %v", zones, err)
	}
}

// Between the last look and the PATCH somebody can write: PowerDNS compares
// nothing. This is the window that docs/hosts/powerdns.md names.
func TestAWriterBetweenTheLookAndThePatchLosesAndNobodyElse(t *testing.T) {
	f, front, back := newFake(t, "example.org.")
	d, p := door{back, "example.org."}, reaching(t, front)
	zone := provider.Zone{ID: "example.org.", Name: name(t, "example.org"), Limits: Limits()}
	old, moved := a(t, "a.example.org", "192.0.2.1"), a(t, "a.example.org", "192.0.2.2")
	d.seed(t, old)
	f.After(func() { d.seed(t, a(t, "a.example.org", "192.0.2.9"), a(t, "b.example.org", "192.0.2.9")) })
	r := p.Apply(t.Context(), zone, []plan.Set{{Key: old.Key(), Records: []dns.Record{old}, Changes: []plan.Change{{Action: plan.ToUpdate, Old: old, New: moved}}}})[0]
	if r.Errs[0] != nil || len(d.stored(t, old.Name)) != 1 || len(d.stored(t, name(t, "b.example.org"))) != 1 {
		t.Errorf("%v, %v", r.Errs[0], d.stored(t, old.Name))
	}
}

// What ends between the look and the PATCH has sent nothing, and says so.
func TestWhoIsStoppedBetweenTheLookAndThePatchHasTriedNothing(t *testing.T) {
	f, front, _ := newFake(t, "example.org.")
	zone := provider.Zone{ID: "example.org.", Name: name(t, "example.org"), Limits: Limits()}
	ctx, cancel := context.WithCancel(t.Context())
	made := a(t, "a.example.org", "192.0.2.1")
	p := reaching(t, front)
	p.api.HTTP.Transport = ending{p.api.HTTP.Transport, cancel}
	r := p.Apply(ctx, zone, []plan.Set{{Key: made.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: made}}}})[0]
	if err := r.Errs[0]; err == nil || err.Kind != provider.NotTried || len(f.Served("example.org.", "a.example.org.", "A")) > 0 {
		t.Errorf("%v", err)
	}
}

// SQLite, as PowerDNS uses it, takes one writer at a time.
func TestZonesArePatchedOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pdnstest.New(theKey, "example.org.", "sub.example.org.")
		p := reaching(t, "http://pdns.example.net")
		seen := &oneWriter{next: f}
		p.api.HTTP.Transport = seen
		var wg sync.WaitGroup
		for _, z := range []string{"example.org", "sub.example.org"} {
			wg.Go(func() {
				zone := provider.Zone{ID: z + ".", Name: name(t, z), Limits: Limits()}
				made := a(t, "a."+z, "192.0.2.1")
				if r := p.Apply(t.Context(), zone, []plan.Set{{Key: made.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: made}}}}); r[0].Errs[0] != nil {
					t.Error(r[0].Errs[0])
				}
			})
		}
		wg.Wait()
		if seen.most != 1 {
			t.Errorf("%d were written to at once", seen.most)
		}
	})
}

// oneWriter counts the PATCHes that are under way at the same time.
type oneWriter struct {
	next http.Handler

	mu        sync.Mutex
	now, most int
}

func (w *oneWriter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPatch {
		w.count(1)
		time.Sleep(time.Second) // of the bubble's clock: the other zone gets as far as it can
		defer w.count(-1)
	}
	answer := httptest.NewRecorder()
	w.next.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func (w *oneWriter) count(by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now += by
	w.most = max(w.most, w.now)
}

// ending ends a context once an answer was read to its end.
type ending struct {
	http.RoundTripper
	cancel func()
}

func (e ending) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := e.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = endingBody{resp.Body, e.cancel}
	}
	return resp, err
}

type endingBody struct {
	io.ReadCloser
	cancel func()
}

func (b endingBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// A refusal of everything does not make a call for each set.
func TestWhatIsRefusedIsFoundInFewCalls(t *testing.T) {
	f, front, back := newFake(t, "example.org.")
	zone := provider.Zone{ID: "example.org.", Name: name(t, "example.org"), Limits: Limits()}
	d := door{back, "example.org."}
	var sets []plan.Set
	for _, n := range strings.Fields(strings.Repeat("x ", 200)) {
		r := a(t, n+strings.Repeat("y", len(sets)%60)+strings.Repeat("z", len(sets)/60)+".example.org", "192.0.2.1")
		sets = append(sets, plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}})
	}
	d.put(t, rrset{Name: sets[100].Key.Name.String() + ".", Type: "CNAME", TTL: 300, Values: []value{{Content: "example.net."}}})
	refused := 0
	for _, r := range reaching(t, front).Apply(t.Context(), zone, sets) {
		if r.Errs[0] != nil {
			refused++
		}
	}
	if calls := len(f.Calls()); refused != 1 || calls > 10 { // the test's own among them
		t.Errorf("%d are refused, with %d calls", refused, calls)
	}
	for _, s := range sets {
		n := s.Key.Name.String() + "."
		f.Put("example.org.", pdnstest.RRset{Name: n, Type: "A"})
		f.Put("example.org.", pdnstest.RRset{Name: n, Type: "CNAME", TTL: 300, Records: []pdnstest.Value{{Content: "example.net."}}})
	}
	f.Calls()
	for _, r := range reaching(t, front).Apply(t.Context(), zone, sets) {
		if r.Errs[0] == nil || r.Errs[0].Kind != provider.Rejected && r.Errs[0].Kind != provider.NotTried {
			t.Fatal(r.Errs[0])
		}
	}
	if calls := len(f.Calls()); calls > 2*16+4 {
		t.Errorf("%d calls", calls)
	}
}

// A backend without comments, such as LMDB, refuses every set that is to have one, and
// with it all of a PATCH: the others are stored, and the mark of an owner is named.
func TestABackendWithoutCommentsHoldsUpNoOtherName(t *testing.T) {
	f, front, _ := newFake(t, "example.org.")
	f.Bare = true
	zone := provider.Zone{ID: "example.org.", Name: name(t, "example.org"), Limits: Limits()}
	var sets []plan.Set
	for _, n := range []string{"a", "b", "c", "d"} {
		r := a(t, n+".example.org", "192.0.2.1")
		if n != "b" {
			r.Comment = "homing/owner=home"
		}
		sets = append(sets, plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}})
	}
	for i, r := range reaching(t, front).Apply(t.Context(), zone, sets) {
		err := r.Errs[0]
		if (err == nil) != (i == 1) {
			t.Errorf("%s: %v", sets[i].Key, err)
		}
		if err != nil && (err.Kind != provider.Rejected || !strings.Contains(err.Error(), "keeps no comments, in which the mark of an owner would stand") || !strings.Contains(string(err.Hint), "{policy.owner_id}")) {
			t.Errorf("%s: %v → %s", sets[i].Key, err, err.Hint)
		}
		if got := f.Served("example.org.", sets[i].Key.Name.String()+".", "A"); (len(got) == 1) != (i == 1) {
			t.Errorf("%s: %v", sets[i].Key, got)
		}
	}
	patches := 0
	for _, c := range f.Calls() {
		if c.Sets > 0 {
			patches++
		}
	}
	if patches != 2 {
		t.Errorf("%d PATCHes", patches)
	}
}
