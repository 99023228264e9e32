package route53

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// Instance is the credential of the machine, container or workload that homing
// runs in. Where it is handed out the variables say that AWS sets there: a token
// of the workload to show to STS (EKS), an endpoint of the container (ECS, EKS),
// or else the metadata of the machine (EC2).
type Instance struct {
	Getenv   func(string) string
	Metadata *httpx.Client // without a proxy, to this machine's own links only
	Issuer   *httpx.Client // to STS
}

// The services, as the SDKs have them (AWS SDKs and Tools Reference Guide,
// "Standardized credential providers", 2026-11).
const (
	metadataBase  = "http://169.254.169.254"
	containerBase = "http://169.254.170.2"

	fetchTimeout     = 10 * time.Second // of all that one question takes
	metadataTokenTTL = "21600"          // of the metadata's own token, in seconds
)

// newRenewal keeps the keys that are handed out, as what signs requests for a region.
func (i *Instance) newRenewal(signed, region string) *rest.CredentialCache {
	return &rest.CredentialCache{Timeout: fetchTimeout, Fetch: func(ctx context.Context) (*rest.TemporaryCredential, *provider.Error) {
		h, err := i.fetchCredential(ctx, region)
		if err != nil {
			return nil, err
		}
		keys := Keys{ID: h.AccessKeyID, Secret: secret.New(h.SecretAccessKey), Token: secret.New(h.Token)}
		return &rest.TemporaryCredential{Expires: h.Expiration, Secrets: []secret.String{keys.Secret, keys.Token},
			Authorize: func(r *http.Request) { Sign(r, keys, signed, service, time.Now()) }}, nil
	}}
}

// instanceCredential is what a service hands out.
type instanceCredential struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	Token           string
	Expiration      time.Time
	Code            string // of the machine's metadata: Success
}

func (h instanceCredential) validate() error {
	switch {
	case h.Code != "" && h.Code != "Success":
		return fmt.Errorf("it says %s", rest.Printable(h.Code))
	case h.AccessKeyID == "" || h.SecretAccessKey == "" || !isHeaderSafe(h.AccessKeyID) || !isHeaderSafe(h.Token):
		return fmt.Errorf("there is no access key in its answer")
	}
	return nil
}

func (i *Instance) fetchCredential(ctx context.Context, region string) (instanceCredential, *provider.Error) {
	switch {
	case i.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "" && i.Getenv("AWS_ROLE_ARN") != "":
		return i.assumeRole(ctx, region)
	case i.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || i.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "":
		return i.fetchFromContainer(ctx)
	}
	return i.fetchFromEC2(ctx)
}

// newServiceClient is for one service that hands out credentials; hidden are what it is shown.
func newServiceClient(c *httpx.Client, name, base string, authorize func(*http.Request), hidden ...secret.String) *rest.Client {
	return &rest.Client{HTTP: c, Base: base, Timeout: fetchTimeout, Quota: rest.NewQuota(rest.Limit{Host: name}), Secrets: hidden, Authorize: authorize,
		Host:           rest.Host{Name: name, Address: strings.TrimPrefix(strings.TrimPrefix(base, "http://"), "https://")},
		ExplainRefusal: func(_ int, body []byte) rest.Refusal { return parseRefusal(body) }}
}

