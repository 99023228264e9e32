package program

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// Version is that of the protocol, in every line.
const Version = 1

// What a program is asked to do. The first request is always limits.
const (
	doLimits  = "limits"
	doZones   = "zones"
	doRecords = "records"
	doApply   = "apply"
)

// Bounds of what a program may answer.
const (
	maxLine    = 16 << 20 // octets
	maxZones   = 10_000
	maxRecords = 200_000
	maxID      = 500 // octets of the id of a zone
)

// request is a line to the program.
type request struct {
	Version int          `json:"version"`
	ID      int64        `json:"id"`
	Do      string       `json:"do"`
	Zone    *zoneMessage `json:"zone,omitempty"`
	Names   []string     `json:"names,omitempty"` // without a dot at the end
	Texts   []string     `json:"texts,omitempty"` // names whose TXT records are wanted
	Set     *setMessage  `json:"set,omitempty"`
}

type zoneMessage struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// setMessage is a set as it was read immediately before, and as it is to stand.
type setMessage struct {
	Name   string          `json:"name"`
	Type   string          `json:"type"`
	Read   []recordMessage `json:"read"`
	Wanted []recordMessage `json:"wanted"` // none: the set goes
}

// recordMessage is a record. Its content is as a zone file has it, a TTL of 1 or
// none is the automatic one.
type recordMessage struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content string `json:"content"`
	TTL     int    `json:"ttl,omitempty"`
}

// response is a line of the program.
type response struct {
	Version int             `json:"version"`
	ID      int64           `json:"id"`
	Error   *errorMessage   `json:"error"`
	Limits  *limitsMessage  `json:"limits"`
	Zones   []zoneMessage   `json:"zones"`
	Records []recordMessage `json:"records"`
}

type errorMessage struct {
	Kind       string `json:"kind"`
	Reason     string `json:"reason"`
	Hint       string `json:"hint"`
	RetryAfter int64  `json:"retry_after"` // seconds
}

type limitsMessage struct {
	MinTTL  int  `json:"min_ttl"`
	MaxTTL  int  `json:"max_ttl"`
	AutoTTL int  `json:"auto_ttl"`
	Values  int  `json:"values"`
	TXT     bool `json:"txt"`
}

// parse takes a line apart that is to answer q. What it does not know is refused:
// a misspelt word must not be taken for nothing.
func parse(line []byte, q request) (*response, error) {
	var a response
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return nil, errors.New("it is no answer in JSON: " + rest.Printable(err.Error()))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the answer in its line")
	}
	has := map[string]bool{doLimits: a.Limits != nil, doZones: a.Zones != nil, doRecords: a.Records != nil, doApply: true}
	switch {
	case a.Version != Version:
		return nil, fmt.Errorf("it speaks version %d of the protocol, and this is version %d", a.Version, Version)
	case a.ID != q.ID:
		return nil, fmt.Errorf("it answers request %d, and was asked request %d", a.ID, q.ID)
	case a.Error == nil && !has[q.Do]:
		return nil, fmt.Errorf("there are no %s in the answer; where there are none, an empty list says so", q.Do)
	case len(a.Zones) > maxZones || len(a.Records) > maxRecords:
		return nil, fmt.Errorf("it answers with more than %d zones or %d records", maxZones, maxRecords)
	}
	return &a, nil
}

// failure returns what the program says went wrong. Of a write nobody knows what became
// where it says no kind that homing knows.
func (e *errorMessage) failure(what string, write bool, clean func(string) string) *provider.Error {
	kind := provider.Unavailable
	switch e.Kind {
	case "auth":
		kind = provider.Auth
	case "no zone":
		kind = provider.NoZone
	case "rejected":
		kind = provider.Rejected
	case "throttled":
		kind = provider.Throttled
	case "unavailable":
	case "stale":
		if write {
			kind = provider.Stale
		}
	default:
		if write {
			kind = provider.Unconfirmed
		}
	}
	reason := clean(e.Reason)
	if reason == "" {
		reason = "it does not say why"
	}
	err := &provider.Error{Kind: kind, What: what, Err: errors.New("the program says: " + reason)}
	if e.Hint != "" {
		err.Hint = text.Advise("%s", clean(e.Hint))
	}
	if e.RetryAfter > 0 && kind == provider.Throttled {
		err.RetryAfter = time.Duration(min(e.RetryAfter, int64(maxRetryAfter/time.Second))) * time.Second
	}
	return err
}

