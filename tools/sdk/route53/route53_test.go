// Package route53 holds what stands for Amazon Route 53 in homing's tests, and
// homing's signatures, to the official SDK.
package route53

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"

	ours "github.com/homing-dns/homing/internal/provider/route53"
	"github.com/homing-dns/homing/internal/provider/route53/route53test"
	"github.com/homing-dns/homing/internal/secret"
)

const (
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	key    = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	zoneID = "Z0123456789ABCDEF"
)

// account is the fake with a zone, and the SDK's client for it.
func account(t *testing.T, edit ...func(*route53.Options)) (*route53test.Server, *route53.Client) {
	t.Helper()
	f := route53test.New(keyID, key)
	f.Add(zoneID, "example.org.", false)
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	o := route53.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.URL), Credentials: credentials.NewStaticCredentialsProvider(keyID, key, ""), Retryer: aws.NopRetryer{}}
	for _, e := range edit {
		e(&o)
	}
	return f, route53.New(o)
}

func set(name string, kind types.RRType, ttl int64, values ...string) *types.ResourceRecordSet {
	s := &types.ResourceRecordSet{Name: &name, Type: kind, TTL: &ttl}
	for _, v := range values {
		s.ResourceRecords = append(s.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
	}
	return s
}

type step struct {
	action types.ChangeAction
	set    *types.ResourceRecordSet
}

func change(c *route53.Client, steps ...step) (*route53.ChangeResourceRecordSetsOutput, error) {
	b := &types.ChangeBatch{}
	for _, s := range steps {
		b.Changes = append(b.Changes, types.Change{Action: s.action, ResourceRecordSet: s.set})
	}
	return c.ChangeResourceRecordSets(context.Background(), &route53.ChangeResourceRecordSetsInput{HostedZoneId: aws.String(zoneID), ChangeBatch: b})
}

// refused fails unless the SDK takes err for this code, with these words.
func refused(t *testing.T, err error, code, words string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want %s: %s", err, code, words)
	}
}

func values(f *route53test.Server, name string) (all []string) {
	for _, s := range f.Sets(zoneID, name) {
		all = append(all, fmt.Sprint(s.Type, " ", s.TTL, " ", s.Values))
	}
	return all
}

func TestTheSDKListsCreatesChangesAndDeletes(t *testing.T) {
	f, c := account(t)
	zones, err := c.ListHostedZones(t.Context(), &route53.ListHostedZonesInput{})
	if err != nil || len(zones.HostedZones) != 1 || *zones.HostedZones[0].Name != "example.org." || *zones.HostedZones[0].ResourceRecordSetCount != 2 || zones.HostedZones[0].Config.PrivateZone {
		t.Fatalf("%+v %v", zones, err)
	}
	one, err := c.GetHostedZone(t.Context(), &route53.GetHostedZoneInput{Id: zones.HostedZones[0].Id})
	if err != nil || *one.HostedZone.Name != "example.org." {
		t.Fatal(one, err)
	}
	out, err := change(c, step{"CREATE", set("a.example.org.", "A", 300, "192.0.2.1")}, step{"CREATE", set("*.example.org", "AAAA", 60, "2001:db8::1", "2001:db8::2")},
		step{"UPSERT", set("T.example.org", "TXT", 60, `"v=spf1 \"&<>\303\274" "two"`)})
	if err != nil || out.ChangeInfo.Status != types.ChangeStatusPending {
		t.Fatal(out, err)
	}
	id := out.ChangeInfo.Id
	for _, want := range []types.ChangeStatus{types.ChangeStatusPending, types.ChangeStatusInsync} {
		got, err := c.GetChange(t.Context(), &route53.GetChangeInput{Id: id})
		if err != nil || got.ChangeInfo.Status != want {
			t.Errorf("%+v %v", got, err)
		}
		f.Sync()
	}
	var listed []string
	pages := route53.NewListResourceRecordSetsPaginator(c, &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(zoneID), MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.ResourceRecordSets {
			listed = append(listed, *s.Name+" "+string(s.Type))
		}
	}
	if want := []string{"example.org. NS", "example.org. SOA", `\052.example.org. AAAA`, "a.example.org. A", "t.example.org. TXT"}; !slices.Equal(listed, want) {
		t.Errorf("listed is %q", listed)
	}
	if _, err := change(c, step{"DELETE", set("a.example.org.", "A", 300, "192.0.2.1")}, step{"CREATE", set("a.example.org.", "A", 300, "192.0.2.2")},
		step{"DELETE", set(`\052.example.org`, "AAAA", 60, "2001:db8::2", "2001:db8::1")}); err != nil {
		t.Fatal(err)
	}
	if got := append(values(f, "a.example.org."), values(f, "*.example.org.")...); !slices.Equal(got, []string{"A 300 [192.0.2.2]"}) {
		t.Errorf("held is %q", got)
	}
	if got := values(f, "t.example.org."); !slices.Equal(got, []string{`TXT 60 ["v=spf1 \"&<>\303\274" "two"]`}) {
		t.Errorf("held is %q", got)
	}
}

