package program

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// The test binary is the program, where this names the folder of its records.
const fakeFolder = "FAKE_PROGRAM"

func TestMain(m *testing.M) {
	if folder := os.Getenv(fakeFolder); folder != "" {
		(&fake{folder: folder}).serve()
		return
	}
	goleak.VerifyTestMain(m)
}

// fake is a program as docs/hosts/exec.md describes one. It is written from there,
// refuses what is not said there, and keeps its records in a file, as somebody else
// may change them between two of its runs.
type fake struct{ folder string }

type fakeRecord struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content string `json:"content"`
	TTL     int    `json:"ttl,omitempty"`
}

type fakeZone struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type fakeRequest struct {
	Version int      `json:"version"`
	ID      int      `json:"id"`
	Do      string   `json:"do"`
	Zone    fakeZone `json:"zone"`
	Names   []string `json:"names"`
	Texts   []string `json:"texts"`
	Set     struct {
		Name   string       `json:"name"`
		Type   string       `json:"type"`
		Read   []fakeRecord `json:"read"`
		Wanted []fakeRecord `json:"wanted"`
	} `json:"set"`
}

// faults of the program; the first word of a file.
const (
	lose      = "lose"      // a write is carried out, and then it ends
	down      = "down"      // its host cannot be reached
	hang      = "hang"      // it does not answer
	ignore    = "ignore"    // a write is said to be done, and is not
	garbage   = "garbage"   // it prints what is no JSON
	crash     = "crash"     // it ends
	other     = "other"     // it answers another request
	version   = "version"   // it speaks another version
	elsewhere = "elsewhere" // it answers with another zone
	endless   = "endless"   // its answer never ends
	tells     = "tells"     // it prints its secret, to both
	orphan    = "orphan"    // it leaves a child that holds its output
	unknown   = "unknown"   // it says that it failed in a way there is not
	twice     = "twice"     // it adds what it was to add a second time
	single    = "single"    // it keeps one record of a name and type
	fixed     = "fixed"     // its TTL is 300 whatever it is told
	anyZone   = "any"       // it knows every zone
	throttle  = "throttle"
	misspelt  = "misspelt" // a key of its answer is
)

func (f *fake) fault() string {
	b, _ := os.ReadFile(filepath.Join(f.folder, "fault"))
	return string(b)
}

func (f *fake) load() (all []fakeRecord) {
	b, err := os.ReadFile(filepath.Join(f.folder, "records"))
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil && !os.IsNotExist(err) {
		panic(err)
	}
	return all
}

func (f *fake) store(all []fakeRecord) {
	b, err := json.Marshal(all)
	if err == nil {
		part := filepath.Join(f.folder, fmt.Sprintf("records.%d", os.Getpid()))
		if err = os.WriteFile(part, b, 0o600); err == nil {
			err = os.Rename(part, filepath.Join(f.folder, "records")) // others read meanwhile
		}
	}
	if err != nil {
		panic(err)
	}
}

// lock keeps others from writing, of which one may run for another zone.
func (f *fake) lock() (unlock func()) {
	at := filepath.Join(f.folder, "lock")
	for os.Mkdir(at, 0o700) != nil {
		time.Sleep(time.Millisecond)
	}
	return func() { _ = os.Remove(at) }
}

func (f *fake) note(format string, args ...any) {
	out, err := os.OpenFile(filepath.Join(f.folder, "notes"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer out.Close()
	fmt.Fprintf(out, format+"\n", args...)
}

func (f *fake) serve() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		d := json.NewDecoder(strings.NewReader(in.Text()))
		d.DisallowUnknownFields()
		var q fakeRequest
		if err := d.Decode(&q); err != nil || q.Version != 1 {
			fmt.Fprintf(os.Stderr, "I do not understand %s: %v\n", in.Text(), err)
			os.Exit(3)
		}
		a := map[string]any{"version": 1, "id": q.ID}
		for k, v := range f.answer(q) {
			a[k] = v
		}
		b, err := json.Marshal(a)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(b))
	}
}

func refuse(kind, reason string) map[string]any {
	return map[string]any{"error": map[string]any{"kind": kind, "reason": reason}}
}

