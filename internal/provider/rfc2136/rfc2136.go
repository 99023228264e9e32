// Package rfc2136 keeps records at a server that takes DNS UPDATE (RFC 2136)
// signed with TSIG (RFC 8945): BIND, Knot DNS, PowerDNS and others. Every message
// goes over TCP and is signed; no answer is believed before its signature is
// verified. What was read of each RRset is the condition of its write, and one
// message is one transaction: all of it happens, or nothing.
package rfc2136

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Config is how a server is reached. Zone, Zones and Timeout may be left out.
type Config struct {
	Servers   []string // host:port, asked in this order until one answers
	Key       Key
	Zone      dns.Name              // zero: the zone of each name is asked for
	Zones     map[dns.Name]dns.Name // of single names, before Zone
	Timeout   time.Duration         // of questions that are asked together; zero means 10 s
	Dial      httpx.Dial
	OnMessage func(SentMessage) // of each message; may be nil, and may be called side by side
}

// Provider is one key at one server, or at several that are the same. It is safe
// for concurrent use, and keeps no connection open.
type Provider struct {
	servers   []string
	key       *tsigSigner
	zone      dns.Name
	zones     map[dns.Name]dns.Name
	timeout   time.Duration
	dial      httpx.Dial
	onMessage func(SentMessage)
	now       func() time.Time // by which messages are signed
	calls     atomic.Int64
	serials   serialCache
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Texts    = (*Provider)(nil)
	_ provider.Meter    = (*Provider)(nil)
)

const (
	// MinTTL and MaxTTL are what a record can have (RFC 2181, section 8), beside 0.
	MinTTL = 1
	MaxTTL = math.MaxInt32

	// autoTTL is what is stored for an automatic TTL: what Cloudflare answers for it.
	autoTTL = 300

	defaultTimeout = 10 * time.Second
)

// New makes a Provider. It sends nothing.
func New(c Config) (*Provider, error) {
	if len(c.Servers) == 0 {
		return nil, errors.New("make a client for DNS UPDATE: there is no server")
	}
	key, err := c.Key.newSigner()
	if err != nil {
		return nil, fmt.Errorf("make a client for DNS UPDATE: %w", err)
	}
	p := &Provider{servers: c.Servers, key: key, zone: c.Zone, zones: c.Zones, timeout: c.Timeout, dial: c.Dial, onMessage: c.OnMessage, now: time.Now}
	if p.timeout <= 0 {
		p.timeout = defaultTimeout
	}
	return p, nil
}

// ZoneName returns the name of the zone with this id, which is its name.
func (p *Provider) ZoneName(_ context.Context, id string) (dns.Name, error) { return dns.ParseName(id) }

// Credential returns what the messages are signed with, in words.
func (p *Provider) Credential() string { return "TSIG key " + p.key.label }

// ClockSkew is by how much the clock of the server is ahead of this machine's, by
// its latest signature that was right; negative where it is behind. false before
// the first one.
func (p *Provider) ClockSkew() (time.Duration, bool) {
	if behind := p.key.clockBehind.Load(); behind != nil {
		return *behind, true
	}
	return 0, false
}

// Calls returns how many messages were sent.
func (p *Provider) Calls() int64 { return p.calls.Load() }

// zoneNamed returns the zone of this name, which is its only id.
func zoneNamed(name dns.Name) provider.Zone {
	return provider.Zone{ID: name.String(), Name: name, Guard: provider.GuardsBatch, Limits: Limits()}
}

// Limits returns what zones take.
func Limits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: autoTTL, Comment: -1, Tags: -1, NoProxy: true, OneTTL: true, BatchOctets: sizeForSets}
}

// tryServers calls do with one server after another until one answers.
func (p *Provider) tryServers(ctx context.Context, do func(context.Context, *session) *provider.Error) *provider.Error {
	var last *provider.Error
	for _, server := range p.servers {
		if last = p.tryServer(ctx, server, do); last == nil || last.Kind != provider.Unavailable || ctx.Err() != nil {
			return last
		}
	}
	return last
}

func (p *Provider) tryServer(ctx context.Context, server string, do func(context.Context, *session) *provider.Error) *provider.Error {
	s, err := p.connect(ctx, server)
	if err != nil {
		return err
	}
	defer s.conn.Close()
	return do(ctx, s)
}
