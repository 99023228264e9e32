package route53

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/route53/route53test"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// told is what came of a list, a read and a write.
func told(t *testing.T, p *Provider, in string) *provider.Error {
	t.Helper()
	zone := provider.Zone{ID: theZone, Name: name(t, "example.org"), Limits: Limits()}
	var err error
	switch in {
	case "list":
		_, _, err = p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	case "read":
		_, err = p.Records(t.Context(), zone, []dns.Name{name(t, "a.example.org")})
	case "write":
		err = p.Apply(t.Context(), zone, creating(address(t, "a.example.org", "192.0.2.1")))[0].Errs[0]
	}
	e, _ := errors.AsType[*provider.Error](err)
	return e
}

// What is wrong with a credential is found by the account itself.
func TestWhatIsWrongWithACredentialIsSaid(t *testing.T) {
	keys := func(id, s, token string) func(*Config) {
		return func(c *Config) { c.Keys = Keys{id, secret.New(s), secret.New(token)} }
	}
	for _, tt := range []struct {
		what   string
		config func(*Config)
		server func(*route53test.Server)
		in     string
		error  string
		hint   text.Hint
	}{
		{"an unknown key", keys("AKIANOBODY", theSecret, ""), nil, "list",
			"list the hosted zones: AWS does not know this access key, or it was made inactive (Route 53 says InvalidClientTokenId: The security token included in the request is invalid.; HTTP 403)", cureKey},
		{"a wrong secret", keys(theID, "canary-wrong", ""), nil, "read",
			"read the zone example.org: the secret access key is not the one of this access key (Route 53 says SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.; HTTP 403)", cureSecret},
		{"a session that has expired", keys(theID, theSecret, "canary-token"), func(f *route53test.Server) { f.Token = "canary-token"; f.Expire() }, "write",
			"create A a.example.org: the session token has expired (Route 53 says ExpiredToken: The security token included in the request is expired; HTTP 403)", cureExpired},
		{"no right to list", nil, func(f *route53test.Server) { f.Deny("route53:ListHostedZones") }, "list",
			"list the hosted zones: the credential lacks the right route53:ListHostedZones (Route 53 says AccessDenied: User: arn:aws:iam::123456789012:user/homing is not authorized to perform: route53:ListHostedZones because no identity-based policy allows the route53:ListHostedZones action; HTTP 403)", cureRights},
		{"no right to change", nil, func(f *route53test.Server) { f.Deny("route53:ChangeResourceRecordSets") }, "write",
			"create A a.example.org: the credential lacks the right route53:ChangeResourceRecordSets (Route 53 says AccessDenied: User: arn:aws:iam::123456789012:user/homing is not authorized to perform: route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/" + theZone + " because no identity-based policy allows the route53:ChangeResourceRecordSets action; HTTP 403)", cureRights},
		{"a wrong region", nil, func(f *route53test.Server) { f.Region = "cn-northwest-1" }, "list",
			"list the hosted zones: the request is signed for another region than the API's (Route 53 says SignatureDoesNotMatch: Credential should be scoped to a valid region, not 'us-east-1'.; HTTP 403)",
			"set {accounts.region} to a region of the part of AWS in which the account is, such as us-east-1, cn-north-1 or us-gov-west-1"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			if tt.config == nil {
				tt.config = func(*Config) {}
			}
			f, p := newFake(t, tt.config)
			if tt.server != nil {
				tt.server(f)
			}
			e := told(t, p, tt.in)
			if e == nil || e.Kind != provider.Auth || e.Error() != tt.error || e.Hint != tt.hint || strings.Contains(e.Error(), "canary") {
				t.Errorf("%v\n→ %s", e, e.Hint)
			}
		})
	}
}