func (f *fake) answer(q fakeRequest) map[string]any {
	fault := f.fault()
	write := q.Do == "apply"
	switch fault {
	case down:
		if q.Do != "limits" {
			return refuse("unavailable", "its host cannot be reached")
		}
	case hang:
		time.Sleep(time.Hour)
	case garbage:
		fmt.Println("Hello, I am a program.")
	case crash:
		fmt.Fprintln(os.Stderr, "panic: something is nil")
		os.Exit(2)
	case version:
		return map[string]any{"version": 7}
	case other:
		if q.Do != "limits" {
			return map[string]any{"id": q.ID - 1, "zones": []any{}, "records": []any{}}
		}
	case elsewhere:
		return map[string]any{"limits": map[string]any{}, "records": []fakeRecord{{"www.example.com", "A", "192.0.2.1", 300}}}
	case endless:
		for line := strings.Repeat("x", 1<<16); ; {
			if _, err := fmt.Print(line); err != nil {
				os.Exit(1)
			}
		}
	case tells:
		fmt.Fprintln(os.Stderr, "my secret is "+os.Getenv("SECRET")+" and my argument "+os.Args[1])
		return refuse("auth", "the token "+os.Getenv("SECRET")+" is refused")
	case orphan:
		life, err := os.OpenFile(filepath.Join(f.folder, "life"), os.O_WRONLY, 0)
		if err != nil {
			panic(err)
		}
		if _, err := os.StartProcess("/bin/sleep", []string{"sleep", "600"}, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr, life}}); err != nil {
			panic(err)
		}
		f.note("child")
		os.Exit(1)
	case unknown:
		if q.Do != "limits" && (write || q.Do == "zones") {
			return refuse("tired", "I am tired")
		}
	case throttle:
		if q.Do != "limits" {
			return map[string]any{"error": map[string]any{"kind": "throttled", "reason": "too much", "retry_after": 90, "hint": "wait {schedule.every}\x1b[31m"}}
		}
	case misspelt:
		if q.Do == "records" {
			return map[string]any{"record": []any{}}
		}
	}
	switch q.Do {
	case "limits":
		return map[string]any{"limits": map[string]any{"min_ttl": 60, "max_ttl": 86400, "txt": true}}
	case "zones":
		return map[string]any{"zones": []fakeZone{{"7", "example.org"}, {"8", "sub.example.org"}}}
	case "records", "apply":
		known := []fakeZone{{"7", "example.org"}, {"8", "sub.example.org"}}
		switch {
		case !slices.Contains(known, q.Zone) && fault != anyZone:
			return refuse("no zone", "there is no such zone")
		case write:
			return f.apply(q, fault)
		}
		return map[string]any{"records": f.records(q)}
	}
	return refuse("rejected", "I cannot do "+q.Do)
}

func (f *fake) records(q fakeRequest) []fakeRecord {
	for _, n := range q.Names {
		f.note("read A %s", n)
		f.note("read AAAA %s", n)
	}
	for _, n := range q.Texts {
		f.note("read TXT %s", n)
	}
	all := []fakeRecord{}
	for _, r := range f.load() {
		if r.Name == q.Zone.Name || strings.HasSuffix(r.Name, "."+q.Zone.Name) {
			all = append(all, r)
		}
	}
	return all
}

func (f *fake) apply(q fakeRequest, fault string) map[string]any {
	s := q.Set
	unlock := f.lock()
	defer unlock()
	all := f.load()
	rest := slices.DeleteFunc(slices.Clone(all), func(r fakeRecord) bool { return r.Name == s.Name && r.Type == s.Type })
	for _, w := range s.Wanted {
		switch {
		case w.Name != s.Name || w.Type != s.Type, w.TTL != 1 && (w.TTL < 60 || w.TTL > 86400):
			return refuse("rejected", "that cannot be")
		case slices.ContainsFunc(rest, func(r fakeRecord) bool { return r.Name == s.Name && (r.Type == "CNAME" || s.Type == "CNAME") }):
			return refuse("rejected", "an alias stands alone")
		}
	}
	f.note("write %s %s", s.Type, s.Name)
	wanted := s.Wanted
	for i := range wanted {
		if fault == fixed {
			wanted[i].TTL = 300
		}
	}
	switch {
	case fault == ignore:
		return nil
	case fault == twice:
		wanted = append(wanted, wanted...)
	case fault == single && len(wanted) > 1:
		wanted = wanted[:1]
	}
	f.store(append(rest, wanted...))
	if fault == lose {
		unlock()
		os.Exit(1)
	}
	return nil
}

// host is the test's own way to what a fake holds.
type host struct {
	t *testing.T
	fake
}

func newHost(t *testing.T) host {
	t.Helper()
	h := host{t, fake{t.TempDir()}}
	h.store([]fakeRecord{{"example.org", "NS", "ns1.example.net.", 3600}, {"sub.example.org", "NS", "ns1.example.net.", 3600}})
	return h
}

func (h host) fail(fault string) {
	if err := os.WriteFile(filepath.Join(h.folder, "fault"), []byte(fault), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h host) seed(records ...dns.Record) {
	all := h.load()
	for _, r := range records {
		all = append(all, fakeRecord{r.Name.String(), string(r.Type), r.Content(), r.TTL})
	}
	h.store(all)
}

func (h host) stored(n dns.Name) (all []dns.Record) {
	for _, r := range h.load() {
		if r.Name == n.String() {
			out := dns.Record{Name: n, Type: dns.Type(r.Type), TTL: r.TTL, Text: strings.TrimSuffix(r.Content, ".")}
			if ip, err := netip.ParseAddr(r.Content); err == nil {
				out.Addr, out.Text = ip, ""
			}
			all = append(all, out)
		}
	}
	return all
}

func (h host) notes() []string {
	b, _ := os.ReadFile(filepath.Join(h.folder, "notes"))
	_ = os.Remove(filepath.Join(h.folder, "notes"))
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

func (h host) trace() []string {
	var front resttest.Front
	for _, n := range h.notes() {
		word, to, _ := strings.Cut(n, " ")
		front.Note(word, to)
	}
	return front.Trace()
}

// with is a Provider of the fake.
func (h host) with(t testing.TB, c Config) *Provider {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c.Command = []string{self, "canary-argument"}
	c.Env = secret.New(fakeFolder + "=" + h.folder + "\nSECRET=canary-secret\n" + c.Env.Reveal())
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
