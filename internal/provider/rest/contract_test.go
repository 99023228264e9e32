package rest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

// A host in under two hundred lines keeps the contract, because this package
// keeps most of it.
func TestATinyHostKeepsTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		zone, err := dns.ParseName("example.org")
		if err != nil {
			t.Fatal(err)
		}
		s := &tinyServer{zone: memory.Zone(zone)}
		s.zone.Limits = plan.Limits{Comment: 100, Tags: 20}
		s.host = memory.New(s.zone)
		c := serving(t, s.ServeHTTP)
		c.Quota = NewQuota(Limit{Host: "Tiny"})
		return providertest.Subject{
			Provider: &tiny{c}, Zone: zone, Many: 120, Tags: []string{"owner:homing"},
			Seed: func(_ *testing.T, all ...dns.Record) {
				for _, r := range all {
					s.host.Put(r)
				}
			},
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return s.host.At(n) },
			Faults: &providertest.Faults{
				LoseAnswers: func(*testing.T) { s.fault.Store(loseAnswers) },
				GoDown:      func(*testing.T) { s.fault.Store(goDown) },
				Hang:        func(*testing.T) { s.fault.Store(hang) },
			},
		}
	})
}

// tinyServer is the made-up API over a host in memory.
type tinyServer struct {
	host  *memory.Host
	zone  provider.Zone
	fault atomic.Int32
}

const (
	loseAnswers = iota + 1
	goDown
	hang
)

const pageSize = 50

func (s *tinyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	read := r.Method == http.MethodGet
	switch s.fault.Load() {
	case goDown:
		says(http.StatusBadGateway, "down")(w, r)
		return
	case hang:
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
		return
	case loseAnswers:
		if !read {
			defer panic(http.ErrAbortHandler)
		}
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/v1/zones"); {
	case r.Header.Get("Authorization") != "Bearer "+theSecret:
		says(http.StatusUnauthorized, `{}`)(w, r)
	case path == "":
		reply(w, []tinyZone{{s.zone.ID, s.zone.Name.String()}})
	case path == "/"+s.zone.ID+"/records" && read:
		s.list(w, r)
	case strings.HasPrefix(path, "/"+s.zone.ID+"/records"):
		s.write(w, r, strings.TrimPrefix(strings.TrimPrefix(path, "/"+s.zone.ID+"/records"), "/"))
	default:
		says(http.StatusNotFound, `{}`)(w, r)
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (s *tinyServer) list(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	all := s.host.All()
	from := min((page-1)*pageSize, len(all))
	rows := []tinyRecord{}
	for _, r := range all[from:min(from+pageSize, len(all))] {
		rows = append(rows, rowOf(r))
	}
	reply(w, rows)
}

func rowOf(r dns.Record) tinyRecord {
	return tinyRecord{r.ID, string(r.Type), r.Name.String(), r.Content(), r.TTL, r.Proxied, r.Comment, r.Tags}
}

// write makes one change, by the rules of the host in memory.
func (s *tinyServer) write(w http.ResponseWriter, r *http.Request, id string) {
	c := plan.Change{Action: map[string]plan.Action{http.MethodPost: plan.ToCreate, http.MethodPatch: plan.ToUpdate, http.MethodDelete: plan.ToDelete}[r.Method]}
	for _, have := range s.host.All() {
		if have.ID == id {
			c.Old = have
		}
	}
	if c.Action != plan.ToCreate && c.Old.ID == "" {
		says(http.StatusNotFound, `{}`)(w, r)
		return
	}
	row := rowOf(c.Old)
	if c.Action != plan.ToDelete {
		if err := json.NewDecoder(r.Body).Decode(&row); err != nil {
			says(http.StatusBadRequest, `{}`)(w, r)
			return
		}
	}
	c.New, _ = row.record()
	set := plan.Set{Key: c.Key(), Changes: []plan.Change{c}}
	result := s.host.Apply(r.Context(), s.zone, []plan.Set{set})[0]
	switch err := result.Errs[0]; {
	case err != nil && err.Kind == provider.Stale:
		says(http.StatusConflict, `{}`)(w, r)
	case err != nil:
		says(http.StatusUnprocessableEntity, `{}`)(w, r)
	case c.Action == plan.ToDelete:
		w.WriteHeader(http.StatusNoContent)
	default:
		reply(w, rowOf(s.stored(c)))
	}
}

// stored is what became of a change.
func (s *tinyServer) stored(c plan.Change) (r dns.Record) {
	for _, have := range s.host.At(c.New.Name) {
		if have.ID == c.Old.ID || c.Old.ID == "" && have.Key() == c.New.Key() && have.Content() == c.New.Content() {
			r = have
		}
	}
	return r
}
