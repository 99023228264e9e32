package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rfc2136"
	"github.com/homing-dns/homing/internal/provider/union"
	"github.com/homing-dns/homing/internal/text"
)

// host is one row of the table of DNS hosts: what the configuration has to know
// of it, and how to reach it.
type host struct {
	config.HostKind
	Advice
	traits
	address string                                                 // where its API is; empty: each account says it
	route   func(*http.Request) string                             // the pattern of a call, of which there are few
	make    func(config.Account, reach) (provider.Provider, error) // sends nothing
	way     func(config.Account) wayTo                             // of an account that has a client of its own; nil, or that gives nil: all share one
	// private says that an address may hold a credential, so that the log shows no
	// more of it than its host.
	private bool
}

// Advice is what a person can do about the credential of an account.
type Advice struct {
	Host      string    // its DNS host, as people call it
	NoZones   text.Hint // where it sees no zone at all
	NotListed text.Hint // where it may not list zones
	Narrower  text.Hint // where it sees zones that nothing uses; empty: nothing can be done about that
}

// reach is what the maker of a provider needs beside the account.
type reach struct {
	client  *httpx.Client
	timeout time.Duration             // of one call with its repetitions; 0: the provider's own
	dial    httpx.Dial                // for who does not speak HTTP
	names   *net.Resolver             // as the system looks names up
	told    func(rfc2136.SentMessage) // of each message to a name server; may be nil
	wires                             // to what hands out credentials
}

// hosts is the one place that names them. The first is that of accounts which
// name none. What a row counts of the calls of a credential is its own, so that
// a reload, which makes new providers of the same rows, does not begin anew.
func hosts() []*host {
	return []*host{
		cloudflareHost(),
		powerdnsHost(),
		rfc2136Host(),
		googleHost(),
		azureHost(),
		route53Host(),
		dyndns2Host(),
		digitaloceanHost(),
		hetznerHost(),
		desecHost(),
		gandiHost(),
		porkbunHost(),
		programHost(),
	}
}

// hostOf is the row of an account, whose word was checked.
func hostOf(table []*host, a config.Account) (*host, error) {
	for _, h := range table {
		if h.Word == a.Provider {
			return h, nil
		}
	}
	return nil, fmt.Errorf("there is no DNS host %q", a.Provider)
}

// naming is a provider that can say which zone has an id.
type naming interface {
	ZoneName(ctx context.Context, id string) (dns.Name, error)
}

// Advice is what can be done about the credential of an account of a.
func (a *App) Advice(account config.Account) Advice {
	h, err := hostOf(a.world.hosts, account)
	if err != nil { // it was made already
		return Advice{}
	}
	return h.Advice
}

// Each is every account once, with what can be done about its credential: those
// that are one of several as well.
func (a *App) Each(look func(engine.Account, Advice)) {
	known := make(map[string]bool)
	one := func(c config.Account, account engine.Account) {
		if !known[c.Name] {
			known[c.Name] = true
			look(account, a.Advice(c))
		}
	}
	for i, c := range a.Config.Accounts {
		if len(c.Among) == 0 {
			one(c, a.Accounts[i])
			continue
		}
		u, _ := a.Accounts[i].Provider.(*union.Union)
		for j, m := range u.Members() {
			one(c.Among[j], engine.Account{Name: m.Name, Provider: m.Provider})
		}
	}
}

// HostNames are the hosts of accounts, as people call them.
func HostNames(accounts ...config.Account) (names []string) {
	for _, a := range accounts {
		if h, err := hostOf(hosts(), a); err == nil {
			names = append(names, h.Name)
		}
	}
	return names
}