// toPlanLimits returns those of every zone of the program.
func (m *limitsMessage) toPlanLimits() (plan.Limits, error) {
	l := Limits()
	for _, n := range []int{m.MinTTL, m.MaxTTL, m.AutoTTL, m.Values} {
		if n < 0 || n > MaxTTL {
			return l, fmt.Errorf("a limit is out of range: %d", n)
		}
	}
	if m.MinTTL > 0 {
		l.MinTTL = m.MinTTL
	}
	if m.MaxTTL > 0 {
		l.MaxTTL = m.MaxTTL
	}
	if l.MinTTL > l.MaxTTL || m.AutoTTL != 0 && (m.AutoTTL < l.MinTTL || m.AutoTTL > l.MaxTTL) {
		return l, fmt.Errorf("TTLs from %d to %d with %d for the automatic one cannot be", m.MinTTL, m.MaxTTL, m.AutoTTL)
	}
	l.AutoTTL, l.Values, l.NoTXT = m.AutoTTL, m.Values, !m.TXT
	return l, nil
}

// parseZones returns those of an answer.
func (a *response) parseZones(l plan.Limits) ([]provider.Zone, error) {
	known := make(map[dns.Name]bool, len(a.Zones))
	var all []provider.Zone
	for _, z := range a.Zones {
		n, err := dns.ParseName(z.Name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("the name of a zone: %w", err)
		case known[n]:
			return nil, fmt.Errorf("there are two zones %s", n.Describe())
		case len(z.ID) > maxID:
			return nil, fmt.Errorf("the id of the zone %s is longer than %d octets", n.Describe(), maxID)
		}
		known[n] = true
		if z.ID == "" {
			z.ID = n.String()
		}
		all = append(all, provider.Zone{ID: z.ID, Name: n, Limits: l})
	}
	return all, nil
}

// parseRecords returns the records of an answer that are wanted; an error where one is not
// of the zone, or is none.
func (a *response) parseRecords(zone dns.Name, w rest.Wanted) (all []dns.Record, _ error) {
	for i := range a.Records {
		m := &a.Records[i]
		n, err := dns.ParseName(m.Name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("the name of a record: %w", err)
		case !n.IsWithin(zone):
			return nil, fmt.Errorf("it was asked about %s, and answers with %s", zone.Describe(), n.Describe())
		case m.TTL < 0 || m.TTL > MaxTTL:
			return nil, fmt.Errorf("the TTL of %s is out of range: %d", n.Describe(), m.TTL)
		}
		k := dns.Key{Name: n, Type: dns.Type(strings.ToUpper(m.Type))}
		if !w.Has(k) {
			continue
		}
		r := rest.RecordFromValue(k, m.Content)
		if ip, err := netip.ParseAddr(m.Content); k.Type.IsAddress() && (err != nil || ip.Is4() != (k.Type == dns.A) || ip.Is4In6() || ip.Zone() != "") {
			return nil, fmt.Errorf("%s holds no address of its type: %s", k, rest.Printable(m.Content))
		}
		if r.Data() == (dns.Data{}) && k.Type != dns.TXT {
			return nil, fmt.Errorf("%s has no content", k)
		}
		if r.TTL = m.TTL; r.TTL == 0 {
			r.TTL = dns.AutoTTL
		}
		all = append(all, r)
	}
	return dns.SortRecords(all), nil
}

func toRecordMessages(records []dns.Record) []recordMessage {
	all := make([]recordMessage, len(records))
	for i := range records {
		r := &records[i]
		all[i] = recordMessage{Name: r.Name.String(), Type: string(r.Type), Content: r.Content(), TTL: r.TTL}
	}
	return all
}

func toZoneMessage(z provider.Zone) *zoneMessage {
	return &zoneMessage{ID: z.ID, Name: z.Name.String()}
}

func nameStrings(names []dns.Name) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = n.String()
	}
	return all
}
