package azure

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// Credential is who asks for a token, in one of three ways: with a Secret; with
// what Federated reads, the token that a cluster puts into a file; or, with neither,
// as the machine this runs on.
type Credential struct {
	Tenant, Client string
	Secret         secret.String
	Federated      func() (secret.String, error)
}

func (c Credential) isInstance() bool { return c.Secret.IsZero() && c.Federated == nil }

func (c Credential) kindName() string {
	switch {
	case c.isInstance():
		return "identity of this machine"
	case c.Federated != nil:
		return "workload identity"
	}
	return "client secret"
}

// issuer hands out tokens.
type issuer struct {
	credential Credential
	client     *rest.Client
	resource   string // what the tokens are for
}

// metadataURL is the service of a machine of Azure's: the same address in all.
const metadataURL = "http://169.254.169.254"

// loginURL returns the login server for the API at base: that of the same cloud. A test
// has both on this machine.
func loginURL(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	switch host := u.Hostname(); {
	case isLoopback(host):
		return base
	case strings.HasSuffix(host, ".chinacloudapi.cn"):
		return "https://login.chinacloudapi.cn"
	case strings.HasSuffix(host, ".usgovcloudapi.net"):
		return "https://login.microsoftonline.us"
	}
	return "https://login.microsoftonline.com"
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost"
}

func newIssuer(c Credential, client *httpx.Client, base string, timeout time.Duration) *issuer {
	i := &issuer{credential: c, resource: DefaultBase + "/"}
	at, h := loginURL(base), rest.Host{Name: "Microsoft Entra", Address: "login.microsoftonline.com", StatusPage: "azure.status.microsoft"}
	if strings.Contains(at, "chinacloudapi") || strings.Contains(at, ".us") {
		i.resource = base + "/"
	}
	if c.isInstance() {
		if h = (rest.Host{Name: "the metadata service", Address: "169.254.169.254"}); at != base {
			at = metadataURL
		}
	}
	i.client = &rest.Client{HTTP: client, Base: at, Timeout: timeout, Host: h, Quota: rest.NewQuota(rest.Limit{Host: h.Name}),
		Secrets: []secret.String{c.Secret}, Authorize: func(*http.Request) {}, ExplainRefusal: i.explainTokenRefusal}
	return i
}

func (i *issuer) fetchToken(ctx context.Context) (*rest.TemporaryCredential, *provider.Error) {
	c := i.credential
	if c.isInstance() {
		query := url.Values{"api-version": {"2018-02-01"}, "resource": {i.resource}}
		if c.Client != "" {
			query.Set("client_id", c.Client)
		}
		p, err := i.requestToken(ctx, secret.String{}, rest.Call{What: "get a token of this machine", Method: http.MethodGet, Path: "/metadata/identity/oauth2/token", Query: query,
			Header: http.Header{"Metadata": {"true"}}})
		if err != nil && err.Kind == provider.Unavailable {
			err.Hint = "there is a metadata service on machines of Azure alone; anywhere else set {accounts.client_secret_file}"
		}
		return p, err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.Client}, "scope": {i.resource + ".default"}}
	assertion := secret.String{}
	if c.Federated == nil {
		form.Set("client_secret", c.Secret.Reveal())
	} else {
		var err error
		if assertion, err = c.Federated(); err != nil {
			return nil, rest.NewError(provider.Auth, "", "check {accounts.federated_token_file}", "read the token of the workload: %w", err)
		}
		form.Set("client_assertion", assertion.Reveal())
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	}
	return i.requestToken(ctx, assertion, rest.Call{What: "get a token", Method: http.MethodPost, Path: "/" + url.PathEscape(c.Tenant) + "/oauth2/v2.0/token", ReadOnly: true,
		Body: rest.Document{Type: "application/x-www-form-urlencoded", Content: []byte(form.Encode())}})
}

// maxTokenLife is longer than a token lives.
const maxTokenLife = 24 * time.Hour

// seconds is a number that one service writes as a number and the other as a text.
type seconds int64

func (s *seconds) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*s = seconds(n)
	return err
}

