package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// SetupSees is what a credential can see.
type SetupSees struct {
	Listed   bool // its host lists zones; otherwise Names is what shows whether it is accepted
	Zones    []SetupZone
	Warnings []SetupNote
}

// SetupZone is a zone that a credential can see.
type SetupZone struct {
	Name     dns.Name
	ReadOnly bool // by the permissions that the host lists, its records cannot be changed
}

// SetupNote is something that a person should know, and what to do about it.
type SetupNote struct{ Text, Hint string }

// lister is a provider that lists the zones of its credential.
type lister interface {
	ListZones(context.Context) ([]provider.Zone, error)
}

// verifier is a provider that can ask about its token.
type verifier interface {
	Verify(context.Context) (state string, expires time.Time, known bool)
}

// answersOf are words in which a setting of the account is called what it is where
// it is asked for, in quotes.
func answersOf(words text.Words, asks []SetupAsk) text.Words {
	return func(s text.Setting) string {
		key, ok := strings.CutPrefix(s.Path, "accounts.")
		if !ok {
			return words(s)
		}
		is := func(key string) bool {
			return s.Value == "" && slices.ContainsFunc(asks, func(a SetupAsk) bool { return a.Key == key })
		}
		switch bare := strings.TrimSuffix(key, "_file"); {
		case is(key):
			return `"` + label(key) + `"`
		case is(bare):
			return `"` + label(bare) + `"`
		}
		return text.Setting{Path: key, Value: s.Value}.String()
	}
}

// soon is when to think of a credential that expires.
const soon = 30 * 24 * time.Hour

// anyName stands for the names until somebody said them. Nobody is asked about it.
const anyName = "home.example.org"

// Account asks the host at once what the credential in answers can see. The error
// says that the settings make no sense, or that the host refuses them.
func (u *Setup) Account(ctx context.Context, a SetupAnswers) (sees SetupSees, err error) {
	a = SetupAnswers{Host: a.Host, Account: a.Account, Names: []string{anyName}}
	m, err := u.Make(ctx, a)
	if err != nil {
		return sees, err
	}
	made, err := m.App()
	if err != nil {
		return sees, err
	}
	defer made.CloseIdle()
	p := made.Accounts[0].Provider
	advice := made.Advice(m.Config.Accounts[0])
	l, ok := p.(lister)
	if !ok {
		return sees, nil
	}
	note := func(what string, cure text.Hint) {
		sees.Warnings = append(sees.Warnings, SetupNote{what, cure.In(answersOf(made.Words(), SetupAsks(a.Host, a.Account)))})
	}
	v, verifies := p.(verifier)
	zones, err := l.ListZones(ctx)
	if err != nil {
		if bad, refused := errors.AsType[*provider.Error](err); !refused || bad.Kind != provider.Auth || !verifies || !active(ctx, v) {
			return sees, inWords(err, answersOf(made.Words(), SetupAsks(a.Host, a.Account)))
		}
		note("it is accepted, but it may not list zones; the names will show whether it may change them", advice.NotListed)
		return sees, nil
	}
	sees.Listed = true
	for _, z := range zones {
		sees.Zones = append(sees.Zones, SetupZone{z.Name, z.ReadOnly})
		if z.ReadOnly {
			note("it may read the records of "+z.Name.Describe()+", but not change them", "give it the permission to edit them (Zone · DNS · Edit)")
		}
	}
	if len(zones) == 0 {
		note("accepted, but it sees no zones", advice.NoZones)
	}
	if verifies {
		if state, expires, known := v.Verify(ctx); known && state == "active" && !expires.IsZero() && time.Until(expires) < soon {
			note("it expires on "+expires.Format(time.DateOnly), "make another one before then, or extend this one")
		}
	}
	return sees, nil
}

func active(ctx context.Context, v verifier) bool {
	state, _, known := v.Verify(ctx)
	return known && state == "active"
}

// SetupFamily is a family of addresses at this place.
type SetupFamily struct {
	Family addr.Family
	Here   bool // this machine has it at all
	Seen   addr.Observation
}

// Families looks which families there are here, by the sources that hold without
// a homing.yaml.
func (u *Setup) Families(ctx context.Context) ([]SetupFamily, error) {
	blank := u.settings
	blank.Path, blank.unsaved = u.Path, map[string][]byte{u.Path: nil}
	made, err := blank.Build(ctx, config.ForDetection)
	if err != nil {
		return nil, err
	}
	defer made.CloseIdle()
	var found []SetupFamily
	for _, f := range addr.Families() {
		if made.Panels[plan.Here(f)] != nil { // else a variable leaves it out
			found = append(found, SetupFamily{Family: f, Here: made.here(ctx, f)})
		}
	}
	var wg sync.WaitGroup
	for i := range found {
		if f := &found[i]; f.Here {
			wg.Go(func() { f.Seen = made.Panels[plan.Here(f.Family)].Observe(ctx) })
		}
	}
	wg.Wait()
	return found, nil
}

// SetupName is a name and the zone it is in, or what is wrong with it.
type SetupName struct {
	Name dns.Name
	Zone dns.Name
	SetupNote
}

// Names asks the host which zones the names in answers are in.
func (u *Setup) Names(ctx context.Context, a SetupAnswers) ([]SetupName, error) {
	m, err := u.Make(ctx, a)
	if err != nil {
		return nil, err
	}
	made, err := m.App()
	if err != nil {
		return nil, err
	}
	defer made.CloseIdle()
	names := m.Config.Names()
	found := make([]SetupName, len(names))
	at := make(map[dns.Name]*SetupName)
	for i, n := range names {
		found[i] = SetupName{Name: n}
		at[n] = &found[i]
	}
	placed, unplaced, err := made.Accounts[0].Provider.Zones(ctx, names)
	if bad, ok := errors.AsType[*provider.Error](err); err != nil && (!ok || bad.Kind != provider.NoZone) {
		return nil, inWords(err, answersOf(made.Words(), SetupAsks(a.Host, a.Account)))
	} else if err != nil {
		for _, n := range names {
			unplaced = append(unplaced, provider.Unplaced{Name: n, Err: bad})
		}
	}
	for _, p := range placed {
		at[p.Name].Zone = p.Zone.Name
	}
	for _, p := range unplaced {
		at[p.Name].SetupNote = SetupNote{cmp.Or(p.Err.Reason(), "it is in no zone"), p.Err.Hint.In(answersOf(made.Words(), SetupAsks(a.Host, a.Account)))}
	}
	return found, nil
}

// Below is a name that may be meant in one of these zones, to be shown as an
// example.
func (s SetupSees) Below() string {
	for _, z := range s.Zones {
		if !z.ReadOnly {
			return fmt.Sprintf("home.%s", strings.TrimPrefix(z.Name.Describe(), "*."))
		}
	}
	return ""
}