func TestTheSDKReadsWhatIsMoreThanASet(t *testing.T) {
	f, c := account(t)
	for _, s := range []route53test.Set{
		{Name: "alias.example.org.", Type: "A", Alias: "d123.cloudfront.net."},
		{Name: "w.example.org.", Type: "A", TTL: 60, Values: []string{"192.0.2.1"}, ID: "one", Weight: 10},
		{Name: "r.example.org.", Type: "A", TTL: 60, Values: []string{"192.0.2.1"}, ID: "one", Region: "eu-west-1"},
		{Name: "g.example.org.", Type: "A", TTL: 60, Values: []string{"192.0.2.1"}, ID: "one", Country: "DE"},
		{Name: "f.example.org.", Type: "A", TTL: 60, Values: []string{"192.0.2.1"}, ID: "one", Failover: "PRIMARY", HealthCheck: "1-2"},
		{Name: "m.example.org.", Type: "A", TTL: 60, Values: []string{"192.0.2.1"}, ID: "one", MultiValue: true},
	} {
		f.Put(zoneID, s)
	}
	out, err := c.ListResourceRecordSets(t.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(zoneID)})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, s := range out.ResourceRecordSets {
		switch *s.Name {
		case "alias.example.org.":
			found["alias"] = s.AliasTarget != nil && *s.AliasTarget.DNSName == "d123.cloudfront.net." && s.TTL == nil
		case "w.example.org.":
			found["weight"] = s.Weight != nil && *s.Weight == 10 && *s.SetIdentifier == "one"
		case "r.example.org.":
			found["region"] = s.Region == "eu-west-1"
		case "g.example.org.":
			found["geo"] = s.GeoLocation != nil && *s.GeoLocation.CountryCode == "DE"
		case "f.example.org.":
			found["failover"] = s.Failover == "PRIMARY" && *s.HealthCheckId == "1-2"
		case "m.example.org.":
			found["multi"] = s.MultiValueAnswer != nil && *s.MultiValueAnswer
		}
	}
	for _, what := range []string{"alias", "weight", "region", "geo", "failover", "multi"} {
		if !found[what] {
			t.Errorf("%s is not read", what)
		}
	}
}