// requestToken makes a call that is answered with a token.
func (i *issuer) requestToken(ctx context.Context, assertion secret.String, call rest.Call) (*rest.TemporaryCredential, *provider.Error) {
	var said struct {
		Token string  `json:"access_token"`
		Type  string  `json:"token_type"`
		Life  seconds `json:"expires_in"`
	}
	call.Result = rest.DecodeJSON(&said)
	if _, err := i.client.Do(ctx, call); err != nil {
		if !assertion.IsZero() { // it is read anew each time, so the client does not know it
			err.Err = withoutSecret(err, assertion)
		}
		return nil, err
	}
	if said.Token == "" || !strings.EqualFold(said.Type, "Bearer") || said.Life <= 0 || strings.ContainsFunc(said.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, rest.NewError(provider.Unavailable, call.What, rest.HintUnexpectedAnswer, "what came is no token")
	}
	token := secret.New(said.Token)
	return &rest.TemporaryCredential{Secrets: []secret.String{token}, Expires: time.Now().Add(min(time.Duration(min(said.Life, 1<<30))*time.Second, maxTokenLife)),
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.Reveal()) }}, nil
}

// withoutSecret redacts a secret in err.
func withoutSecret(err *provider.Error, s secret.String) error {
	if said := err.Err.Error(); strings.Contains(said, s.Reveal()) {
		return fmt.Errorf("%s", strings.ReplaceAll(said, s.Reveal(), s.String()))
	}
	return err.Err
}

// explainTokenRefusal reads a refusal of a token. Its codes are those of Microsoft Entra
// (learn.microsoft.com/entra/identity-platform/reference-error-codes, 2026).
func (i *issuer) explainTokenRefusal(status int, body []byte) rest.Refusal {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Error == "" {
		return rest.Refusal{}
	}
	first, _, _ := strings.Cut(said.Description, "\r\n") // what follows are numbers of this one call
	first, _, _ = strings.Cut(first, " Trace ID")
	r := rest.Refusal{Understood: true, Messages: []string{strings.TrimSpace(said.Error + " " + first)}}
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return r
	}
	code, _, _ := strings.Cut(said.Description, ":")
	r.Meaning = rest.Meaning{Kind: provider.Auth, Cause: "Azure refused the application", Cure: "check {accounts.tenant_id}, {accounts.client_id} and {accounts.client_secret_file}"}
	switch code {
	case "AADSTS7000215":
		r.Meaning.Cause, r.Meaning.Cure = "this is not the secret of the application", "take the value of the secret, and not its id, for {accounts.client_secret_file}"
	case "AADSTS7000222":
		r.Meaning.Cause, r.Meaning.Cure = "the secret of the application has expired", "make a new one with: az ad app credential reset --id CLIENT_ID; and set {accounts.client_secret_file}"
	case "AADSTS700016":
		r.Meaning.Cause, r.Meaning.Cure = "there is no such application in the tenant", "check {accounts.client_id}, and that it is one of {accounts.tenant_id}"
	case "AADSTS90002", "AADSTS900023":
		r.Meaning.Cause, r.Meaning.Cure = "there is no such tenant", "check {accounts.tenant_id}: az account show --query tenantId"
	case "AADSTS700024":
		r.Meaning.Cause, r.Meaning.Cure = "the token of the workload is not valid at this time"+i.describeClockSkew(), "set the clock of the machine that made {accounts.federated_token_file}, or wait for its next one"
	case "AADSTS70021", "AADSTS700211", "AADSTS700213":
		r.Meaning.Cause, r.Meaning.Cure = "the application does not trust this workload", "add a federated credential for it to the application: docs/hosts/azure.md"
	}
	if i.credential.isInstance() {
		r.Meaning.Cause, r.Meaning.Cure = "this machine has no such identity", "give it a managed identity: docs/hosts/azure.md; where it has several say which one with {accounts.client_id}"
	}
	return r
}

// describeClockSkew is by how much the clocks differ, where that is worth a word.
func (i *issuer) describeClockSkew() string {
	ahead, ok := i.client.ClockSkew()
	switch ahead = ahead.Round(time.Second); {
	case !ok || ahead.Abs() < 5*time.Second:
		return ""
	case ahead > 0:
		return fmt.Sprintf("; the clock of this machine is %d s behind", int(ahead.Seconds()))
	}
	return fmt.Sprintf("; the clock of this machine is %d s ahead", int(-ahead.Seconds()))
}
