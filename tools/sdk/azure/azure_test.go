package azure

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/dns/armdns"

	"github.com/homing-dns/homing/internal/provider/azure/azuretest"
)

// entra is a credential that asks a fake for its tokens.
type entra struct{ base string }

func (e entra) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	form := url.Values{"client_id": {azuretest.Client}, "client_secret": {azuretest.Secret}, "grant_type": {"client_credentials"}, "scope": o.Scopes}
	resp, err := http.PostForm(e.base+"/"+azuretest.Tenant+"/oauth2/v2.0/token", form)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	defer resp.Body.Close()
	var said struct {
		Token string `json:"access_token"`
	}
	b, _ := io.ReadAll(resp.Body)
	if err := json.Unmarshal(b, &said); err != nil || said.Token == "" {
		return azcore.AccessToken{}, errors.New(string(b))
	}
	return azcore.AccessToken{Token: said.Token, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// clients are the SDK's for a fake with a zone.
func clients(t *testing.T) (*azuretest.Server, *armdns.ClientFactory) {
	t.Helper()
	f := azuretest.New()
	f.Add(azuretest.Group, "example.org", false)
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	o := &arm.ClientOptions{DisableRPRegistration: true, ClientOptions: policy.ClientOptions{
		InsecureAllowCredentialWithHTTP: true,
		Retry:                           policy.RetryOptions{MaxRetries: -1},
		Cloud:                           cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{cloud.ResourceManager: {Endpoint: s.URL, Audience: "https://management.azure.com"}}},
	}}
	c, err := armdns.NewClientFactory(azuretest.Subscription, entra{s.URL}, o)
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

func set(addresses ...string) armdns.RecordSet {
	p := &armdns.RecordSetProperties{TTL: to.Ptr[int64](300)}
	for _, a := range addresses {
		p.ARecords = append(p.ARecords, &armdns.ARecord{IPv4Address: to.Ptr(a)})
	}
	return armdns.RecordSet{Properties: p}
}

// refused fails unless err is a refusal with this status and code.
func refused(t *testing.T, what string, err error, status int, code string) {
	t.Helper()
	var e *azcore.ResponseError
	if !errors.As(err, &e) || e.StatusCode != status || e.ErrorCode != code {
		t.Errorf("%s: %v, want %d %s", what, err, status, code)
	}
}

const group, zone = azuretest.Group, "example.org"

func TestTheSDKListsCreatesChangesAndDeletes(t *testing.T) {
	f, c := clients(t)
	f.Add("other", "example.net", true)
	f.Add("third", "example.com", false)
	f.Be(func(s *azuretest.State) { s.Page = 2 })
	zones := map[string]*armdns.Zone{}
	for p := c.NewZonesClient().NewListPager(nil); p.More(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range page.Value {
			zones[*z.Name] = z
		}
	}
	if len(zones) != 3 || *zones["example.net"].Properties.ZoneType != armdns.ZoneTypePrivate || *zones[zone].Properties.MaxNumberOfRecordsPerRecordSet != 20 ||
		*zones[zone].ID != "/subscriptions/"+azuretest.Subscription+"/resourceGroups/"+group+"/providers/Microsoft.Network/dnszones/"+zone {
		t.Errorf("%v", zones)
	}
	if z, err := c.NewZonesClient().Get(t.Context(), group, zone, nil); err != nil || *z.Name != zone || *z.Properties.ZoneType != armdns.ZoneTypePublic {
		t.Errorf("%v, %v", z, err)
	}
	sets := c.NewRecordSetsClient()
	made := set("192.0.2.1", "192.0.2.2")
	made.Properties.Metadata = map[string]*string{"homing": to.Ptr("a comment")}
	first, err := sets.CreateOrUpdate(t.Context(), group, zone, "a", armdns.RecordTypeA, made, &armdns.RecordSetsClientCreateOrUpdateOptions{IfNoneMatch: to.Ptr("*")})
	if err != nil || *first.Etag == "" || *first.Properties.Fqdn != "a.example.org." || *first.Properties.Metadata["homing"] != "a comment" || len(first.Properties.ARecords) != 2 || *first.Properties.TTL != 300 {
		t.Fatalf("%+v, %v", first.RecordSet, err)
	}
	second, err := sets.CreateOrUpdate(t.Context(), group, zone, "a", armdns.RecordTypeA, set("192.0.2.9"), &armdns.RecordSetsClientCreateOrUpdateOptions{IfMatch: first.Etag})
	if err != nil || *second.Etag == *first.Etag || len(second.Properties.Metadata) != 0 {
		t.Errorf("%+v, %v", second.RecordSet, err)
	}
	for name, s := range map[string]struct {
		kind armdns.RecordType
		p    armdns.RecordSetProperties
	}{
		"six":  {armdns.RecordTypeAAAA, armdns.RecordSetProperties{AaaaRecords: []*armdns.AaaaRecord{{IPv6Address: to.Ptr("2001:db8::1")}}}},
		"text": {armdns.RecordTypeTXT, armdns.RecordSetProperties{TxtRecords: []*armdns.TxtRecord{{Value: []*string{to.Ptr("one"), to.Ptr("two")}}}}},
		"cut":  {armdns.RecordTypeNS, armdns.RecordSetProperties{NsRecords: []*armdns.NsRecord{{Nsdname: to.Ptr("ns.example.net.")}}}},
		"*.w":  {armdns.RecordTypeCNAME, armdns.RecordSetProperties{CnameRecord: &armdns.CnameRecord{Cname: to.Ptr("example.net")}}},
	} {
		s.p.TTL = to.Ptr[int64](60)
		if _, err := sets.CreateOrUpdate(t.Context(), group, zone, name, s.kind, armdns.RecordSet{Properties: &s.p}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := sets.Get(t.Context(), group, zone, name, s.kind, nil); err != nil || *got.Name != name || !strings.HasSuffix(*got.Type, "/"+string(s.kind)) {
			t.Errorf("%s: %+v, %v", name, got.RecordSet, err)
		}
	}
	f.Put(group, zone, "alias", "A", azuretest.Properties{TTL: 60, Target: &azuretest.Target{ID: "/subscriptions/x"}})
	names := map[string]*armdns.RecordSet{}
	for p := sets.NewListByDNSZonePager(group, zone, nil); p.More(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Value {
			names[*s.Name] = s
		}
	}
	if len(names) != 7 || *names["alias"].Properties.TargetResource.ID != "/subscriptions/x" || names["a"].Properties.TargetResource.ID != nil || len(names["text"].Properties.TxtRecords[0].Value) != 2 {
		t.Errorf("%v", names)
	}
	if _, err := sets.Delete(t.Context(), group, zone, "a", armdns.RecordTypeA, &armdns.RecordSetsClientDeleteOptions{IfMatch: second.Etag}); err != nil {
		t.Error(err)
	}
	if _, err := sets.Delete(t.Context(), group, zone, "a", armdns.RecordTypeA, nil); err != nil { // 204: it is gone
		t.Error(err)
	}
}

// Every refusal that homing relies on, as the SDK tells of it.
func TestTheSDKIsRefusedWhatHomingReliesOn(t *testing.T) {
	f, c := clients(t)
	sets := c.NewRecordSetsClient()
	put := func(name string, s armdns.RecordSet, match, none string) error {
		o := &armdns.RecordSetsClientCreateOrUpdateOptions{}
		if match != "" {
			o.IfMatch = to.Ptr(match)
		}
		if none != "" {
			o.IfNoneMatch = to.Ptr(none)
		}
		_, err := sets.CreateOrUpdate(t.Context(), group, zone, name, armdns.RecordTypeA, s, o)
		return err
	}
	if err := put("a", set("192.0.2.1"), "", "*"); err != nil {
		t.Fatal(err)
	}
	refused(t, "what is there already", put("a", set("192.0.2.1"), "", "*"), 412, "PreconditionFailed")
	refused(t, "another etag", put("a", set("192.0.2.1"), "x", ""), 412, "PreconditionFailed")
	refused(t, "an etag of nothing", put("b", set("192.0.2.1"), "x", ""), 412, "PreconditionFailed")
	_, err := sets.Delete(t.Context(), group, zone, "a", armdns.RecordTypeA, &armdns.RecordSetsClientDeleteOptions{IfMatch: to.Ptr("x")})
	refused(t, "deleting with another etag", err, 412, "PreconditionFailed")
	f.Put(group, zone, "c", "CNAME", azuretest.Properties{TTL: 60, CNAME: &azuretest.CNAME{Target: "example.net"}})
	refused(t, "beside a CNAME", put("c", set("192.0.2.1"), "", ""), 409, "Conflict")
	refused(t, "no address", put("d", set("nowhere"), "", ""), 400, "BadRequest")
	_, err = sets.Get(t.Context(), group, zone, "nothing", armdns.RecordTypeA, nil)
	refused(t, "no such set", err, 404, "NotFound")
	_, err = c.NewZonesClient().Get(t.Context(), "nothing", zone, nil)
	refused(t, "no such group", err, 404, "ResourceGroupNotFound")
	_, err = c.NewZonesClient().Get(t.Context(), group, "nothing.org", nil)
	refused(t, "no such zone", err, 404, "ParentResourceNotFound")
	f.Be(func(s *azuretest.State) { s.Deny = "AuthorizationFailed" })
	refused(t, "no role", put("a", set("192.0.2.1"), "", ""), 403, "AuthorizationFailed")
	f.Be(func(s *azuretest.State) { s.Deny, s.Writes = "", 1 })
	_ = put("e", set("192.0.2.1"), "", "")
	refused(t, "too much", put("f", set("192.0.2.1"), "", ""), 429, "SubscriptionRequestsThrottled")
}