// The region of a setting decides what requests are signed for.
func TestTheRegionIsThatOfThePartition(t *testing.T) {
	f, p := newFake(t, func(c *Config) { c.Region = "cn-north-1" })
	f.Region = "cn-northwest-1"
	if e := told(t, p, "list"); e != nil {
		t.Error(e)
	}
	for region, base := range map[string]string{"": DefaultBase, "eu-central-1": DefaultBase, "cn-north-1": "https://route53.amazonaws.com.cn", "us-gov-east-1": "https://route53.us-gov.amazonaws.com"} {
		p, err := New(Config{Region: region, Keys: Keys{ID: theID, Secret: secret.New("x")}, Client: httpx.New(httpx.Options{})})
		if err != nil || p.api.Base != base+"/2013-04-01" {
			t.Errorf("%s: %v", region, err)
		}
	}
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		what   string
		status int
		body   string
		kind   provider.Kind
		error  string
		hint   text.Hint
		in     string
	}{
		{"a clock", 403, errorXML("SignatureDoesNotMatch", "Signature expired: 20261129T120000Z is now earlier than 20261129T121500Z (20261129T122000Z - 5 min.)"), provider.Unavailable,
			"list the hosted zones: AWS refused the time of the request: the clock of this machine is 1200 s behind AWS's (Route 53 says SignatureDoesNotMatch: Signature expired: 20261129T120000Z is now earlier than 20261129T121500Z (20261129T122000Z - 5 min.); HTTP 403)",
			httpx.ClockCure, "list"},
		{"a clock, in other words", 403, errorXML("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."), provider.Unavailable,
			"create A a.example.org: AWS refused the time of the request: the clock of this machine is 1200 s behind AWS's (Route 53 says RequestTimeTooSkewed: The difference between the request time and the current time is too large.; HTTP 403)",
			httpx.ClockCure, "write"},
		{"no zone", 404, errorXML("NoSuchHostedZone", "No hosted zone found with ID: Z1"), provider.NoZone,
			"read the zone example.org: this AWS account has no such hosted zone (Route 53 says NoSuchHostedZone: No hosted zone found with ID: Z1; HTTP 404)", cureNoZone, "read"},
		{"an explicit deny", 403, errorXML("AccessDenied", "User: x is not authorized to perform: route53:ListHostedZones with an explicit deny in a service control policy"), provider.Auth,
			"list the hosted zones: the credential lacks the right route53:ListHostedZones, which a policy denies (Route 53 says AccessDenied: User: x is not authorized to perform: route53:ListHostedZones with an explicit deny in a service control policy; HTTP 403)", cureRights, "list"},
		{"a CNAME", 400, errorXML(codeInvalidChangeBatch, "[RRSet of type A with DNS name a.example.org. is not permitted as it conflicts with other records with the same DNS name in zone example.org.]"), provider.Rejected,
			"create A a.example.org: Route 53 refused (it says RRSet of type A with DNS name a.example.org. is not permitted as it conflicts with other records with the same DNS name in zone example.org.)", cureRefused, "write"},
		{"somebody was faster, in the other form", 400, `<InvalidChangeBatch xmlns="x"><Messages><Message>Tried to create resource record set [name='a.example.org.', type='A'] but it already exists</Message></Messages><RequestId/></InvalidChangeBatch>`, provider.Stale,
			"something is not as it was read (Route 53 says Tried to create resource record set [name='a.example.org.', type='A'] but it already exists)", "", "write"},
		{"what it names not", 400, errorXML(codeInvalidChangeBatch, "[Invalid Resource Record: 'canary/secret+key']"), provider.Rejected,
			"create A a.example.org: Route 53 refused the changes (Route 53 says InvalidChangeBatch: Invalid Resource Record: '••••••'; HTTP 400)", "", "write"},
		{"anything else", 400, errorXML("InvalidInput", "no"), provider.Rejected,
			"create A a.example.org: Route 53 refused (Route 53 says InvalidInput: no; HTTP 400)", "homing tries again later by itself; if it stays so, look at the record at the host", "write"},
		{"a page of a proxy", 403, "go away", provider.Unavailable, "list the hosted zones: something else than Route 53's API answered (HTTP 403)",
			"look for a proxy, a firewall or a login page between this machine and route53.amazonaws.com, and check {accounts.base_url}", "list"},
		{"half of an answer", 200, "<ListHostedZonesResponse><HostedZones>", provider.Unavailable, "list the hosted zones: no usable answer came (HTTP 200; the answer cannot be read: unexpected EOF)", "", "list"},
		{"an answer to something else", 200, "<GetChangeResponse/>", provider.Unconfirmed,
			"create A a.example.org: no usable answer came, so the change may have happened or not (HTTP 200; the answer cannot be read: it is <GetChangeResponse> and not <ChangeResourceRecordSetsResponse>)", "", "write"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel() // reads are repeated
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(20*time.Minute).UTC().Format(http.TimeFormat))
				w.Header().Set("Content-Type", "text/xml")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer s.Close()
			_, p := newFake(t, func(c *Config) { c.BaseURL = s.URL })
			e := told(t, p, tt.in)
			if e == nil || e.Kind != tt.kind || e.Error() != tt.error || tt.hint != "" && e.Hint != tt.hint {
				t.Errorf("%v\n%v\n→ %s", e.Kind, e, e.Hint)
			}
		})
	}
}

