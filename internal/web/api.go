package web

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/status"
)

// schema is the number of the JSON forms of the API. Fields are added under
// the same number; openapi.json describes them.
const schema = 1

type statusJSON struct {
	Schema     int                `json:"schema"`
	Version    string             `json:"version"`
	Level      string             `json:"level"`
	Sentence   string             `json:"sentence"`
	Healthy    bool               `json:"healthy"`
	Ready      bool               `json:"ready"`
	Began      time.Time          `json:"began"`
	LastCheck  *time.Time         `json:"last_check"`
	LastUpdate *time.Time         `json:"last_update"`
	Next       *time.Time         `json:"next"`
	Tally      tallyJSON          `json:"records"`
	Families   []*familyJSON      `json:"families"`
	RRsets     []*rrsetJSON       `json:"rrsets"`
	Conditions []status.Condition `json:"conditions"`
	Rounds     []*briefJSON       `json:"rounds"`
	Sites      []siteJSON         `json:"sites,omitempty"` // those that have names
	Bell       *status.Bell       `json:"bell,omitempty"`  // what rang last
	TruthMS    int64              `json:"truth_ms,omitempty"`
	Zones      []*zoneJSON        `json:"zones"`
}

// zoneJSON is a zone whose records are known, and since when as they are shown.
type zoneJSON struct {
	Account string    `json:"account,omitempty"`
	Zone    string    `json:"zone"`
	Read    time.Time `json:"read"`
}

// siteJSON is a site with a name.
type siteJSON struct {
	Site     string        `json:"site"`
	Families []*familyJSON `json:"families"`
}

type tallyJSON struct {
	Right      int `json:"right"`
	Wrong      int `json:"wrong"`
	NotKnown   int `json:"not_known"`
	OutOfScope int `json:"out_of_scope"`
}

type familyJSON struct {
	Family    string        `json:"family"`
	Known     bool          `json:"known"`
	Addresses []netip.Addr  `json:"addresses"` // the latest that were known
	Since     *time.Time    `json:"since"`
	LostAt    *time.Time    `json:"lost_at"`
	Why       string        `json:"why,omitempty"`
	Votes     []status.Vote `json:"votes"`
}

type rrsetJSON struct {
	Account string        `json:"account,omitempty"`
	Zone    string        `json:"zone,omitempty"`
	Name    string        `json:"name"`
	Type    string        `json:"type"`
	State   string        `json:"state"`
	Wanted  []string      `json:"wanted"`
	Read    bool          `json:"read"`
	Records []*recordJSON `json:"records"`
	Changed *time.Time    `json:"changed"`
}

type recordJSON struct {
	Content string `json:"content"`
	Proxied bool   `json:"proxied"`
	TTL     int    `json:"ttl"`
	Comment string `json:"comment,omitempty"`
}

type briefJSON struct {
	Round   int       `json:"round"`
	Started time.Time `json:"started"`
	TookMS  int64     `json:"took_ms"`
	Outcome string    `json:"outcome"`
	Done    int       `json:"done"`
	Failed  int       `json:"failed"`
	Calls   int64     `json:"calls"`
}

func (s *Server) serveStatus(w http.ResponseWriter, r *http.Request) {
	now := s.cfg.Board.Now()
	verdict, t := s.verdict(now), now.Tally()
	out := &statusJSON{Schema: schema, Version: s.cfg.Version, Level: verdict.Level.String(), Sentence: verdict.Sentence,
		Healthy: s.healthy(now), Ready: !now.Round.Started.IsZero(), Began: now.Began,
		LastCheck: timeOrNull(lastCheck(now)), LastUpdate: timeOrNull(now.Updated), Next: timeOrNull(now.Round.Next),
		Tally:    tallyJSON{t.Right, t.Wrong, t.NotKnown, t.OutOfScope},
		Families: []*familyJSON{}, RRsets: []*rrsetJSON{}, Conditions: orEmpty(now.Round.Conditions), Rounds: []*briefJSON{}, Zones: []*zoneJSON{}}
	out.Bell, out.TruthMS = now.Bell, now.Truth.Milliseconds()
	for _, o := range now.Round.Seen.Origins() {
		j := newFamilyJSON(o.Family, now.Round.Seen[o], now.Addrs[o])
		switch last := len(out.Sites) - 1; {
		case o.Site == "":
			out.Families = append(out.Families, j)
		case last >= 0 && out.Sites[last].Site == o.Site:
			out.Sites[last].Families = append(out.Sites[last].Families, j)
		default:
			out.Sites = append(out.Sites, siteJSON{o.Site, []*familyJSON{j}})
		}
	}
	sets := now.RRsets()
	for i := range sets {
		out.RRsets = append(out.RRsets, newRRsetJSON(&sets[i]))
	}
	for _, h := range now.Held {
		out.Zones = append(out.Zones, &zoneJSON{h.Account, h.Zone.String(), h.Read})
	}
	for _, b := range now.Rounds {
		out.Rounds = append(out.Rounds, &briefJSON{b.Number, b.Started, b.Took.Milliseconds(), b.Outcome.String(), b.Done, b.Failed, b.Calls})
	}
	s.writeAPI(w, r, out)
}

func newFamilyJSON(f addr.Family, o addr.Observation, a status.Addresses) *familyJSON {
	return &familyJSON{Family: f.String(), Known: o.Known(), Addresses: orEmpty(a.Addrs), Since: timeOrNull(a.Since),
		LostAt: timeOrNull(a.Lost), Why: why(o), Votes: status.Votes(o)}
}

func newRRsetJSON(set *status.RRset) *rrsetJSON {
	j := &rrsetJSON{Account: set.Account, Zone: set.Zone.String(), Name: set.Key.Name.String(), Type: string(set.Key.Type),
		State: set.State.String(), Wanted: contents(set.Wanted), Read: set.Read, Records: []*recordJSON{}, Changed: timeOrNull(set.Changed)}
	for i := range set.Records {
		d := &set.Records[i]
		j.Records = append(j.Records, &recordJSON{d.Content(), d.Proxied, d.TTL, d.Comment})
	}
	return j
}

// contents is what records say, as a DNS host writes it.
func contents(all []dns.Data) []string {
	words := make([]string, len(all))
	for i, d := range all {
		words[i] = d.String()
	}
	return words
}

// writeAPI answers a script.
func (s *Server) writeAPI(w http.ResponseWriter, r *http.Request, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.refuseWith(w, r, http.StatusInternalServerError, "The answer could not be written")
		return
	}
	writePacked(w, r, http.StatusOK, "application/json", b)
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func why(o addr.Observation) string {
	if o.Known() {
		return ""
	}
	return o.Why().Error()
}

// orEmpty keeps a missing list from becoming null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
