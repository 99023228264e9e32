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
	Seen(context.Context) ([]provider.Zone, error)
	ClockSkew() (time.Duration, bool)
}

func examineAccount(ctx context.Context, account engine.Account, advice app.Advice, words text.Words, r status.Round) []finding {
	p, ok := account.Provider.(inspected)
	if !ok {
		return examineKey(account, advice, r)
	}
	var found []finding
	credential := ofAccount(p.Credential(), account.Name)
	visible, err := p.Seen(ctx)
	used := func(z provider.Zone) bool {
		return slices.ContainsFunc(r.Zones, func(u status.Zone) bool { return u.ID == z.ID || u.ID == account.Name+"/"+z.ID })
	}
	unread := slices.ContainsFunc(r.Conditions, func(c status.Condition) bool {
		return c.Code == status.ZonesUnread && c.Subject == ofAccount("zones", account.Name)
	})
	switch idle := slices.DeleteFunc(slices.Clone(visible), used); {
	case unread: // a condition says why, and what to do
	case err == nil && len(visible) == 0:
		found = append(found, finding{frail, credential, "it is accepted, and sees no zone at all",
			advice.NoZones.In(words)})
	case err != nil:
		found = append(found, finding{frail, credential, "it may not list zones, so only those of the names can be checked: " + err.Error(),
			advice.NotListed.In(words)})
	case len(idle) > 0 && advice.Narrower == "":
		found = append(found, finding{Health: well, Checked: credential, Found: "it is accepted and sees " + count(len(visible), "zone")})
	case len(idle) > 0:
		found = append(found,
			finding{Health: well, Checked: credential, Found: "it is accepted and sees " + count(len(visible), "zone")},
			finding{frail, credential, "it may also see " + named(idle, r) + ", which nothing here uses",
				advice.Narrower.In(words)})
	default:
		found = append(found, finding{Health: well, Checked: credential, Found: "it is accepted, and sees the zones in use and no other"})
	}
	if v, ok := p.(verified); ok && !unread {
		found = append(found, examineToken(ctx, v, credential)...)
	}
	found = append(found, examineRights(visible, used, credential)...)
	if skew, known := p.ClockSkew(); known {
		found = append(found, examineClock(skew, advice.Host))
	}
	return found
}

// keyed is a provider whose server shows by each answer that it knows the key.
type keyed interface {
	Credential() string
	ClockSkew() (time.Duration, bool)
}

// examineKey tells of a key by which a zone could be read.
func examineKey(account engine.Account, advice app.Advice, r status.Round) []finding {
	p, ok := account.Provider.(keyed)
	if !ok {
		return nil
	}
	var found []finding
	skew, answered := p.ClockSkew()
	if answered && slices.ContainsFunc(r.Zones, func(z status.Zone) bool {
		return z.Account == account.Name || strings.HasPrefix(z.ID, account.Name+"/")
	}) {
		found = append(found, finding{Health: well, Checked: ofAccount(p.Credential(), account.Name), Found: "it is accepted: the answers are signed with it as well"})
	}
	if answered {
		found = append(found, examineClock(skew, advice.Host))
	}
	return found
}

// verified is a provider that can ask about its token.
type verified interface {
	Verify(context.Context) (state string, expires time.Time, known bool)
}

// soon is when to think of a token that expires.
const soon = 30 * 24 * time.Hour

func examineToken(ctx context.Context, p verified, credential string) []finding {
	state, expires, known := p.Verify(ctx)
	left := time.Until(expires)
	switch {
	case !known || state == "active" && (expires.IsZero() || left > soon):
		return nil
	case state == "active":
		return []finding{{frail, credential, fmt.Sprintf("it expires on %s, in %s", expires.Format(time.DateOnly), count(max(0, int(left.Hours()/24)), "day")),
			"create another one before, or give it more time"}}
	}
	return []finding{{ill, credential, "its host calls it " + state, "enable it again, or create another one"}}
}

// examineRights tells of zones in use in which the credential may read records and
// not change them, by what the host lists of it.
func examineRights(visible []provider.Zone, used func(provider.Zone) bool, credential string) []finding {
	var names []string
	for _, z := range visible {
		if z.ReadOnly && used(z) {
			names = append(names, z.Name.Describe())
		}
	}
	if len(names) == 0 {
		return nil
	}
	if more := len(names) - 5; more > 0 {
		names = append(names[:5], fmt.Sprintf("%d more", more))
	}
	return []finding{{frail, credential, "by the permissions that are listed for it, it may only read the records of " + list(names),
		"give it the permission to edit them (Zone · DNS · Edit)"}}
}

// named names at most five zones, those of a name that is in use by their ids too.
func named(zones []provider.Zone, r status.Round) string {
	const most = 5
	var names []string
	for _, z := range zones[:min(len(zones), most)] {
		name := z.Name.Describe()
		switch {
		case slices.ContainsFunc(r.Zones, func(u status.Zone) bool { return u.Name == z.Name }):
			name = "another " + name + " with the id " + z.ID
		case slices.ContainsFunc(zones, func(o provider.Zone) bool { return o.Name == z.Name && o.ID != z.ID }):
			name += " with the id " + z.ID
		}
		names = append(names, name)
	}
	if more := len(zones) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return list(names)
}

func examineClock(skew time.Duration, host string) finding {
	if skew.Abs() <= skewAllowed {
		return finding{Health: well, Checked: "clock", Found: "it agrees with " + host + "'s"}
	}
	return finding{frail, "clock", fmt.Sprintf("it is %s away from %s's", skew.Abs().Round(time.Second), host),
		"set it, or let NTP do so; certificates and the times in the log depend on it"}
}
