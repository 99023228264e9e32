package providertest

import (
	"bytes"
	"errors"
	"fmt"
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
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/scaletest"
)

// WiredZone is the zone of every Wired host.
const WiredZone = "example.org"

// Wired is a host with an HTTP API, by what it answers to one who reads.
type Wired struct {
	// Make is a Provider before a fake, which it reaches through front, without a
	// network. The fake has WiredZone, and an A record at each of these names.
	Make func(t testing.TB, names []dns.Name, front func(http.Handler) http.Handler) provider.Provider
	// Nothing are answers of this API that say nothing, beside the usual ones, of which
	// Empty is one by which it says in truth that there is nothing.
	Nothing []string
	Empty   string
	// PassesOver is why rows that do not say what they are about are passed over; empty
	// where none is.
	PassesOver string
	// MayLack are members without which a row says in truth that it holds nothing.
	MayLack []string
}

// Run looks at answers that say nothing, and at long ones.
func (w Wired) Run(t *testing.T) {
	t.Run("an answer that says nothing is no empty list", w.nothing)
	t.Run("a row that lacks something is not taken for none", w.lacking)
	t.Run("a long answer is read in linear time", w.linear)
}

func wiredNames(t testing.TB, n int) (all []dns.Name) {
	t.Helper()
	for i := range n {
		name, err := dns.ParseName(fmt.Sprintf("h%d.%s", i, WiredZone))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	return all
}

// nothing has the listing of zones, and then that of records, say nothing.
func (w Wired) nothing(t *testing.T) {
	for _, body := range append([]string{``, `{}`, `[]`, `null`, `true`, `{"hello":"world"}`, `{"success":true}`, `[{}]`, `[null]`,
		"<html><title>Log in to the Wi-Fi of the hotel</title></html>", `<?xml version="1.0"?><Hello/>`}, w.Nothing...) {
		if w.Empty != "" && body == w.Empty {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			names, m := wiredNames(t, 1), &meddler{}
			p := w.Make(t, names, m.before)
			m.says(http.StatusOK, body)
			placed, unplaced, err := p.Zones(t.Context(), names)
			if err == nil && (len(placed) > 0 || slices.ContainsFunc(unplaced, func(u provider.Unplaced) bool { return u.Err.Kind == provider.NoZone })) {
				t.Errorf("a list of zones that is %q: %v, %v", body, placed, unplaced)
			}
			m.truly()
			p = w.Make(t, names, m.before)
			if placed, _, err = p.Zones(t.Context(), names); err != nil || len(placed) != 1 {
				t.Fatal(placed, err)
			}
			m.says(http.StatusOK, body)
			if records, err := p.Records(t.Context(), placed[0].Zone, names); err == nil {
				t.Errorf("a list of records that is %q reads as %v", body, records)
			}
		})
	}
}

// linear reads zones whose answers are long, again and again: what the fake works is
// not counted.
func (w Wired) linear(t *testing.T) {
	scaletest.Linear(t, "records", 200, func(n int) func() {
		names, m := wiredNames(t, n), &meddler{}
		p := w.Make(t, names, m.before)
		placed, _, err := p.Zones(t.Context(), names[:1])
		if err != nil || len(placed) != 1 {
			t.Fatal(placed, err)
		}
		m.keep()
		return func() {
			if records, err := p.Records(t.Context(), placed[0].Zone, names); err != nil || len(records) != n {
				t.Fatal(len(records), err)
			}
		}
	})
}

// Fuzz reads answers that are anything: no Provider fails inside, asks without end, or
// reads what was not asked for; and what it does not read is an error of a kind.
func (w Wired) Fuzz(f *testing.F) {
	for _, body := range append([]string{``, `{}`, `[]`, `null`}, append(w.real(f), w.Nothing...)...) {
		f.Add(uint8(0), []byte(body))
		f.Add(uint8(1), []byte(body))
	}
	f.Fuzz(func(t *testing.T, status uint8, body []byte) {
		synctest.Test(t, func(t *testing.T) {
			names, m := wiredNames(t, 2), &meddler{}
			p := w.Make(t, names, m.before)
			placed, _, err := p.Zones(t.Context(), names)
			if err != nil || len(placed) != len(names) {
				t.Fatal(placed, err)
			}
			zone := placed[0].Zone
			codes := []int{http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests, http.StatusBadGateway}
			m.says(codes[int(status)%len(codes)], string(body))
			if records, err := p.Records(t.Context(), zone, names); err == nil {
				for _, r := range records {
					if !slices.Contains(names, r.Name) && r.Type != dns.NS || !r.Name.IsWithin(zone.Name) || r.Data() == (dns.Data{}) && r.Type != dns.TXT {
						t.Errorf("%q reads as %v", body, r)
					}
				}
			} else if !isOfAKind(err) {
				t.Errorf("%q: %v", body, err)
			}
			if _, _, err := p.Zones(t.Context(), names); err != nil && !isOfAKind(err) {
				t.Errorf("%q: %v", body, err)
			}
			if m.asked > maxAsked {
				t.Errorf("%q has it ask %d times", body, m.asked)
			}
		})
	})
}

// real are the answers of the fake, for a beginning.
func (w Wired) real(t testing.TB) (all []string) {
	names, m := wiredNames(t, 2), &meddler{}
	m.keep()
	p := w.Make(t, names, m.before)
	placed, _, err := p.Zones(t.Context(), names)
	if err == nil {
		_, err = p.Records(t.Context(), placed[0].Zone, names)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range m.kept {
		all = append(all, kept.Body.String())
	}
	slices.Sort(all)
	return all
}

// maxAsked is how many calls an answer may cost that says there are more.
const maxAsked = 1100

func isOfAKind(err error) bool {
	_, ok := errors.AsType[*provider.Error](err)
	return ok
}

// meddler stands before a fake, and answers in its place. What gives tokens works on.
type meddler struct {
	mu     sync.Mutex
	host   http.Handler
	status int // 0: as the host says
	body   string
	asked  int
	how    func(kind, body string) string // what is made of what the host says; nil: nothing
	keeps  bool
	kept   map[string]*httptest.ResponseRecorder
}

func (m *meddler) before(host http.Handler) http.Handler {
	m.host = host
	return m
}

func (m *meddler) says(status int, body string) { m.set(status, body, false) }
func (m *meddler) truly()                       { m.set(0, "", false) }
func (m *meddler) keep()                        { m.set(0, "", true) }

func (m *meddler) set(status int, body string, keeps bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status, m.body, m.keeps, m.asked, m.kept = status, body, keeps, 0, make(map[string]*httptest.ResponseRecorder)
}

func (m *meddler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	m.mu.Lock()
	defer m.mu.Unlock()
	switch at := r.Method + " " + r.URL.String() + " " + string(body); {
	case strings.Contains(r.URL.Path, "token"):
		m.host.ServeHTTP(w, r)
	case m.status != 0:
		if m.asked++; m.asked > 2*maxAsked {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
		w.WriteHeader(m.status)
		_, _ = io.WriteString(w, m.body)
	case m.how != nil:
		m.rewritten(w, r)
	case m.keeps:
		kept := m.kept[at]
		if kept == nil {
			kept = httptest.NewRecorder()
			m.host.ServeHTTP(kept, r)
			m.kept[at] = kept
		}
		for k, v := range kept.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	default:
		m.host.ServeHTTP(w, r)
	}
}
