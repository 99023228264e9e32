package google

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// tokenSource is where tokens come from.
type tokenSource interface {
	fetchToken(context.Context) (*rest.TemporaryCredential, *provider.Error)
	// project is the one the credential is of; empty where that is not known.
	project(context.Context) (string, *provider.Error)
	calls() int64
	clockSkew() (time.Duration, bool)
	credentialName() string
}

// scope is the right to read and change records.
const scope = "https://www.googleapis.com/auth/ndev.clouddns.readwrite"

// assertionLifetime is how long an assertion is good for, at most an hour
// (developers.google.com/identity/protocols/oauth2/service-account, 2026).
const assertionLifetime = time.Hour

// serviceAccount has its tokens by the key of a service account.
type serviceAccount struct {
	key    *key
	client *rest.Client
}

func newServiceAccount(k *key, c *httpx.Client, timeout time.Duration) *serviceAccount {
	u, _ := url.Parse(k.tokenURL) // it was checked
	a := &serviceAccount{key: k, client: &rest.Client{
		HTTP: c, Base: k.tokenURL, Timeout: timeout,
		Host:  rest.Host{Name: "Google", Address: u.Host, StatusPage: "status.cloud.google.com"},
		Quota: rest.NewQuota(rest.Limit{Host: "Google"}), Secrets: k.secrets,
		Authorize: func(*http.Request) {},
	}}
	a.client.ExplainRefusal = a.explainTokenRefusal
	return a
}

func (a *serviceAccount) fetchToken(ctx context.Context) (*rest.TemporaryCredential, *provider.Error) {
	assertion, err := a.signAssertion(time.Now())
	if err != nil {
		return nil, rest.NewError(provider.Auth, "", hintCreateKey, "sign with the key of the service account: %w", err)
	}
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
	return requestToken(ctx, a.client, rest.Call{What: "get a token", Method: http.MethodPost, ReadOnly: true,
		Body: rest.Document{Type: "application/x-www-form-urlencoded", Content: []byte(form.Encode())}})
}

// signAssertion makes the assertion (RFC 7523) of the account, signed by RS256.
func (a *serviceAccount) signAssertion(now time.Time) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": a.key.keyID})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"iss": a.key.email, "scope": scope, "aud": a.key.tokenURL, "iat": now.Unix(), "exp": now.Add(assertionLifetime).Unix()})
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key.private, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func (a *serviceAccount) project(context.Context) (string, *provider.Error) {
	return a.key.project, nil
}
func (a *serviceAccount) calls() int64                     { return a.client.Calls() }
func (a *serviceAccount) clockSkew() (time.Duration, bool) { return a.client.ClockSkew() }
func (a *serviceAccount) credentialName() string           { return "service account key" }

// requestToken makes a call that is answered with a token.
func requestToken(ctx context.Context, c *rest.Client, call rest.Call) (*rest.TemporaryCredential, *provider.Error) {
	var said struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
		Life  int64  `json:"expires_in"` // seconds
	}
	call.Result = rest.DecodeJSON(&said)
	if _, err := c.Do(ctx, call); err != nil {
		return nil, err
	}
	// The token goes into a header, so what came must fit into one.
	if said.Token == "" || !strings.EqualFold(said.Type, "Bearer") || said.Life <= 0 || strings.ContainsFunc(said.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, rest.NewError(provider.Unavailable, call.What, rest.HintUnexpectedAnswer, "what came is no token")
	}
	life := time.Duration(min(said.Life, int64(assertionLifetime/time.Second))) * time.Second
	token := secret.New(said.Token)
	return &rest.TemporaryCredential{Secrets: []secret.String{token}, Expires: time.Now().Add(life),
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.Reveal()) }}, nil
}

// metadataServer has its tokens from the metadata server of the machine this runs on.
type metadataServer struct{ client *rest.Client }

// metadataURL is the metadata server: the same address in every machine of Google's.
const metadataURL = "http://169.254.169.254"

func newMetadataServer(near *httpx.Client, base string, timeout time.Duration) *metadataServer {
	at := metadataURL
	if u, err := url.Parse(base); err == nil && isLoopback(u.Hostname()) { // a test
		at = base
	}
	return &metadataServer{client: &rest.Client{
		HTTP: near, Base: at + "/computeMetadata/v1", Timeout: min(timeout, 10*time.Second),
		Host:           rest.Host{Name: "the metadata server", Address: "169.254.169.254"},
		Quota:          rest.NewQuota(rest.Limit{Host: "the metadata server"}),
		Authorize:      func(r *http.Request) { r.Header.Set("Metadata-Flavor", "Google") },
		ExplainRefusal: explainMetadataRefusal,
	}}
}

func (m *metadataServer) fetchToken(ctx context.Context) (*rest.TemporaryCredential, *provider.Error) {
	t, err := requestToken(ctx, m.client, rest.Call{What: "get a token of this machine", Method: http.MethodGet, Path: "/instance/service-accounts/default/token"})
	return t, hintNotOnGoogle(err)
}

func (m *metadataServer) project(ctx context.Context) (project string, err *provider.Error) {
	_, err = m.client.Do(ctx, rest.Call{What: "ask for the project of this machine", Method: http.MethodGet, Path: "/project/project-id", Text: true, Limit: 1 << 10,
		Result: func(r io.Reader) error {
			b, err := io.ReadAll(r)
			project = strings.TrimSpace(string(b))
			return err
		}})
	if err == nil && CheckProject(project) != nil {
		err = rest.NewError(provider.Unavailable, "ask for the project of this machine", "set {accounts.project}", "what came is no id of a project")
	}
	return project, hintNotOnGoogle(err)
}

func (m *metadataServer) calls() int64                     { return m.client.Calls() }
func (m *metadataServer) clockSkew() (time.Duration, bool) { return m.client.ClockSkew() }
func (m *metadataServer) credentialName() string           { return "service account of this machine" }

// hintNotOnGoogle adds what to do where there is no metadata server.
func hintNotOnGoogle(err *provider.Error) *provider.Error {
	if err != nil && err.Kind == provider.Unavailable {
		err.Hint = "there is a metadata server on machines of Google Cloud alone; anywhere else set {accounts.credentials_file} to the key of a service account"
	}
	return err
}

// CheckProject checks the id of a project: 6 to 30 letters, digits and
// hyphens, perhaps behind the name of an organisation.
func CheckProject(s string) error {
	if s == "" || len(s) > 100 || strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == ':' || r == '.')
	}) {
		return fmt.Errorf("this is no id of a project")
	}
	return nil
}
