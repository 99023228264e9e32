package cloudflare

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/sim"
)

const (
	theKey   = "0123456789abcdef0123456789abcdef01234"
	theEmail = "me@example.org"
)

// both returns a Cloudflare that knows the token and the key, and a Provider that
// has both.
func both(t *testing.T, token sim.Token) (*sim.Cloudflare, *Provider) {
	t.Helper()
	cf, p := simulated(t, func(c *Config) { c.Credential.Key, c.Credential.Email = secret.New(theKey), theEmail })
	token.Value = theSecret
	cf.AddToken(token)
	cf.AddKey(theEmail, theKey)
	cf.AddZone(sim.Zone{Name: "example.org"})
	return cf, p
}

// carried returns which credential each call carried: "t" for the token, "k" for the key.
func carried(cf *sim.Cloudflare) string {
	var b strings.Builder
	for _, c := range cf.Calls() {
		if c.Credential == theSecret {
			b.WriteByte('t')
		} else {
			b.WriteByte('k')
		}
	}
	return b.String()
}

// noSecrets looks for the token and the key in what a person gets to see.
func noSecrets(t *testing.T, said ...string) {
	t.Helper()
	for _, s := range said {
		if strings.Contains(s, theSecret) || strings.Contains(s, theKey) {
			t.Errorf("a secret is in %q", s)
		}
	}
}

func TestWhereTheTokenIsRefusedTheKeyIsUsedAndThisIsSaid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := both(t, sim.Token{Zones: map[string]sim.Access{"example.org": sim.ReadDNS}})
		if got := p.Advice(); len(got) != 0 || p.Credential() != "API token" {
			t.Errorf("%v, %s", got, p.Credential())
		}
		z := zoneOf(t, p, "example.org")
		same(t, "results", kinds(t, apply(t.Context(), p, z, changesAt("a.example.org", "b.example.org"))), []string{"done", "done"})
		same(t, "results", kinds(t, apply(t.Context(), p, z, changesAt("c.example.org"))), []string{"done"})
		if got := carried(cf); got != "ttkk" { // the zones, the batch twice, and the key from then on
			t.Errorf("asked with %s", got)
		}
		all := p.Advice()
		if len(all) != 1 || p.Credential() != "Global API key" {
			t.Fatalf("%v, %s", all, p.Credential())
		}
		for _, want := range []string{"the Global API key is used, because the API token was refused", "make 2 changes in example.org", "code 10000"} {
			if !strings.Contains(all[0].Text, want) {
				t.Errorf("it does not say %q: %s", want, all[0].Text)
			}
		}
		if !strings.Contains(all[0].Hint.String(), "Zone · DNS · Edit") {
			t.Errorf("the hint is %s", all[0].Hint)
		}
		noSecrets(t, fmt.Sprintf("%+v", all))
	})
}

func TestTheKeyIsForListsToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := both(t, sim.Token{Lists: sim.NoLists})
		if _, err := p.ApplyList(t.Context(), home(), provider.List{}, adding(entry("192.0.2.1/32", ""))); err != nil {
			t.Error(err)
		}
		if got := p.Advice(); len(got) != 1 || !strings.Contains(got[0].Hint.String(), "Account · Account Filter Lists · Edit") {
			t.Errorf("%v", got)
		}
		if got := carried(cf); got != "tkkkk" {
			t.Errorf("asked with %s", got)
		}
	})
}

func TestATokenThatOnlyMayNotListZonesStaysInUse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := both(t, sim.Token{Listing: sim.ListByName})
		z := zoneOf(t, p, "example.org")
		same(t, "results", kinds(t, apply(t.Context(), p, z, changesAt("a.example.org"))), []string{"done"})
		if got := carried(cf); got != "ttt" || len(p.Advice()) != 0 {
			t.Errorf("asked with %s, %v", got, p.Advice())
		}
		if _, err := p.ListZones(t.Context()); err == nil || kindOf(t, err) != provider.Auth {
			t.Errorf("the listing: %v", err)
		}
	})
}