func errorXML(code, message string) string {
	return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message + "</Message></Error><RequestId>1</RequestId></ErrorResponse>"
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{"/2013-04-01/hostedzone": "GET /hostedzone", "/2013-04-01/hostedzone/Z1": "GET /hostedzone/{id}",
		"/2013-04-01/hostedzone/Z1/rrset": "GET /hostedzone/{id}/rrset", "/x/2013-04-01/change/C1": "GET /change/{id}"} {
		if got := Route(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestShapes(t *testing.T) {
	for in, want := range map[string]string{"Z0123": "Z0123", "/hostedzone/Z0123": "Z0123", "hostedzone/Z1": "Z1", "": "", "z1": "", "Z1/rrset": "", "example.org": ""} {
		if got, err := ParseZoneID(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for in, want := range map[string]bool{"eu-central-1": true, "us-gov-west-1": true, "frankfurt": false, "EU-CENTRAL-1": false, "a-b-c/../x": false} {
		if err := CheckRegion(in); (err == nil) != want {
			t.Errorf("%q: %v", in, err)
		}
	}
	for in, want := range map[string]bool{theID: true, "test": true, "a b": false, "a/b": false, "ä": false} {
		if err := CheckKeyID(in); (err == nil) != want {
			t.Errorf("%q: %v", in, err)
		}
	}
	if CheckSecret("wJalr/+x=") != nil || CheckSecret("a b") == nil || CheckSecret("a\nb") == nil {
		t.Error("secrets")
	}
}

func TestAFileOfProfilesIsRead(t *testing.T) {
	const file = "# mine\n[default]\naws_access_key_id = AKIA1\naws_secret_access_key=canary1\n\n[ profile work ]\nAWS_ACCESS_KEY_ID=AKIA2\naws_secret_access_key = canary2=\n; no\naws_session_token=canary3\n[sso]\nsso_session = x\n"
	for profile, want := range map[string]Keys{"default": {ID: "AKIA1", Secret: secret.New("canary1")}, "work": {"AKIA2", secret.New("canary2="), secret.New("canary3")}} {
		if got, err := ParseProfile(file, profile); got != want || err != nil {
			t.Errorf("%s: %+v %v", profile, got, err)
		}
	}
	for profile, want := range map[string]string{"sso": "the profile [sso] lacks aws_access_key_id or aws_secret_access_key, and homing takes nothing else of it",
		"home": "there is no profile [home] in the file; it has default, work and sso"} {
		if _, err := ParseProfile(file, profile); err == nil || err.Error() != want {
			t.Errorf("%s: %v", profile, err)
		}
	}
	if err := CheckProfiles("AKIA1\n"); err == nil {
		t.Error("a file without a profile is taken")
	}
}
