package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// inspected is what a provider tells about itself beyond its contract.
type inspected interface {
	Credential() string
	ListZones(context.Context) ([]provider.Zone, error)
	ClockSkew() (time.Duration, bool)
}

func (c *checkup) account(ctx context.Context, account *engine.Account, advice *app.Advice) {
	p, ok := account.Provider.(inspected)
	if !ok {
		c.key(account, advice.Host)
		return
	}
	credential := ofAccount(p.Credential(), account.Name)
	visible, err := p.ListZones(ctx)
	used := func(z provider.Zone) bool {
		return slices.ContainsFunc(c.round.Zones, func(u status.Zone) bool { return u.ID == z.ID || u.ID == account.Name+"/"+z.ID })
	}
	unread := slices.ContainsFunc(c.round.Conditions, func(o status.Condition) bool {
		return o.Code == status.ZonesUnread && o.Subject == ofAccount("zones", account.Name)
	})
	switch idle := slices.DeleteFunc(slices.Clone(visible), used); {
	case unread: // a condition says why, and what to do
	case err == nil && len(visible) == 0:
		c.frail(credential, "accepted, but it sees no zones", advice.NoZones)
	case err != nil:
		c.frail(credential, "it may not list zones, so only those of your names can be checked: "+err.Error(), advice.NotListed)
	case len(idle) == 0:
		c.well(credential, "accepted; it sees only the zones in use")
	default:
		c.well(credential, "accepted; it sees "+count(len(visible), "zone"))
		if advice.Narrower != "" {
			c.frail(credential, "it can also see "+named(idle, c.round)+", which nothing here uses", advice.Narrower)
		}
	}
	if v, ok := p.(verified); ok && !unread {
		c.token(ctx, v, credential)
	}
	c.rights(visible, used, credential)
	if skew, known := p.ClockSkew(); known {
		c.clock(skew, advice.Host)
	}
}

// keyed is a provider whose server shows by each answer that it knows the key.
type keyed interface {
	Credential() string
	ClockSkew() (time.Duration, bool)
}

// key tells of a key by which a zone could be read.
func (c *checkup) key(account *engine.Account, host string) {
	p, ok := account.Provider.(keyed)
	if !ok {
		return
	}
	skew, answered := p.ClockSkew()
	if !answered {
		return
	}
	if slices.ContainsFunc(c.round.Zones, func(z status.Zone) bool {
		return z.Account == account.Name || strings.HasPrefix(z.ID, account.Name+"/")
	}) {
		c.well(ofAccount(p.Credential(), account.Name), "accepted: the server signs its answers with it")
	}
	c.clock(skew, host)
}

// verified is a provider that can ask about its token.
type verified interface {
	Verify(context.Context) (state string, expires time.Time, known bool)
}

// soon is when to think of a token that expires.
const soon = 30 * 24 * time.Hour

func (c *checkup) token(ctx context.Context, p verified, credential string) {
	state, expires, known := p.Verify(ctx)
	left := time.Until(expires)
	switch {
	case !known || state == "active" && (expires.IsZero() || left > soon):
	case state == "active":
		c.frail(credential, fmt.Sprintf("it expires on %s, in %s", expires.Format(time.DateOnly), count(max(0, int(left.Hours()/24)), "day")),
			"create a new one before then, or extend it")
	default:
		c.tell(ill, credential, "the host reports it as "+state, "enable it again or create a new one")
	}
}

// rights tells of zones in use in which the credential may read records and not
// change them, by what the host lists of it.
func (c *checkup) rights(visible []provider.Zone, used func(provider.Zone) bool, credential string) {
	var names []string
	for _, z := range visible {
		if z.ReadOnly && used(z) {
			names = append(names, z.Name.Describe())
		}
	}
	if len(names) > 0 {
		c.frail(credential, "according to its permissions it may only read the records of "+text.List(names, mostNamed),
			"give it the permission to edit them (Zone · DNS · Edit)")
	}
}

// mostNamed is how many zones are named of many.
const mostNamed = 5

// named names the first zones, those of a name that is in use by their ids too.
func named(zones []provider.Zone, r *status.Round) string {
	var names []string
	for _, z := range zones {
		name := z.Name.Describe()
		switch {
		case slices.ContainsFunc(r.Zones, func(u status.Zone) bool { return u.Name == z.Name }):
			name = "another " + name + " with the id " + z.ID
		case slices.ContainsFunc(zones, func(o provider.Zone) bool { return o.Name == z.Name && o.ID != z.ID }):
			name += " with the id " + z.ID
		}
		names = append(names, name)
	}
	return text.List(names, mostNamed)
}

func (c *checkup) clock(skew time.Duration, host string) {
	if skew.Abs() <= skewAllowed {
		c.well("clock", "it agrees with "+host+"'s")
		return
	}
	c.frail("clock", fmt.Sprintf("it is %s off from %s's", skew.Abs().Round(time.Second), host), setClock)
}

const setClock = "set it, preferably with NTP; certificates and log times depend on it"