func TestABrokenTokenIsReplacedByTheKeyFromTheStart(t *testing.T) {
	refuse := func(status, code int) func(*sim.Cloudflare) {
		return func(cf *sim.Cloudflare) {
			cf.Fail(func(c sim.Call) bool { return c.Credential == theSecret }, sim.Refuse(status, code, "no"))
		}
	}
	for what, breaks := range map[string]func(*sim.Cloudflare){
		"revoked":      func(cf *sim.Cloudflare) { cf.RevokeToken(theSecret) },
		"malformed":    refuse(400, 6111),
		"unauthorized": refuse(401, 10000),
	} {
		bubble(t, func(t *testing.T) {
			cf, p := both(t, sim.Token{})
			breaks(cf)
			if zones, _, err := p.Zones(t.Context(), allNames("example.org")); err != nil || len(zones) != 1 {
				t.Errorf("%s: %v, %v", what, zones, err)
			}
			if got := carried(cf); !strings.HasSuffix(got, "k") || p.Credential() != "Global API key" {
				t.Errorf("%s: asked with %s, then %s", what, got, p.Credential())
			}
		})
	}
}

func TestWithTokenAndKeyRefusedTheErrorIsAboutTheToken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := both(t, sim.Token{Zones: map[string]sim.Access{"example.org": sim.SeeZone}})
		cf.AddKey(theEmail, strings.Repeat("9", 37))
		z := zoneOf(t, p, "example.org")
		_, err := p.Records(t.Context(), z, allNames("example.org"))
		if err == nil || kindOf(t, err) != provider.Auth {
			t.Fatalf("%v", err)
		}
		for _, want := range []string{"the credential may not do this", "code 10000", "the Global API key was refused too: Cloudflare knows no such Global API key", "code 9103"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("it does not say %q: %v", want, err)
			}
		}
		if !strings.Contains(err.(*provider.Error).Hint.String(), "edit the token") || len(p.Advice()) != 0 || p.Credential() != "API token" {
			t.Errorf("%v, %v, %s", err.(*provider.Error).Hint, p.Advice(), p.Credential())
		}
		noSecrets(t, err.Error())
		if got := carried(cf); got != "ttk" {
			t.Errorf("asked with %s", got)
		}
	})
}

func TestOnlyARefusedCredentialMakesTheKeyBeTried(t *testing.T) {
	for what, f := range map[string]sim.Fault{
		"429": sim.Throttle(0), "502": sim.HTML(502), "a portal": sim.HTML(403), "400": sim.Refuse(400, 9021, "ttl"),
		"404": sim.Refuse(404, 7003, "Could not route"), "a lost answer": sim.LoseAnswer(), "half": sim.HalfJSON(),
	} {
		bubble(t, func(t *testing.T) {
			cf, p := both(t, sim.Token{})
			z := zoneOf(t, p, "example.org")
			cf.Fail(sim.All(), f)
			apply(t.Context(), p, z, changesAt("a.example.org"))
			if got := carried(cf); strings.Contains(got, "k") || len(p.Advice()) != 0 {
				t.Errorf("%s: asked with %s", what, got)
			}
		})
	}
}

func TestTheKeyIsKeptOnlyIfItWasLetIn(t *testing.T) {
	for what, tt := range map[string]struct {
		f    sim.Fault
		kind string
		kept bool
	}{
		"done":           {sim.Fault{}, "done", true},
		"refused record": {sim.Refuse(400, 81054, "A CNAME record with that host already exists."), "rejected", true},
		"lost answer":    {sim.LoseAnswer(), "unconfirmed", false},
		"throttled":      {sim.Throttle(0), "throttled", false},
		"502":            {sim.HTML(502), "unconfirmed", false},
	} {
		bubble(t, func(t *testing.T) {
			cf, p := both(t, sim.Token{Zones: map[string]sim.Access{"example.org": sim.ReadDNS}})
			z := zoneOf(t, p, "example.org")
			cf.Fail(func(c sim.Call) bool { return c.Write && c.Credential == theEmail && tt.kind != "done" }, tt.f)
			same(t, what, kinds(t, apply(t.Context(), p, z, changesAt("a.example.org"))), []string{tt.kind})
			if kept := p.Credential() == "Global API key"; kept != tt.kept {
				t.Errorf("%s: kept is %t", what, kept)
			}
		})
	}
}

func TestAKeyAloneIsAdvisedAgainst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t, func(c *Config) { c.Credential = Credential{Key: secret.New(theKey), Email: theEmail} })
		cf.AddKey(theEmail, theKey)
		cf.AddZone(sim.Zone{Name: "example.org"})
		zoneOf(t, p, "example.org")
		if got := p.Advice(); len(got) != 1 || !strings.Contains(got[0].Hint.String(), "Zone · DNS · Edit") {
			t.Errorf("%v", got)
		}
	})
}

func TestATokenBoundToAnAddressThatChangedSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		place := sim.NewHome(netip.MustParseAddr("203.0.113.7"))
		cf := sim.NewCloudflare()
		cf.AddZone(sim.Zone{Name: "example.org"})
		cf.AddToken(sim.Token{Value: theSecret, AllowedIPs: []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32")}})
		world := sim.Pipes(place)
		defer world.Close()
		world.Handle("/client/v4/", cf)
		client := httpx.New(httpx.Options{Dial: world.Dial})
		defer client.CloseIdle()
		p, err := New(Config{Credential: Credential{Token: secret.New(theSecret)}, Client: client, BaseURL: "http://127.0.0.1/client/v4"})
		if err != nil {
			t.Fatal(err)
		}
		z := zoneOf(t, p, "example.org")
		place.Set(addr.IPv4, netip.MustParseAddr("203.0.113.8"))
		r := apply(t.Context(), p, z, []plan.Change{create(name("a.example.org"), "203.0.113.8")})[0]
		if r.Err == nil || r.Err.Kind != provider.Auth || !strings.Contains(r.Err.Error(), "203.0.113.8") || !strings.Contains(r.Err.Hint.String(), "Client IP Address Filtering") {
			t.Errorf("%v → %v", r.Err, r.Err.Hint)
		}
	})
}

func TestBothSecretsAreTakenOutOfWhatAServerSays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		echo := func(w http.ResponseWriter, r *http.Request) {
			answer(403, `{"success":false,"errors":[{"code":10000,"message":"`+theSecret+` and `+theKey+`"}]}`)(w, r)
		}
		p := connect(t, http.HandlerFunc(echo), func(c *Config) { c.Credential.Key, c.Credential.Email = secret.New(theKey), theEmail })
		_, err := p.Records(t.Context(), someZone(), allNames("example.org"))
		noSecrets(t, err.Error(), fmt.Sprintf("%#v", err))
	})
}

func TestTheKeyIsAskedOnceWhereTheTokenSeesNoZone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := both(t, sim.Token{Zones: map[string]sim.Access{}})
		z := zoneOf(t, p, "example.org")
		same(t, "results", kinds(t, apply(t.Context(), p, z, changesAt("a.example.org"))), []string{"done"})
		if got := carried(cf); !strings.HasPrefix(got, "t") || !strings.HasSuffix(got, "k") || p.Credential() != "Global API key" {
			t.Errorf("asked with %s", got)
		}
		if got := p.Advice(); len(got) != 1 || !strings.Contains(got[0].Text, "no zone is visible to it") || got[0].Hint == "" {
			t.Errorf("%v", got)
		}
	})
	bubble(t, func(t *testing.T) { // a key that sees no more
		cf, p := both(t, sim.Token{Zones: map[string]sim.Access{}})
		cf.Fail(func(c sim.Call) bool { return c.Credential != theSecret }, sim.EmptyList())
		for range 2 {
			if _, unplaced, err := p.Zones(t.Context(), allNames("a.example.org")); err != nil || len(unplaced) != 1 {
				t.Errorf("%v, %v", unplaced, err)
			}
		}
		if got := carried(cf); strings.Count(got, "k") != 1 || p.Credential() != "API token" {
			t.Errorf("asked with %s, then %s", got, p.Credential())
		}
	})
}

func TestAWrongZoneIDIsDoubtedBeforeThePermissions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := name("a.example.org")
		cf, p := simulated(t, func(c *Config) { c.ZoneIDs = map[dns.Name]string{n: strings.Repeat("1", 32)} })
		_, unplaced, _ := p.Zones(t.Context(), []dns.Name{n})
		if len(unplaced) != 1 || !strings.Contains(unplaced[0].Err.Hint.String(), "check the zone id (records.zone_id)") {
			t.Errorf("%v", unplaced)
		}
		cf.Fail(sim.All(), sim.Refuse(403, 9109, "Unauthorized to access requested resource"))
		zones, _, err := p.Zones(t.Context(), []dns.Name{n})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Records(t.Context(), zones[0].Zone, []dns.Name{n})
		if kindOf(t, err) != provider.Auth || !strings.HasPrefix(err.(*provider.Error).Hint.String(), "check the zone id (records.zone_id)") {
			t.Errorf("%v", err)
		}
	})
}

func TestAPlainTextOfAProxySaysItsStatusFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := connect(t, answer(503, "upstream connect error", "Content-Type", "text/plain"))
		_, err := p.Records(t.Context(), someZone(), allNames("example.org"))
		if s := err.Error(); !strings.Contains(s, "(HTTP 503; what came") || strings.Contains(s, "invalid character") {
			t.Error(s)
		}
	})
}