// Every refusal that homing relies on is one to the SDK.
func TestTheSDKIsRefusedAsHomingIs(t *testing.T) {
	f, c := account(t)
	f.Put(zoneID, route53test.Set{Name: "a.example.org.", Type: "A", TTL: 300, Values: []string{"192.0.2.1"}})
	f.Put(zoneID, route53test.Set{Name: "c.example.org.", Type: "CNAME", TTL: 300, Values: []string{"example.net."}})
	var many []step
	for i := range 501 {
		many = append(many, step{"UPSERT", set(fmt.Sprintf("n%d.example.org", i), "A", 60, "192.0.2.1")})
	}
	long := `"` + strings.Repeat("x", 250) + `"`
	var texts []step
	for i := range 127 {
		texts = append(texts, step{"CREATE", set(fmt.Sprintf("t%d.example.org", i), "TXT", 60, long)})
	}
	for what, tt := range map[string]struct {
		steps []step
		words string
	}{
		"what is not as it was read":  {[]step{{"DELETE", set("a.example.org", "A", 300, "192.0.2.9")}}, "Tried to delete resource record set [name='a.example.org.', type='A'] but the values provided do not match the current values"},
		"another TTL":                 {[]step{{"DELETE", set("a.example.org", "A", 301, "192.0.2.1")}}, "but the values provided do not match the current values"},
		"what is gone":                {[]step{{"DELETE", set("b.example.org", "A", 300, "192.0.2.1")}}, "Tried to delete resource record set [name='b.example.org.', type='A'] but it was not found"},
		"what is there":               {[]step{{"CREATE", set("a.example.org", "A", 300, "192.0.2.1")}}, "Tried to create resource record set [name='a.example.org.', type='A'] but it already exists"},
		"beside a CNAME":              {[]step{{"CREATE", set("c.example.org", "A", 300, "192.0.2.1")}}, "RRSet of type A with DNS name c.example.org. is not permitted as it conflicts with other records"},
		"outside of the zone":         {[]step{{"CREATE", set("a.example.net", "A", 300, "192.0.2.1")}}, "RRSet with DNS name a.example.net. is not permitted in zone example.org."},
		"no address":                  {[]step{{"CREATE", set("x.example.org", "A", 300, "nonsense")}}, "Invalid Resource Record"},
		"more than 1,000 values":      {many, "Number of records limit of 1000 exceeded."},
		"more than 32,000 characters": {texts, "RDATA character limit of 32000 exceeded."},
		"one of several": {[]step{{"CREATE", set("fine.example.org", "A", 300, "192.0.2.1")}, {"CREATE", set("a.example.org", "A", 300, "192.0.2.1")}},
			"already exists"},
	} {
		_, err := change(c, tt.steps...)
		var batch *types.InvalidChangeBatch
		if !errors.As(err, &batch) || !strings.Contains(err.Error(), tt.words) && !slices.ContainsFunc(batch.Messages, func(m string) bool { return strings.Contains(m, tt.words) }) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := values(f, "fine.example.org."); len(got) > 0 {
		t.Errorf("half of a batch was carried out: %q", got)
	}
	f.Busy(1)
	_, err := change(c, step{"CREATE", set("x.example.org", "A", 300, "192.0.2.1")})
	refused(t, err, "PriorRequestNotComplete", "still processing a prior request")
	_, err = c.GetHostedZone(t.Context(), &route53.GetHostedZoneInput{Id: aws.String("ZNONE")})
	refused(t, err, "NoSuchHostedZone", "ZNONE")
	_, err = c.GetChange(t.Context(), &route53.GetChangeInput{Id: aws.String("CNONE")})
	refused(t, err, "NoSuchChange", "CNONE")
	f.Deny("route53:ListHostedZones")
	_, err = c.ListHostedZones(t.Context(), &route53.ListHostedZonesInput{})
	refused(t, err, "AccessDenied", "is not authorized to perform: route53:ListHostedZones")
	f.Rate = 1
	for range 3 {
		_, err = c.GetHostedZone(t.Context(), &route53.GetHostedZoneInput{Id: aws.String(zoneID)})
	}
	refused(t, err, "Throttling", "Rate exceeded")
}

func TestTheSDKsCredentialsAreLookedAt(t *testing.T) {
	list := func(c *route53.Client) error {
		_, err := c.ListHostedZones(t.Context(), &route53.ListHostedZonesInput{})
		return err
	}
	as := func(id, secret, token string) func(*route53.Options) {
		return func(o *route53.Options) { o.Credentials = credentials.NewStaticCredentialsProvider(id, secret, token) }
	}
	_, c := account(t, as("AKIANOBODY", key, ""))
	refused(t, list(c), "InvalidClientTokenId", "")
	_, c = account(t, as(keyID, "wrong", ""))
	refused(t, list(c), "SignatureDoesNotMatch", "The request signature we calculated does not match")
	f, c := account(t, as(keyID, key, "token"))
	f.Token = "token"
	if err := list(c); err != nil {
		t.Error(err)
	}
	f.Expire()
	refused(t, list(c), "ExpiredToken", "expired")
	f, c = account(t)
	f.Region = "cn-northwest-1"
	refused(t, list(c), "SignatureDoesNotMatch", "Credential should be scoped to a valid region, not 'us-east-1'")
	_, c = account(t, func(o *route53.Options) { o.HTTPSignerV4 = late{v4.NewSigner()} })
	refused(t, list(c), "SignatureDoesNotMatch", "Signature expired")
}

// late signs as a machine does whose clock is behind.
type late struct{ *v4.Signer }

func (l late) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, options ...func(*v4.SignerOptions)) error {
	return l.Signer.SignHTTP(ctx, c, r, hash, service, region, at.Add(-20*time.Minute), options...)
}

