package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
)

func TestEveryHostIsWhole(t *testing.T) {
	var words []string
	for _, h := range hosts() {
		if h.Word != strings.ToLower(h.Word) || slices.Contains(words, h.Word) {
			t.Errorf("the word %q", h.Word)
		}
		words = append(words, h.Word)
		if h.Name == "" || h.Advice.Host != h.Name || h.Check == nil || h.ZoneID == nil || h.WhatZoneID == "" || h.MinTTL < 1 || h.MaxTTL < h.MinTTL ||
			h.address == "" && !slices.ContainsFunc(h.Settings, func(s config.HostSetting) bool {
				return (s.Key == config.BaseURL || s.Key == "server" || s.Key == "command") && s.Default == ""
			}) || h.route == nil || h.make == nil ||
			h.needs == "" || h.types == nil || h.unit == "" || len(h.bounds) == 0 {
			t.Errorf("%s lacks something", h.Word)
		}
		if _, err := os.Stat("../../" + h.page); err != nil {
			t.Errorf("%s: its page: %v", h.Word, err)
		}
		for _, list := range []string{"README.md", "docs/hosts/README.md"} {
			if b, err := os.ReadFile("../../" + list); err != nil || !strings.Contains(string(b), "| `"+h.Word+"` |") {
				t.Errorf("%s is not in the table of %s", h.Word, list)
			}
		}
		for _, s := range h.Settings {
			if s.Key == "" || s.Type == "" || s.Doc == "" || s.Env != strings.ToUpper(s.Env) {
				t.Errorf("%s: the setting %q lacks something", h.Word, s.Key)
			}
		}
	}
}

// nobody is a DNS host without a zone.
type nobody struct{ reach }

func (nobody) Zones(context.Context, []dns.Name) ([]provider.Placed, []provider.Unplaced, error) {
	return nil, nil, nil
}

func (nobody) Records(context.Context, provider.Zone, []dns.Name) ([]dns.Record, error) {
	return nil, nil
}

func (nobody) Apply(context.Context, provider.Zone, []plan.Set) []provider.SetResult { return nil }

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

func TestEachAccountIsAtItsHost(t *testing.T) {
	fake := &host{HostKind: config.HostKind{Word: "fake"}, Advice: Advice{Host: "Fake DNS"},
		route: func(*http.Request) string { return "GET /fake" },
		make:  func(_ config.Account, r reach) (provider.Provider, error) { return nobody{r}, nil }}
	cfg := &config.Config{UpdateTimeout: time.Second, Accounts: []config.Account{{Name: "a", Provider: "fake"}, {Name: "b", Provider: "fake"}}}
	a, err := Assemble(cfg, config.ForRecords, World{hosts: []*host{cloudflareHost(), fake}})
	if err != nil {
		t.Fatal(err)
	}
	first, second := a.Accounts[0].Provider.(nobody), a.Accounts[1].Provider.(nobody)
	if first.client == nil || first.client != second.client || first.timeout != time.Second || len(a.clients) != 1 {
		t.Errorf("%+v, %+v, %d clients", first, second, len(a.clients))
	}
	if got := a.Advice(cfg.Accounts[0]).Host; got != "Fake DNS" {
		t.Errorf("it is at %q", got)
	}
	first.client.Transport = refusing{}
	var told []string
	a.CountCalls(func(route, status string) { told = append(told, fmt.Sprint(route, " ", status)) })
	if _, err := first.client.Do(httptest.NewRequest(http.MethodGet, "https://api.example/1", nil)); err == nil || !slices.Equal(told, []string{"GET /fake none"}) {
		t.Errorf("%v, told is %q", err, told)
	}
	fake.way = func(a config.Account) wayTo {
		return func(*httpx.Options) error {
			if a.Name == "c" {
				return errors.New("there is no way")
			}
			return nil
		}
	}
	b, err := Assemble(cfg, config.ForRecords, World{hosts: []*host{fake}})
	if err != nil || len(b.clients) != 2 || b.Accounts[0].Provider.(nobody).client == b.Accounts[1].Provider.(nobody).client {
		t.Errorf("accounts with ways of their own share a client: %v", err)
	}
	cfg.Accounts[0].Name = "c"
	if _, err := Assemble(cfg, config.ForRecords, World{hosts: []*host{fake}}); err == nil {
		t.Error("an account without a way is taken")
	}
	cfg.Accounts[0].Provider = "another"
	if _, err := Assemble(cfg, config.ForRecords, World{hosts: []*host{fake}}); err == nil {
		t.Error("an account at a host that is not there is taken")
	}
}

// What a host is said to keep, its provider keeps.
func TestTheTypesOfAHostAreThoseOfItsProvider(t *testing.T) {
	settings := map[string]secret.String{"token": secret.New("abcdefghijklmnopqrstuvwxyz0123456789abcd"), config.BaseURL: secret.New("https://dns.example.org"),
		"server": secret.New("192.0.2.53"), "key_name": secret.New("k"), "secret": secret.New("c2VjcmV0"), "service": secret.New("duckdns"), "credentials": secret.New("instance"), "command": secret.New("/usr/local/bin/program")}
	for _, h := range hosts() {
		account := config.Account{Provider: h.Word, Settings: settings}
		p, err := h.make(account, reach{client: httpx.New(httpx.Options{}), wires: wires{world: new(World), host: h.Word, made: map[clientKey]*httpx.Client{}}})
		if err != nil {
			t.Errorf("%s: %v", h.Word, err)
			continue
		}
		if _, texts := p.(provider.Texts); texts != slices.Contains(h.types, dns.TXT) {
			t.Errorf("%s: TXT is %v", h.Word, texts)
		}
	}
}

// Messages to a name server are logged and counted as calls over HTTP are.
func TestMessagesToANameServerAreLoggedAndCounted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // it takes each message, and never answers
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			c.Close()
		}
	}()
	account := config.Account{Name: "lan", Provider: "rfc2136", Settings: map[string]secret.String{
		"server": secret.New(l.Addr().String()), "key_name": secret.New("homing"), "secret": secret.New("Y2FuYXJ5")}}
	var log strings.Builder
	w := network("test")
	w.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a, err := Assemble(&config.Config{Accounts: []config.Account{account}, UpdateTimeout: time.Second}, config.ForRecords, w)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	a.CountCalls(func(route, status string) { told = append(told, route+" "+status) })
	n, _ := dns.ParseName("nas.example.org")
	if _, _, err := a.Accounts[0].Provider.Zones(t.Context(), []dns.Name{n}); err == nil {
		t.Error("there is a zone")
	}
	if len(told) == 0 || told[0] != "DNS QUERY none" || !strings.Contains(log.String(), `about="SOA `) || !strings.Contains(log.String(), "answer=none") || strings.Contains(log.String(), "Y2Fu") {
		t.Errorf("%q\n%s", told, log.String())
	}
}
