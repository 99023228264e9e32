package azure

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/azure/azuretest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// What a person is told when something is wrong, and what to do about it.
func TestWhatIsWrongIsSaidWithItsCure(t *testing.T) {
	t.Parallel()
	refused := func(code string) func(*azuretest.State) { return func(s *azuretest.State) { s.Refuse = code } }
	denied := func(code string) func(*azuretest.State) { return func(s *azuretest.State) { s.Deny = code } }
	workload := func(token string, err error) func(*Config, *rest.Account) {
		return func(c *Config, _ *rest.Account) {
			c.Credential.Secret, c.Credential.Federated = secret.String{}, func() (secret.String, error) { return secret.New(token), err }
		}
	}
	for _, tt := range []struct {
		what string
		be   func(*azuretest.State)
		edit func(*Config, *rest.Account)
		kind provider.Kind
		want string
		cure string
	}{
		{"a wrong secret", nil, func(c *Config, _ *rest.Account) { c.Credential.Secret = secret.New("canary-wrong") }, provider.Auth,
			"this is not the secret of the application (Microsoft Entra says invalid_client AADSTS7000215: Invalid client secret provided.", "take the value of the secret"},
		{"an expired secret", refused("AADSTS7000222"), nil, provider.Auth,
			"the secret of the application has expired (Microsoft Entra says invalid_client AADSTS7000222: The provided client secret keys for app '22222222-2222-2222-2222-222222222222' are expired.; HTTP 401)", "az ad app credential reset"},
		{"another application", nil, func(c *Config, _ *rest.Account) { c.Credential.Client = "x" }, provider.Auth, "there is no such application in the tenant (", "{accounts.client_id}"},
		{"another tenant", nil, func(c *Config, _ *rest.Account) { c.Credential.Tenant = "nothing" }, provider.Auth, "there is no such tenant (", "{accounts.tenant_id}"},
		{"another subscription", nil, func(c *Config, _ *rest.Account) { c.Subscription = "x" }, provider.Auth,
			"there is no such subscription, or the credential may not see it (Azure says SubscriptionNotFound The subscription 'x' could not be found.; HTTP 404)", "{accounts.subscription_id}"},
		{"the subscription of another tenant", denied("InvalidAuthenticationTokenTenant"), nil, provider.Auth, "the subscription belongs to another tenant (", "{accounts.tenant_id}"},
		{"no role", denied("AuthorizationFailed"), nil, provider.Auth, "the credential may not do this (Azure says AuthorizationFailed The client", "DNS Zone Contributor"},
		{"a workload that is not trusted", nil, workload("canary-other", nil), provider.Auth, "the application does not trust this workload (", "federated credential"},
		{"a workload whose clock is wrong", func(s *azuretest.State) { s.Refuse, s.Skew = "AADSTS700024", time.Hour }, workload(azuretest.Federated, nil), provider.Auth,
			"the token of the workload is not valid at this time; the clock of this machine is 3600 s behind (", "set the clock"},
		{"a workload without its file", nil, workload("", errors.New("no such file")), provider.Auth, "read the token of the workload: no such file", "{accounts.federated_token_file}"},
		{"a machine without an identity", func(s *azuretest.State) { s.NoMachine = true }, func(c *Config, _ *rest.Account) { c.Credential = Credential{} }, provider.Auth,
			"this machine has no such identity (", "managed identity"},
	} {
		f, base := newFake(t, "example.org")
		if tt.be != nil {
			f.Be(tt.be)
		}
		var edits []func(*Config, *rest.Account)
		if tt.edit != nil {
			edits = append(edits, tt.edit)
		}
		_, _, err := reaching(t, base, edits...).Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
		e, ok := err.(*provider.Error)
		if !ok {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if e.Kind != tt.kind || !strings.Contains(e.Reason(), tt.want) || !strings.Contains(string(e.Hint), tt.cure) {
			t.Errorf("%s:\n%s: %s\n%s\nwant\n%s: %s\n%s", tt.what, e.Kind, e.Reason(), e.Hint, tt.kind, tt.want, tt.cure)
		}
		if strings.Contains(e.Error(), "canary") {
			t.Errorf("%s: a secret is told: %v", tt.what, e)
		}
	}
}

func TestWhereThereIsNoMetadataService(t *testing.T) {
	t.Parallel()
	f, base := newFake(t, "example.org")
	f.Fail(resttest.Down)
	p := reaching(t, base, func(c *Config, _ *rest.Account) { c.Credential = Credential{} })
	_, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if e, ok := err.(*provider.Error); !ok || e.Kind != provider.Unavailable || !strings.Contains(string(e.Hint), "{accounts.client_secret_file}") {
		t.Errorf("%v", err)
	}
}

// Each way to a token works, and the token is had anew where it is taken back.
func TestEachCredentialIsTaken(t *testing.T) {
	for words, c := range map[string]Credential{
		"client secret":            {Tenant: azuretest.Tenant, Client: azuretest.Client, Secret: secret.New(azuretest.Secret)},
		"workload identity":        {Tenant: azuretest.Tenant, Client: azuretest.Client, Federated: func() (secret.String, error) { return secret.New(azuretest.Federated), nil }},
		"identity of this machine": {Client: azuretest.Client},
	} {
		f, base := newFake(t, "example.org")
		p := reaching(t, base, func(to *Config, _ *rest.Account) { to.Credential = c })
		zone := zoneOf(t, p, "a.example.org")
		f.Revoke()
		if r := p.Apply(t.Context(), zone, []plan.Set{create(a(t, "a.example.org", "192.0.2.1"))})[0]; r.Errs[0] != nil || p.Credential() != words {
			t.Errorf("%s: %v, %s", words, r.Errs[0], p.Credential())
		}
		if said := p.api.Sanitize("Bearer eyJ0.canary-bearer-2"); strings.Contains(said, "canary") {
			t.Error(said)
		}
	}
}

// Whoever hands out tokens is of the cloud that the API is of.
func TestTokensAreOfTheSameCloud(t *testing.T) {
	c := httpx.New(httpx.Options{})
	for base, want := range map[string]string{
		DefaultBase:                              "https://login.microsoftonline.com https://management.azure.com/",
		"https://management.chinacloudapi.cn":    "https://login.chinacloudapi.cn https://management.chinacloudapi.cn/",
		"https://management.usgovcloudapi.net":   "https://login.microsoftonline.us https://management.usgovcloudapi.net/",
		"http://127.0.0.1:8080":                  "http://127.0.0.1:8080 https://management.azure.com/",
		"https://management.azure.com.example":   "https://login.microsoftonline.com https://management.azure.com/",
		"https://example.net/.chinacloudapi.cn/": "https://login.microsoftonline.com https://management.azure.com/",
	} {
		i := newIssuer(Credential{Secret: secret.New("x")}, c, base, time.Second)
		if got := i.client.Base + " " + i.resource; got != want {
			t.Errorf("%s: %s", base, got)
		}
	}
	if at := newIssuer(Credential{}, c, DefaultBase, time.Second).client.Base; at != "http://169.254.169.254" {
		t.Error(at)
	}
}

func TestIDsOfZones(t *testing.T) {
	for s, want := range map[string]string{
		"dns/example.org": "dns/example.org",
		"/subscriptions/s/resourceGroups/DNS/providers/Microsoft.Network/dnszones/Example.org": "dns/example.org",
		"example.org": "", "/subscriptions/s/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones/x": "", "a/b/c": "", "a/b?c": "", "a/": "",
	} {
		if got, err := ParseZoneID(s); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
}
