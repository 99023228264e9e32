package status

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// Schema is the number of the JSON form of a Round. Fields are added under the
// same number; it changes when one is renamed or means something else.
const Schema = 1

type roundJSON struct {
	Schema     int          `json:"schema"`
	Round      int          `json:"round"`
	Outcome    string       `json:"outcome"`
	Dry        bool         `json:"dry"`
	Started    time.Time    `json:"started"`
	TookMS     int64        `json:"took_ms"`
	Calls      int64        `json:"calls"`
	Next       *time.Time   `json:"next,omitempty"`
	Bell       *Bell        `json:"bell,omitempty"`
	TruthMS    int64        `json:"truth_ms,omitempty"`
	Families   []familyJSON `json:"families"`
	Zones      []zoneJSON   `json:"zones"`
	Lists      []listJSON   `json:"lists"`
	Conditions []Condition  `json:"conditions"`
	Sites      []siteJSON   `json:"sites,omitempty"` // those that have names
}

// siteJSON is a site with a name.
type siteJSON struct {
	Site     string       `json:"site"`
	Families []familyJSON `json:"families"`
}

type familyJSON struct {
	Family    string       `json:"family"`
	Known     bool         `json:"known"`
	Addresses []netip.Addr `json:"addresses"`
	Why       string       `json:"why,omitempty"`
	Votes     []Vote       `json:"votes"`
}

type zoneJSON struct {
	Account string     `json:"account,omitempty"`
	Zone    string     `json:"zone"`
	Plan    *plan.Plan `json:"plan"`
	Done    []doneJSON `json:"done"`
}

type listJSON struct {
	Account string         `json:"account,omitempty"`
	List    string         `json:"list"`
	Plan    *plan.ListPlan `json:"plan"`
	Done    []doneJSON     `json:"done"`
}

type doneJSON struct {
	Change any    `json:"change"` // a plan.Change or a plan.ListChange
	OK     bool   `json:"ok"`
	Error  string `json:"error,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// MarshalJSON writes the round as scripts read it.
func (r Round) MarshalJSON() ([]byte, error) {
	j := roundJSON{Schema: Schema, Round: r.Number, Outcome: r.Outcome().String(), Dry: r.Dry, Started: r.Started,
		TookMS: r.Took.Milliseconds(), Calls: r.Calls, Bell: r.Bell, TruthMS: r.Truth.Milliseconds(),
		Families: []familyJSON{}, Zones: []zoneJSON{}, Lists: []listJSON{}, Conditions: append([]Condition{}, r.Conditions...)}
	if !r.Next.IsZero() {
		j.Next = &r.Next
	}
	for _, o := range r.Seen.Origins() {
		of := newFamilyJSON(o.Family, r.Seen[o])
		switch last := len(j.Sites) - 1; {
		case o.Site == "":
			j.Families = append(j.Families, of)
		case last >= 0 && j.Sites[last].Site == o.Site:
			j.Sites[last].Families = append(j.Sites[last].Families, of)
		default:
			j.Sites = append(j.Sites, siteJSON{o.Site, []familyJSON{of}})
		}
	}
	for i := range r.Zones {
		z := &r.Zones[i]
		done := []doneJSON{}
		for i := range z.Done {
			d := &z.Done[i]
			done = append(done, newDoneJSON(&d.Change, d.Err, d.Hint))
		}
		j.Zones = append(j.Zones, zoneJSON{z.Account, z.Name.String(), &z.Plan, done})
	}
	for i := range r.Lists {
		l := &r.Lists[i]
		done := []doneJSON{}
		for i := range l.Done {
			d := &l.Done[i]
			done = append(done, newDoneJSON(&d.ListChange, d.Err, d.Hint))
		}
		j.Lists = append(j.Lists, listJSON{l.Account, l.Name, &l.Plan, done})
	}
	return json.Marshal(&j)
}

func newFamilyJSON(f addr.Family, o addr.Observation) familyJSON {
	return familyJSON{Family: f.String(), Known: o.Known(), Addresses: o.Addrs(), Why: textOf(o.Why()), Votes: Votes(o)}
}

func newDoneJSON(change any, err error, hint text.Hint) doneJSON {
	return doneJSON{change, err == nil, textOf(err), hint.String()}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
