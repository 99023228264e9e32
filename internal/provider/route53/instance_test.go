package route53

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
)

// cloud is what hands out credentials on AWS: the metadata of a machine, the
// endpoint of a container, and STS.
type cloud struct {
	mu    sync.Mutex
	role  string // of the machine; empty: it has none
	until time.Time
	asked []string
	secret,
	identity string // that STS takes
}

const handedID = "ASIAHANDED"

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, r.Method+" "+r.URL.Path)
	body, _ := io.ReadAll(r.Body)
	keys := fmt.Sprintf(`{"Code":"Success","LastUpdated":"2026-11-29T12:00:00Z","Type":"AWS-HMAC","AccessKeyId":%q,"SecretAccessKey":%q,"Token":"canary-token","Expiration":%q}`,
		handedID, c.secret, c.until.UTC().Format(time.RFC3339))
	token := r.Header.Get("X-Aws-Ec2-Metadata-Token")
	w.Header().Set("Content-Type", "text/plain")
	switch path := r.URL.Path; {
	case r.Method == http.MethodPut && path == "/latest/api/token" && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") == "21600":
		_, _ = io.WriteString(w, "canary-metadata")
	case strings.HasPrefix(path, "/latest/") && token != "canary-metadata":
		w.WriteHeader(http.StatusUnauthorized)
	case path == "/latest/meta-data/iam/security-credentials/" && c.role != "":
		_, _ = io.WriteString(w, c.role+"\n")
	case path == "/latest/meta-data/iam/security-credentials/"+c.role && c.role != "":
		_, _ = io.WriteString(w, keys)
	case path == "/v1/credentials" && r.Header.Get("Authorization") == "canary-container" && r.URL.RawQuery == "id=1":
		_, _ = io.WriteString(w, keys)
	case r.Method == http.MethodPost && path == "/":
		w.Header().Set("Content-Type", "text/xml")
		form := string(body)
		if !strings.Contains(form, "Action=AssumeRoleWithWebIdentity") || !strings.Contains(form, "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fhoming") || !strings.Contains(form, "WebIdentityToken="+c.identity) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, errorXML("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity "+form))
			return
		}
		_, _ = fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>canary-token</SessionToken><SecretAccessKey>%s</SecretAccessKey><Expiration>%s</Expiration><AccessKeyId>%s</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
			c.secret, c.until.UTC().Format(time.RFC3339), handedID)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (c *cloud) calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = nil
	return asked
}

// onCloud is a Provider with these variables and the credential of its machine.
func onCloud(t *testing.T, c *cloud, vars map[string]string) *Provider {
	t.Helper()
	f := account()
	f.KeyID, f.Secret, f.Token = handedID, c.secret, "canary-token"
	api, s := httptest.NewServer(f), httptest.NewServer(c)
	t.Cleanup(api.Close)
	t.Cleanup(s.Close)
	near := httpx.New(httpx.Options{})
	t.Cleanup(near.CloseIdle)
	getenv := func(name string) string { return strings.ReplaceAll(vars[name], "HERE", s.URL) }
	return reaching(t, api.URL, httpx.New(httpx.Options{}), func(cfg *Config) {
		cfg.Keys, cfg.Instance = Keys{}, &Instance{Getenv: getenv, Metadata: near, Issuer: near}
	})
}

func TestTheCredentialOfAMachineIsHandedOut(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("canary-identity\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	container := filepath.Join(t.TempDir(), "container")
	if err := os.WriteFile(container, []byte("canary-container"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct {
		vars map[string]string
		want []string
	}{
		"the metadata of a machine": {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "HERE/"},
			[]string{"PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/", "GET /latest/meta-data/iam/security-credentials/home"}},
		"the endpoint of a container": {map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "HERE/v1/credentials?id=1", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "canary-container"},
			[]string{"GET /v1/credentials"}},
		"that of a pod": {map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "HERE/v1/credentials?id=1", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": container},
			[]string{"GET /v1/credentials"}},
		"STS, for a web identity": {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/homing", "AWS_ENDPOINT_URL_STS": "HERE"},
			[]string{"POST /"}},
	} {
		t.Run(what, func(t *testing.T) {
			c := &cloud{role: "home", until: time.Now().Add(time.Hour), secret: "canary-handed", identity: "canary-identity"}
			p := onCloud(t, c, tt.vars)
			if asked := c.calls(); len(asked) > 0 {
				t.Errorf("asked before the first call: %q", asked)
			}
			for range 3 {
				if e := told(t, p, "list"); e != nil {
					t.Fatal(e)
				}
			}
			if asked := c.calls(); !slices.Equal(asked, tt.want) {
				t.Errorf("asked is %q", asked)
			}
			c.mu.Lock()
			c.until = time.Now().Add(-time.Minute)
			c.mu.Unlock()
			pass, _ := p.api.Credentials.Get(t.Context())
			p.api.Credentials.Invalidate(pass)
			for range 2 { // what has ended when it comes is asked for at each call
				if e := told(t, p, "list"); e != nil || len(c.calls()) != len(tt.want) {
					t.Errorf("what has ended: %v", e)
				}
			}
		})
	}
}

func TestWhatKeepsAMachineFromItsCredentialIsSaid(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("canary-stranger"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct {
		vars  map[string]string
		kind  provider.Kind
		error string
	}{
		"no role": {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "HERE"}, provider.Auth,
			"list the hosted zones: ask the metadata of this machine for its credential: this machine has no role"},
		"no machine of AWS's": {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"}, provider.Unavailable,
			"list the hosted zones: ask the metadata of this machine for its credential: the metadata of this machine cannot be reached (dial tcp 127.0.0.1:1: connect: connection refused)"},
		"metadata elsewhere": {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://192.0.2.1"}, provider.Rejected,
			`list the hosted zones: ask the metadata of this machine for its credential: AWS_EC2_METADATA_SERVICE_ENDPOINT: "192.0.2.1" is no address of this machine itself, and plain http leads nowhere else`},
		"a container's elsewhere": {map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.org/"}, provider.Rejected,
			`list the hosted zones: ask for the credential of this container: AWS_CONTAINER_CREDENTIALS_FULL_URI: "example.org" is no address of this machine itself, and plain http leads nowhere else`},
		"a container's that is refused": {map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "HERE/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "canary-none"}, provider.Unavailable,
			"list the hosted zones: ask for the credential of this container: something else than the endpoint of this container's API answered (HTTP 404)"},
		"an identity that STS refuses": {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/homing", "AWS_ENDPOINT_URL_STS": "HERE"}, provider.Auth,
			"list the hosted zones: ask STS for the keys of the role: the credential may not do this (STS says AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fhoming&RoleSessionName=homing&Version=2011-06-15&WebIdentityToken=••••••; HTTP 403)"},
		"an identity without a file": {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": dir + "/none", "AWS_ROLE_ARN": "arn:aws:iam::1:role/homing"}, provider.Unavailable,
			"list the hosted zones: ask STS for the keys of the role: read AWS_WEB_IDENTITY_TOKEN_FILE: open " + dir + "/none: no such file or directory"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel() // reads are repeated
			p := onCloud(t, &cloud{secret: "canary-handed", identity: "canary-identity"}, tt.vars)
			e := told(t, p, "list")
			if e == nil || e.Kind != tt.kind || e.Error() != tt.error || p.Calls() != 0 {
				t.Errorf("%v", e)
			}
		})
	}
}
