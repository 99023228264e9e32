package rest

import (
	"errors"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

const defaultTimeout = 30 * time.Second

// Account is what the Provider of a host is made of beside its credential.
type Account struct {
	BaseURL   string              // see CheckBaseURL; empty: the usual one
	Client    *httpx.Client       // names the User-Agent; for plain http see Private
	Timeout   time.Duration       // of one call with its repetitions; 0: 30 s
	Quota     *Quota              // of the credential; nil: one of its own, without limits
	ZoneIDs   map[dns.Name]string // names whose zone somebody says by its id; may be nil
	ZoneNames map[dns.Name]dns.Name
}

// NewClient makes a client for the API of a host; usual is where it is.
func (a Account) NewClient(h Host, usual string) (*Client, error) {
	base, err := CheckBaseURL(a.BaseURL, usual, true)
	switch {
	case err != nil:
		return nil, err
	case a.Client == nil:
		return nil, errors.New("make a provider: there is no HTTP client")
	case a.Timeout <= 0:
		a.Timeout = defaultTimeout
	}
	if a.Quota == nil {
		a.Quota = NewQuota(Limit{Host: h.Name})
	}
	return &Client{HTTP: a.Client, Base: base, Timeout: a.Timeout, Host: h, Quota: a.Quota}, nil
}

// AssignZones finds the zone of each name among those that were listed; whose says who
// does not see it, and cure what to do then.
func (a Account) AssignZones(names []dns.Name, zones []provider.Zone, whose string, cure text.Hint) ([]provider.Placed, []provider.Unplaced) {
	l := ZoneFinder{Zones: zones, IDs: a.ZoneIDs, Names: a.ZoneNames, Viewer: whose, NoZoneHint: cure}
	return l.Find(names)
}
