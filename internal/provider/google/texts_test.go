package google

import (
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/google/googletest"
	"github.com/homing-dns/homing/internal/secret"
)

// What a person is told when something is wrong, and what to do about it.
func TestWhatIsWrongIsSaidWithItsCure(t *testing.T) {
	t.Parallel() // it waits between repetitions
	for _, tt := range []struct {
		what string
		be   func(*googletest.State)
		edit func(*Config)
		kind provider.Kind
		want string
		cure string
	}{
		{"another key", func(s *googletest.State) { s.Account = "unknown key" }, nil, provider.Auth,
			"Google does not know this key any more, or it is another account's (Google says invalid_grant Invalid JWT Signature.; HTTP 400)", "gcloud iam service-accounts keys create"},
		{"an account that is gone", func(s *googletest.State) { s.Account = "gone" }, nil, provider.Auth,
			"there is no service account homing@my-project.iam.gserviceaccount.com (Google says invalid_grant Invalid grant: account not found; HTTP 400)", "correct {accounts.credentials_file}"},
		{"an account that is disabled", func(s *googletest.State) { s.Account = "disabled" }, nil, provider.Auth,
			"the service account is disabled (Google says invalid_grant Account disabled: homing@my-project.iam.gserviceaccount.com; HTTP 400)", "gcloud iam service-accounts enable"},
		{"a clock that is behind", func(s *googletest.State) { s.Skew = 2 * time.Hour }, nil, provider.Auth,
			"Google does not believe the clock of this machine, which is 7200 s behind (Google says invalid_grant Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.; HTTP 400)", "timedatectl set-ntp true"},
		{"a clock that is ahead", func(s *googletest.State) { s.Skew = -10 * time.Minute }, nil, provider.Auth,
			"Google does not believe the clock of this machine, which is 600 s ahead (Google says invalid_grant Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.; HTTP 400)", "set the clock"},
		{"another project", nil, func(c *Config) { c.Project = "another-project" }, provider.NoZone,
			"Google knows no such project (Google says The 'parameters.project' resource named 'another-project' does not exist. (notFound); HTTP 404)", "correct {accounts.project}"},
		{"the API is not enabled", func(s *googletest.State) { s.Deny = "accessNotConfigured" }, nil, provider.Auth,
			"the Cloud DNS API is not enabled in the project (Google says Google Cloud DNS API has not been used in project my-project before or it is disabled. (accessNotConfigured); HTTP 403)", "gcloud services enable dns.googleapis.com"},
		{"no role", func(s *googletest.State) { s.Deny = "forbidden" }, nil, provider.Auth,
			"the service account may not do this in the project (Google says Forbidden (forbidden); HTTP 403)", "roles/dns.admin"},
		{"no billing", func(s *googletest.State) { s.Deny = "inactiveBillingState" }, nil, provider.Auth,
			"there is no active billing account for the project (Google says Forbidden (inactiveBillingState); HTTP 403)", "enable billing"},
		{"too many calls", func(s *googletest.State) { s.Deny = "rateLimitExceeded" }, nil, provider.Throttled,
			"too many calls for the quota of the project (Google says Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'dns.googleapis.com' (rateLimitExceeded); HTTP 403)", "homing waits"},
		{"a machine without an account", func(s *googletest.State) { s.NoMachine = true }, func(c *Config) { c.Key, c.Instance = secret.String{}, true }, provider.Auth,
			"this machine has no service account (HTTP 404)", "{accounts.credentials_file}"},
	} {
		f, base := newFake(t, "example.org")
		if tt.be != nil {
			f.Be(tt.be)
		}
		var edits []func(*Config)
		if tt.edit != nil {
			edits = append(edits, tt.edit)
		}
		_, _, err := reaching(t, f, base, edits...).Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
		e, ok := err.(*provider.Error)
		if !ok {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if e.Kind != tt.kind || e.Reason() != tt.want && !strings.HasSuffix(e.Reason(), ": "+tt.want) || !strings.Contains(string(e.Hint), tt.cure) {
			t.Errorf("%s:\n%s: %s\n%s\nwant\n%s: %s\n%s", tt.what, e.Kind, e.Reason(), e.Hint, tt.kind, tt.want, tt.cure)
		}
	}
}

// A machine that is not Google's has nobody who answers.
func TestWhereThereIsNoMetadataServer(t *testing.T) {
	t.Parallel()
	f, base := newFake(t, "example.org")
	f.Fail(googletest.Down)
	p := reaching(t, f, base, func(c *Config) { c.Instance = true })
	_, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if e, ok := err.(*provider.Error); !ok || e.Kind != provider.Unavailable || !strings.Contains(string(e.Hint), "{accounts.credentials_file}") {
		t.Errorf("%v", err)
	}
}

func TestAKeyFileIsLookedAt(t *testing.T) {
	f := googletest.New("my-project")
	good := f.KeyFile("https://oauth2.googleapis.com/token")
	for text, want := range map[string]string{
		good: "",
		f.KeyFile("https://accounts.google.com/o/oauth2/token"): "",
		f.KeyFile("http://127.0.0.1:8080/token"):                "",
		f.KeyFile("http://127.0.0.1:8081/token"):                `its token_uri leads to "127.0.0.1:8081", which is not Google, and whoever is there could act as the account`,
		f.KeyFile("https://oauth2.googleapis.com.example/t"):    `its token_uri leads to "oauth2.googleapis.com.example", which is not Google, and whoever is there could act as the account`,
		f.KeyFile("http://oauth2.googleapis.com/token"):         `its token_uri leads to "oauth2.googleapis.com", which is not Google, and whoever is there could act as the account`,
		f.KeyFile("https://oauth2.googleapis.com:8443/token"):   `its token_uri leads to "oauth2.googleapis.com:8443", which is not Google, and whoever is there could act as the account`,
		f.KeyFile("token"): "its token_uri is no address",
		"ya29.x":           "it is no key file of a service account (JSON)",
		strings.Replace(good, "service_account", "authorized_user", 1): `it is a credential of the type "authorized_user", and homing takes the key of a service account`,
		strings.Replace(good, "client_email", "mail", 1):               "the key file is not whole: client_email or private_key is missing",
		strings.Replace(good, "MII", "AAA", 1):                         "its private_key is no RSA key that can be used",
	} {
		_, err := parseKey(secret.New(text), "http://127.0.0.1:8080")
		if got, _ := err.(*Malformed); err == nil && want != "" || err != nil && (got == nil || got.Reason != want || got.Hint == "") {
			t.Errorf("%v, want %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "PRIVATE") {
			t.Error("the key is told")
		}
	}
}

// Nothing that a key, an assertion or a bearer is of is told, by a server that
// repeats it either.
func TestNoSecretIsTold(t *testing.T) {
	t.Parallel()
	f, base := newFake(t, "example.org")
	p := reaching(t, f, base)
	zone := zoneOf(t, p, "example.org")
	said := p.api.Sanitize("Bearer ya29.canary-bearer-1 is no good")
	if strings.Contains(said, "canary") {
		t.Error(said)
	}
	f.Be(func(s *googletest.State) { s.Deny = "canary is no secret" })
	_, err := p.Records(t.Context(), zone, []dns.Name{zone.Name})
	if err == nil || strings.Contains(err.Error(), "ya29") {
		t.Error(err)
	}
}

func TestATokenIsKeptUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	f, base := newFake(t, "example.org")
	p := reaching(t, f, base)
	zoneOf(t, p, "example.org")
	zoneOf(t, p, "example.org")
	if f.Given() != 1 {
		t.Errorf("%d tokens were handed out", f.Given())
	}
	f.Revoke()
	zone := zoneOf(t, p, "example.org")
	if f.Given() != 2 {
		t.Errorf("%d tokens were handed out", f.Given())
	}
	f.Revoke() // a write that is refused for its token was not done, and is done with the next
	if r := p.Apply(t.Context(), zone, []plan.Set{create(a(t, "a.example.org", "192.0.2.1"))}); r[0].Errs[0] != nil {
		t.Error(r[0].Errs[0])
	}
}

func TestTheMachineLendsItsAccount(t *testing.T) {
	f, base := newFake(t, "example.org")
	p := reaching(t, f, base, func(c *Config) { c.Key, c.Instance = secret.String{}, true })
	if z := zoneOf(t, p, "a.example.org"); z.ID != "example-org" || p.Credential() != "service account of this machine" {
		t.Errorf("%+v, %s", z, p.Credential())
	}
	if at := newMetadataServer(httpx.New(httpx.Options{}), DefaultBase, time.Second).client.Base; at != "http://169.254.169.254/computeMetadata/v1" {
		t.Error(at)
	}
}