// fetchFromEC2 asks the metadata of an EC2 machine, in the second version of the
// service: a token of its own first.
func (i *Instance) fetchFromEC2(ctx context.Context) (h instanceCredential, _ *provider.Error) {
	base, err := checkLocalURL(i.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"), metadataBase)
	if err != nil {
		return h, rest.NewError(provider.Rejected, askMachine, "", "AWS_EC2_METADATA_SERVICE_ENDPOINT: %w", err)
	}
	name := "the metadata of this machine"
	var token string
	asking := newServiceClient(i.Metadata, name, base, func(r *http.Request) { r.Header.Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", metadataTokenTTL) })
	asking.Timeout /= 2 // a hop too many is no answer at all
	if _, e := asking.Do(ctx, rest.Call{What: askMachine, Method: http.MethodPut, Path: "/latest/api/token", Text: true, Result: readLine(&token)}); e != nil {
		return h, rest.NewError(provider.Unavailable, askMachine, cureNoMachine, "%w", e.Err)
	}
	with := newServiceClient(i.Metadata, name, base, func(r *http.Request) { r.Header.Set("X-Aws-Ec2-Metadata-Token", token) }, secret.New(token))
	const path = "/latest/meta-data/iam/security-credentials/"
	var role string
	_, e := with.Do(ctx, rest.Call{What: askMachine, Method: http.MethodGet, Path: path, Text: true, Result: readLine(&role)})
	switch {
	case rest.StatusOf(e) == http.StatusNotFound || e == nil && role == "":
		return h, rest.NewError(provider.Auth, askMachine, "attach an IAM role to the machine, with the rights that docs/hosts/route53.md shows", "this machine has no role")
	case e != nil:
		return h, e
	}
	return fetchJSON(ctx, with, rest.Call{What: askMachine, Method: http.MethodGet, Path: path + url.PathEscape(role)})
}

// fetchFromContainer asks the endpoint of a container (ECS) or of a pod (EKS).
func (i *Instance) fetchFromContainer(ctx context.Context) (h instanceCredential, _ *provider.Error) {
	at := i.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if path := i.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		at = containerBase + path
	}
	u, err := url.Parse(at)
	if err == nil && u.Scheme != "https" {
		_, err = checkLocalURL(u.Scheme+"://"+u.Host, "")
	}
	if err != nil {
		return h, rest.NewError(provider.Rejected, askContainer, "", "AWS_CONTAINER_CREDENTIALS_FULL_URI: %w", err)
	}
	token := secret.New(i.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"))
	if file := i.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		said, err := readCredentialFile(file)
		if err != nil {
			return h, rest.NewError(provider.Unavailable, askContainer, "", "read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: %w", err)
		}
		token = secret.New(said)
	}
	c := newServiceClient(i.Metadata, "the endpoint of this container", u.Scheme+"://"+u.Host, func(r *http.Request) {
		if !token.IsZero() {
			r.Header.Set("Authorization", token.Reveal())
		}
	}, token)
	if u.Scheme == "https" {
		c.HTTP = i.Issuer
	}
	return fetchJSON(ctx, c, rest.Call{What: askContainer, Method: http.MethodGet, Path: u.EscapedPath(), Query: u.Query()})
}

// assumeRole shows the token of a workload to STS, which hands out the keys of its role.
func (i *Instance) assumeRole(ctx context.Context, region string) (h instanceCredential, _ *provider.Error) {
	token, err := readCredentialFile(i.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"))
	if err != nil {
		return h, rest.NewError(provider.Unavailable, askSTS, "", "read AWS_WEB_IDENTITY_TOKEN_FILE: %w", err)
	}
	usual := "https://sts.amazonaws.com"
	if region != "" {
		usual = "https://sts." + region + "." + partitionFor(region).suffix
	}
	base, err := rest.CheckBaseURL(i.Getenv("AWS_ENDPOINT_URL_STS"), usual, false)
	if err != nil {
		return h, rest.NewError(provider.Rejected, askSTS, "", "AWS_ENDPOINT_URL_STS: %w", err)
	}
	session := i.Getenv("AWS_ROLE_SESSION_NAME")
	if session == "" {
		session = "homing"
	}
	form := url.Values{"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {i.Getenv("AWS_ROLE_ARN")},
		"RoleSessionName": {session}, "WebIdentityToken": {token}}
	c := newServiceClient(i.Issuer, "STS", base, func(*http.Request) {}, secret.New(token))
	_, e := c.Do(ctx, rest.Call{What: askSTS, Method: http.MethodPost, Path: "/", XML: true, NotFoundKind: provider.Unavailable,
		Body: rest.Document{Type: "application/x-www-form-urlencoded", Content: []byte(form.Encode())},
		Result: func(r io.Reader) error {
			doc, err := parseDocument(r, "AssumeRoleWithWebIdentityResponse")
			if err != nil {
				return err
			}
			given := doc.find("AssumeRoleWithWebIdentityResult", "Credentials")
			h = instanceCredential{AccessKeyID: given.textAt("AccessKeyId"), SecretAccessKey: given.textAt("SecretAccessKey"), Token: given.textAt("SessionToken")}
			if h.Expiration, err = time.Parse(time.RFC3339, given.textAt("Expiration")); err != nil {
				return err
			}
			return h.validate()
		}})
	return h, e
}

// fetchJSON asks for what is handed out as JSON.
func fetchJSON(ctx context.Context, c *rest.Client, call rest.Call) (h instanceCredential, _ *provider.Error) {
	call.NotFoundKind = provider.Unavailable
	call.Text = true // the metadata of machines says text/plain
	call.Result = func(r io.Reader) error {
		if err := json.NewDecoder(r).Decode(&h); err != nil {
			return err
		}
		return h.validate()
	}
	_, err := c.Do(ctx, call)
	return h, err
}

// readLine reads an answer of one line.
func readLine(s *string) func(io.Reader) error {
	return func(r io.Reader) error {
		b, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
		if *s = first; len(first) > maxLine || !isHeaderSafe(first) {
			return fmt.Errorf("it is no single line of ASCII")
		}
		return nil
	}
}

const maxLine = 4096

// checkLocalURL checks the address of a service of the machine itself: a loopback one or
// one that no router passes on, or those that ECS and EKS have for it.
func checkLocalURL(s, usual string) (string, error) {
	if s == "" {
		return usual, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return "", fmt.Errorf("%.100q is no address such as %s", s, metadataBase)
	}
	a, err := netip.ParseAddr(u.Hostname())
	if err != nil || !a.IsLoopback() && !a.IsLinkLocalUnicast() && !netip.MustParsePrefix("fd00:ec2::/32").Contains(a) {
		return "", fmt.Errorf("%.100q is no address of this machine itself, and plain http leads nowhere else", u.Hostname())
	}
	return strings.TrimRight(s, "/"), nil
}

const (
	askMachine   = "ask the metadata of this machine for its credential"
	askContainer = "ask for the credential of this container"
	askSTS       = "ask STS for the keys of the role"
)
