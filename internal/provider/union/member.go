package union

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// Member is one of the accounts.
type Member struct {
	Name     string // without a slash
	Provider provider.Provider
	// Default says that a zone which others see as well is its: the person called it
	// that.
	Default bool
}

// toUnionZone returns a zone of a member as the Union has it.
func (m Member) toUnionZone(z provider.Zone) provider.Zone {
	z.ID = m.Name + "/" + z.ID
	if _, ok := m.Provider.(provider.Texts); !ok {
		z.Limits.NoTXT = true
	}
	return z
}

// memberOf returns the member a zone of the Union is of, and the zone as it has it.
func (u *Union) memberOf(z provider.Zone) (Member, provider.Zone) {
	name, id, _ := strings.Cut(z.ID, "/")
	i := slices.IndexFunc(u.members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return Member{Name: name, Provider: missingMember{}}, z
	}
	z.ID = id
	return u.members[i], z
}

// missingMember is the account of a zone that no member has.
type missingMember struct{}

func (missingMember) Zones(context.Context, []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	return nil, nil, missingMemberError()
}

func (missingMember) Records(context.Context, provider.Zone, []dns.Name) ([]dns.Record, error) {
	return nil, missingMemberError()
}

func (missingMember) Apply(_ context.Context, _ provider.Zone, sets []plan.Set) (all []provider.SetResult) {
	for i := range sets {
		s := &sets[i]
		all = append(all, provider.FailedSet(s, missingMemberError()))
	}
	return all
}

func missingMemberError() *provider.Error {
	return &provider.Error{Kind: provider.NoZone, Err: errors.New("there is no such account")}
}

// wrapError wraps an error of a member, so that it names its account and its settings.
func (m Member) wrapError(err *provider.Error) *provider.Error {
	if err == nil {
		return nil
	}
	out := *err
	if out.Err == nil {
		out.Err = errors.New(err.Reason())
	}
	out.Err = fmt.Errorf("%s: %w", m.Name, out.Err)
	out.Hint = m.ownSettings(err.Hint)
	return &out
}

// asError returns err as the provider.Error it is by contract.
func asError(err error) *provider.Error {
	if pe, ok := errors.AsType[*provider.Error](err); ok {
		return pe
	}
	return &provider.Error{Kind: provider.Unconfirmed, Err: err}
}

// ownSettings makes advice mean the settings of the member's account.
func (m Member) ownSettings(h text.Hint) text.Hint {
	return h.Map(func(s text.Setting) text.Setting {
		if leaf, ok := strings.CutPrefix(s.Path, "accounts."); ok {
			s.Path = "accounts." + m.Name + "." + leaf
		}
		return s
	})
}
