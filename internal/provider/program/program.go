// Package program is the Provider for a program that somebody else writes, and that
// speaks homing's contract as JSON lines: one request and one answer a line, over its
// standard input and output (docs/hosts/exec.md).
//
// The program is started for each piece of work, and is gone when that is done: in
// between nothing holds a credential, a reload or a stop leaves nothing behind, and a
// new version of it counts at once. Nothing it says is taken on trust. A write counts
// only when the set, read again, stands as it was to; what is there is read before each
// write, so that a program need compare nothing.
package program

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// TTLs that can be set, beside 1 for automatic; the program may take fewer.
const (
	MinTTL = 1
	MaxTTL = math.MaxInt32
)

// How long things may take.
const (
	startTimeout          = 10 * time.Second // from the start to the first answer
	defaultRequestTimeout = 30 * time.Second // each further answer, where Config says nothing
	stopTimeout           = 500 * time.Millisecond
	maxRetryAfter         = 24 * time.Hour // that a program may ask for
)

// maxProcesses is how many of the program run at the same time.
const maxProcesses = 4

const (
	cureProgram = "write the whole path of a program that is there and may be run as the first word of {accounts.command}"
	cureSpeaks  = "look at what it says with {log.level=debug}, and try it with: homing hosts test"
)

// Config is what a Provider is made of.
type Config struct {
	Command []string      // an absolute path, and arguments
	Env     secret.String // see ParseEnv; the program gets this and Path, and nothing else
	Path    string        // PATH for it, where Env has none
	Timeout time.Duration // of one request; 0: 30 s
	Log     *slog.Logger  // gets what it says on standard error; nil: nobody does
	// ZoneIDs and ZoneNames are the zones that somebody names for names; may be nil.
	ZoneIDs   map[dns.Name]string
	ZoneNames map[dns.Name]dns.Name
}

// Provider is one program with one environment.
type Provider struct {
	config       Config
	env          []string
	secretValues []string // values that are shown nowhere
	slots        chan struct{}
	calls        atomic.Int64
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

// New makes a Provider. It starts nothing.
func New(c Config) (*Provider, error) {
	if err := CheckCommand(c.Command); err != nil {
		return nil, err
	}
	env, hide, err := buildEnv(c.Env, c.Path)
	if err != nil {
		return nil, err
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultRequestTimeout
	}
	return &Provider{config: c, env: env, secretValues: hide, slots: make(chan struct{}, maxProcesses)}, nil
}

// CheckCommand returns the shape of a command.
func CheckCommand(words []string) error {
	if len(words) == 0 || words[0] == "" {
		return errors.New("it names no program")
	}
	if !filepath.IsAbs(words[0]) {
		return errors.New("its first word is not an absolute path: homing may be started from anywhere")
	}
	return nil
}

// Calls returns how many requests the program was given.
func (p *Provider) Calls() int64 { return p.calls.Load() }

// Limits returns what the zone that takes most takes. A TTL belongs to a set.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, Comment: -1, Tags: -1, NoProxy: true, OneTTL: true}
}

// Zones asks for those of the names, or for all the program sees.
func (p *Provider) Zones(ctx context.Context, names []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	s := p.newSession(ctx)
	defer s.close()
	a, err := s.request(ctx, request{Do: doZones, Names: nameStrings(names)}, "find the zones")
	if err != nil {
		return nil, nil, err
	}
	zones, bad := a.parseZones(s.limits)
	if bad != nil {
		return nil, nil, s.invalidResponse("find the zones", bad)
	}
	l := rest.ZoneFinder{Zones: zones, IDs: p.config.ZoneIDs, Names: p.config.ZoneNames, Viewer: "the program",
		NoZoneHint: "check that the account it uses at its DNS host has the zone of the name"}
	placed, unplaced := l.Find(names)
	return placed, unplaced, nil
}

// Records asks for the records at names.
func (p *Provider) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return p.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts makes the one request of Records.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, error) {
	s := p.newSession(ctx)
	defer s.close()
	all, err := s.readRecords(ctx, zone, names, texts)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Apply gives the program one set after another.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	if len(sets) == 0 {
		return nil
	}
	s := p.newSession(ctx)
	defer s.close()
	w := rest.SetApplier{Host: "the program", Zone: zone, OneSetPerCall: true,
		Read: func(ctx context.Context, keys []dns.Key) (map[dns.Key]rest.StoredSet, *provider.Error) {
			return s.readSets(ctx, zone, keys)
		},
		Write: func(ctx context.Context, what string, sets []rest.SetChange) (map[dns.Key]rest.StoredSet, []int, *provider.Error) {
			c := &sets[0]
			_, err := s.request(ctx, request{Do: doApply, Zone: toZoneMessage(zone), Set: &setMessage{
				Name: c.Key.Name.String(), Type: string(c.Key.Type), Read: toRecordMessages(c.Records), Wanted: toRecordMessages(c.Desired)}}, what)
			return nil, nil, err
		}}
	return w.Apply(ctx, sets)
}
