package year

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/cloudflare"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/sim"
)

// wired is Cloudflare, as homing's own client reaches it over HTTP.
type wired struct {
	w     *world
	cloud *sim.Cloudflare
	known []dns.Record // what stood there after the latest step of anybody's
}

const token = "a-token"

func newWired(w *world) *wired {
	c := &wired{w: w, cloud: sim.NewCloudflare()}
	c.cloud.AddToken(sim.Token{Value: token})
	c.cloud.LimitRate(0, 0)
	c.cloud.SetOptions(sim.Options{ReadLatency: 61*time.Millisecond + 7, WriteLatency: 123*time.Millisecond + 11, RecordPage: w.dice.among(0, 0, 3),
		ItemPage: w.dice.among(0, 2), ListDelay: listDelay})
	for _, z := range w.settings.zones {
		c.cloud.AddZone(sim.Zone{Name: z.String(), Plan: []string{"free", "pro"}[w.dice.IntN(2)]})
	}
	return c
}

func (c *wired) proxies() bool { return true }
func (c *wired) close()        {}

// connect gives a process a network of its own, which ends with it.
func (c *wired) connect(*process) (provider.Provider, httpx.Dial, func()) {
	net := sim.Pipes(c.w.places[0].home)
	net.Handle("/client/v4/", c)
	api := httpx.New(httpx.Options{Dial: net.Dial})
	p, err := cloudflare.New(cloudflare.Config{Credential: cloudflare.Credential{Token: secret.New(token)},
		BaseURL: "http://127.0.0.1/client/v4", Client: api, Timeout: 29 * time.Second}) // not to end at the same moment as the round's time
	must(err)
	return p, net.Dial, func() {
		api.CloseIdle()
		net.Close()
	}
}

// ServeHTTP answers as Cloudflare does, and looks at what became of its records.
func (c *wired) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer c.w.locked(c.catchUp)
	var away time.Duration
	c.w.locked(func() {
		c.w.called("")
		away = c.w.dormant() + 1 + time.Duration(c.w.lots.draw("way"+r.Method+r.URL.Path)%9_000_000)
	})
	if !pass(r, away) {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Connection", "close") // whether one is free again at once is not for a seed to say
	c.cloud.ServeHTTP(w, r)
}

// catchUp holds what homing changed since the latest look. w.mu is held.
func (c *wired) catchUp() {
	now := c.all()
	before := c.known
	c.known = now
	c.w.wrote(before, now)
	c.w.lookLists()
}

// all is the records of all zones, in the form homing has them in.
func (c *wired) all() (all []dns.Record) {
	for _, z := range c.w.settings.zones {
		for _, r := range c.cloud.Records(z.String()) {
			all = append(all, recordOf(r))
		}
	}
	return all
}

func recordOf(r sim.Record) dns.Record {
	of := dns.Record{ID: r.ID, Name: name(r.Name), Type: dns.Type(r.Type), Proxied: r.Proxied, TTL: r.TTL, Comment: r.Comment, Tags: r.Tags}
	if a, err := netip.ParseAddr(r.Content); err == nil && of.Type.IsAddress() {
		of.Addr = a
	} else {
		of.Text = r.Content
	}
	return of
}

func (c *wired) zoneOf(n dns.Name) string {
	longest := dns.Name{}
	for _, z := range c.w.settings.zones {
		if n.IsWithin(z) && len(z.String()) > len(longest.String()) {
			longest = z
		}
	}
	return longest.String()
}

func (c *wired) put(r dns.Record) dns.Record {
	c.catchUp()
	defer func() { c.known = c.all() }()
	return recordOf(c.cloud.AddRecord(c.zoneOf(r.Name), sim.Record{ID: r.ID, Name: r.Name.String(), Type: string(r.Type), Content: r.Content(),
		Proxied: r.Proxied, TTL: r.TTL, Comment: r.Comment, Tags: r.Tags}))
}

func (c *wired) swap(was, r dns.Record) dns.Record {
	c.remove(was)
	return c.put(r)
}

func (c *wired) remove(r dns.Record) {
	c.catchUp()
	defer func() { c.known = c.all() }()
	c.cloud.RemoveRecord(c.zoneOf(r.Name), r.ID)
}