// homing signs as AWS's own signer does.
func TestASignatureIsThatOfTheSDK(t *testing.T) {
	at := time.Date(2026, 11, 29, 12, 34, 56, 0, time.UTC)
	for _, tt := range []struct {
		method, url, body, token string
		header                   map[string]string
	}{
		{"GET", "https://route53.amazonaws.com/2013-04-01/hostedzone", "", "", nil},
		{"GET", "https://route53.amazonaws.com/2013-04-01/hostedzone?maxitems=100&marker=Z1", "", "", nil},
		{"GET", "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1/rrset?type=A&name=%2A.example.org.&maxitems=20", "", "", nil},
		{"GET", "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1/rrset?name=a+b%20c~%2F&identifier=%C3%BC", "", "", nil},
		{"POST", "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1/rrset/", "<a/>", "", map[string]string{"Content-Type": "text/xml"}},
		{"POST", "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1/rrset/", "<a/>", "session//token==", map[string]string{"Content-Type": "text/xml"}},
		{"GET", "https://route53.amazonaws.com:443/", "", "", map[string]string{"X-Spaces": "  a   b  "}},
		{"GET", "http://127.0.0.1:4566/a%20b/c%2Fd/2013-04-01/hostedzone", "", "", map[string]string{"User-Agent": "homing", "Accept": "text/xml"}},
		{"GET", "https://route53.us-gov.amazonaws.com/2013-04-01/change/C1?b=2&a=1&b=1", "", "x", nil},
		{"DELETE", "https://route53.amazonaws.com", "", "", nil},
	} {
		request := func() *http.Request {
			var r *http.Request
			var err error
			if r, err = http.NewRequest(tt.method, tt.url, nil); tt.body != "" {
				r, err = http.NewRequest(tt.method, tt.url, bytes.NewReader([]byte(tt.body)))
			}
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range tt.header {
				r.Header.Set(k, v)
			}
			return r
		}
		for _, region := range []string{"us-east-1", "cn-northwest-1"} {
			theirs, mine := request(), request()
			err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: keyID, SecretAccessKey: key, SessionToken: tt.token}, theirs, hash(tt.body), "route53", region, at)
			if err != nil {
				t.Fatal(err)
			}
			ours.Sign(mine, ours.Keys{ID: keyID, Secret: secret.New(key), Token: secret.New(tt.token)}, region, "route53", at)
			if got, want := mine.Header.Get("Authorization"), theirs.Header.Get("Authorization"); got != want {
				t.Errorf("%s %s:\ngot  %s\nwant %s", tt.method, tt.url, got, want)
			}
		}
	}
}

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
