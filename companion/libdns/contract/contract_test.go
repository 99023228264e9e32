package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/homing-dns/homing/companion/libdns/internal/bridge"
	"github.com/homing-dns/homing/companion/libdns/internal/bridgetest"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/program"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// The test binary is the program, where this names the folder of its state.
const folderOf = "LIBDNS_TEST_FOLDER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(folderOf); folder != "" {
		l := shelf(folder).library()
		h := &bridge.Host{Name: "Test", Client: l, MinTTL: 60, MaxTTL: 86400, AutoTTL: 300, TXT: true, Full: true, Lower: bridge.Sets,
			Wire: &bridge.Wire{Next: http.DefaultTransport}, Limit: 20 * time.Second}
		if err := h.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// shelf is a folder in which the library keeps its state between two runs, of which
// several may be at once.
type shelf string

func (s shelf) library() *bridgetest.Library {
	l := &bridgetest.Library{}
	unlock := func() {}
	l.Load = func() bridgetest.State { // until Save
		unlock = s.lock()
		state := s.state()
		if state.Fault == bridgetest.Hang {
			unlock() // others go on
		}
		return state
	}
	l.Save = func(state bridgetest.State) {
		if state.Fault != bridgetest.Hang {
			s.keep(state)
			unlock()
		}
	}
	return l
}

// lock keeps others from the state.
func (s shelf) lock() (unlock func()) {
	f, err := os.OpenFile(filepath.Join(string(s), "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		panic(err)
	}
	return func() { f.Close() }
}

func (s shelf) state() (state bridgetest.State) {
	b, err := os.ReadFile(filepath.Join(string(s), "state"))
	if err == nil {
		err = json.Unmarshal(b, &state)
	}
	if err != nil {
		panic(err)
	}
	return state
}

func (s shelf) keep(state bridgetest.State) {
	b, err := json.Marshal(state)
	if err == nil {
		if err = os.WriteFile(filepath.Join(string(s), "new"), b, 0o600); err == nil {
			err = os.Rename(filepath.Join(string(s), "new"), filepath.Join(string(s), "state"))
		}
	}
	if err != nil {
		panic(err)
	}
}

// change is somebody else's.
func (s shelf) change(do func(*bridgetest.State)) {
	defer s.lock()()
	state := s.state()
	do(&state)
	s.keep(state)
}

func newShelf(t *testing.T) shelf {
	s := shelf(t.TempDir())
	ns := []libdns.RR{{Name: "@", Type: "NS", Data: "ns1.example.net.", TTL: time.Hour}}
	s.keep(bridgetest.State{Zones: map[string][]libdns.RR{"example.org.": ns, "sub.example.org.": ns}})
	return s
}

func (s shelf) fail(fault string) { s.change(func(state *bridgetest.State) { state.Fault = fault }) }

// zoneOf is the zone of a name, and the name in it.
func zoneOf(n dns.Name) (zone, label string) {
	for _, z := range []string{"sub.example.org.", "example.org."} {
		if name := n.String() + "."; name == z || strings.HasSuffix(name, "."+z) {
			return z, libdns.RelativeName(name, z)
		}
	}
	panic(n)
}

func (s shelf) seed(records ...dns.Record) {
	s.change(func(state *bridgetest.State) {
		for _, r := range records {
			zone, label := zoneOf(r.Name)
			state.Zones[zone] = append(state.Zones[zone], libdns.RR{Name: label, Type: string(r.Type), Data: textOf(r), TTL: time.Duration(r.TTL) * time.Second})
		}
	})
}

// textOf is the content of a record as libdns has it.
func textOf(r dns.Record) string {
	if r.Type != dns.TXT {
		return r.Content()
	}
	text, err := bridge.Unquote(r.Content())
	if err != nil {
		panic(err)
	}
	return text
}

func (s shelf) stored(n dns.Name) (all []dns.Record) {
	zone, label := zoneOf(n)
	for _, r := range s.state().Zones[zone] {
		if r.Name != label {
			continue
		}
		out := dns.Record{Name: n, Type: dns.Type(r.Type), TTL: int(r.TTL / time.Second)}
		switch ip, err := netip.ParseAddr(r.Data); {
		case err == nil && r.Type != "TXT":
			out.Addr = ip
		case r.Type == "TXT":
			out = rest.RecordFromValue(dns.Key{Name: n, Type: dns.TXT}, bridge.Quote(r.Data))
			out.TTL = int(r.TTL / time.Second)
		default:
			out.Text = strings.TrimSuffix(r.Data, ".")
		}
		all = append(all, out)
	}
	return all
}

// trace is what was done since it was asked last: of reads beside each other one, and
// not those that confirm the last write.
func (s shelf) trace() (words []string) {
	s.change(func(state *bridgetest.State) {
		words = slices.Compact(slices.DeleteFunc(state.Trace, func(w string) bool { return w == "list" }))
		state.Trace = nil
	})
	if n := len(words); n > 0 && words[n-1] == "read" {
		words = words[:n-1]
	}
	return words
}

func (s shelf) provider(t *testing.T) *program.Provider {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(program.Config{Command: []string{self}, Env: secret.New(folderOf + "=" + string(s)), Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func name(t *testing.T, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheContract(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		s := newShelf(t)
		return providertest.Subject{
			Provider: s.provider(t), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 20, Sets: true, Uncut: true,
			Seed:   func(_ *testing.T, records ...dns.Record) { s.seed(records...) },
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return s.stored(n) },
			Trace:  func(*testing.T) []string { return s.trace() },
			Faults: &providertest.Faults{
				LoseAnswers: func(*testing.T) { s.fail(bridgetest.Die) },
				GoDown:      func(*testing.T) { s.fail(bridgetest.Down) },
				Hang:        func(*testing.T) { s.fail(bridgetest.Hang) },
				Ignore:      func(*testing.T, dns.Record) { s.fail(bridgetest.Ignore) },
			},
		}
	})
}

// libdns has a TXT record as one text: one that is cut in two is refused, and not
// written in another way.
func TestATextThatIsCut(t *testing.T) {
	s := newShelf(t)
	p := s.provider(t)
	placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "example.org")})
	if err != nil || len(placed) != 1 {
		t.Fatal(placed, err)
	}
	r := dns.Record{Name: name(t, "a.example.org"), Type: dns.TXT, Text: `"in two " "strings"`, TTL: 300}
	got := p.Apply(t.Context(), placed[0].Zone, []plan.Set{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}})[0]
	if got.Errs[0] == nil || got.Errs[0].Kind != provider.Rejected || len(s.stored(r.Name)) != 0 {
		t.Error(got.Errs[0], s.stored(r.Name))
	}
}