// wireFaults are what goes wrong on the way to Cloudflare, and there.
func wireFaults() (all []fault) {
	reads, writes := sim.IsRead, sim.IsWrite
	both := func(sim.Call) bool { return true }
	const patience = 90 * time.Second
	deep := `{"success":false,"result":null,"messages":[],"errors":[` + strings.Repeat(`{"code":1004,"message":"no","error_chain":[`, 3000) +
		strings.Repeat(`]}`, 3000) + `]}`
	for _, f := range []struct {
		kind   string
		at     func(sim.Call) bool
		how    sim.Fault
		n      uint64
		within time.Duration
		wait   time.Duration
	}{
		{"answers that are lost", writes, sim.LoseAnswer(), 2, 0, 0},
		{"answers that come too late", writes, sim.StallAnswer(), 3, 0, 0},
		{"answers that are cut", both, sim.CutAnswer(), 3, 0, 0},
		{"half of the JSON", both, sim.HalfJSON(), 3, 0, 0},
		{"connections that are reset", both, sim.Disconnect(), 2, 0, 0},
		{"nobody answers", both, sim.Stall(), 2, 0, 0},
		{"HTML with status 502", both, sim.HTML(http.StatusBadGateway), 1, 0, 0},
		{"HTML with status 200", both, sim.HTML(http.StatusOK), 2, 0, 0},
		{"an error inside", both, sim.Refuse(http.StatusInternalServerError, 10001, "internal"), 2, 0, 0},
		{"an error that is 3,000 deep", both, sim.Answer(http.StatusBadRequest, http.Header{"Content-Type": {"application/json"}}, deep), 2, 15*time.Minute + every, 0},
		{"a host that asks to wait", both, sim.Throttle(patience), 2, 5*time.Minute + every, patience},
		{"a credential that is refused", both, sim.Refuse(http.StatusForbidden, 10000, "Authentication error"), 1, 15*time.Minute + every, 0},
		{"a redirect", reads, sim.RedirectTo("http://192.0.2.1/"), 2, 15*time.Minute + every, 0},
		{"listings that miss a part", sim.ToRoute(sim.ListRecords), lastPageShort(), 1, 2*resync + 3*every, 0},
		{"listings that show nothing", sim.ToRoute(sim.ListRecords), sim.EmptyList(), 1, 2*resync + 3*every, 0},
	} {
		all = append(all, fault{kind: f.kind, within: f.within, fits: func(w *world) bool { return w.report.Wire }, begin: onWire(f.at, f.how, f.n, f.wait)})
	}
	return all
}

// lastPageShort has listings leave out what would stand at the end of a page, and
// count it all the same.
func lastPageShort() sim.Fault {
	return sim.WithHandler(func(w http.ResponseWriter, _ *http.Request, serve func(http.ResponseWriter)) {
		a := &reply{header: w.Header(), status: http.StatusOK}
		serve(a)
		var whole map[string]any
		if json.Unmarshal(a.body.Bytes(), &whole) == nil {
			if all, ok := whole["result"].([]any); ok {
				whole["result"] = all[:len(all)/2]
				text, err := json.Marshal(whole)
				must(err)
				a.body = *bytes.NewBuffer(text)
			}
		}
		a.header.Del("Content-Length")
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body.Bytes())
	})
}

// onWire has one in n of such calls go wrong.
func onWire(at func(sim.Call) bool, how sim.Fault, n uint64, wait time.Duration) func(*world) func() {
	return func(w *world) func() {
		c := w.host.store.(*wired)
		c.cloud.Fail(func(call sim.Call) bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			hit := at(call) && w.lots.draw("wire"+call.Method+call.Path)%n == 0
			if hit {
				w.tell("    ⚡ %s %s", call.Method, call.Route)
			}
			if hit {
				w.clear = time.Now() // what is listed may be wrong from here on
			}
			if hit && wait > 0 {
				w.wait("", wait)
			}
			return hit
		}, how)
		return func() {
			c.cloud.Heal()
			w.unclear()
		}
	}
}
