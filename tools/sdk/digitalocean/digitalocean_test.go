// Package digitalocean holds what stands for DigitalOcean in homing's tests to the
// official SDK.
package digitalocean

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/digitalocean/godo"

	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
)

const token = "dop_v1_0123456789abcdef"

// account is the fake with a domain, and the SDK's client for it.
func account(t *testing.T, with string) (*digitaloceantest.Server, *godo.Client) {
	t.Helper()
	f := digitaloceantest.New(token, "example.org", "example.net")
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	c, err := godo.New(&http.Client{Transport: bearer(with)}, godo.SetBaseURL(s.URL+"/"))
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

// bearer sends a token with each request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

func held(f *digitaloceantest.Server, label string) (all []string) {
	for _, r := range f.At("example.org", label) {
		all = append(all, fmt.Sprint(r.Type, " ", r.TTL, " ", r.Data))
	}
	return all
}

func TestTheSDKListsCreatesChangesAndDeletes(t *testing.T) {
	f, c := account(t, token)
	ctx := t.Context()
	domains, resp, err := c.Domains.List(ctx, &godo.ListOptions{PerPage: 1})
	if err != nil || len(domains) != 1 || domains[0].Name != "example.net" || resp.Links.IsLastPage() || resp.Meta.Total != 2 || resp.Rate.Limit != 5000 || resp.Rate.Remaining != 4999 {
		t.Fatalf("%+v %+v %v", domains, resp, err)
	}
	var ids []int
	for _, r := range []godo.DomainRecordEditRequest{
		{Type: "A", Name: "a", Data: "192.0.2.1", TTL: 30}, {Type: "A", Name: "a", Data: "192.0.2.1", TTL: 30}, // side by side
		{Type: "AAAA", Name: "*.home", Data: "2001:db8::1"}, {Type: "CNAME", Name: "c", Data: "example.net.", TTL: 60}, {Type: "TXT", Name: "@", Data: `"v=spf1" "-all"`, TTL: 60},
	} {
		got, _, err := c.Domains.CreateRecord(ctx, "example.org", &r)
		if err != nil || got.ID == 0 || got.Name != r.Name || got.Type != r.Type {
			t.Fatalf("%+v: %+v %v", r, got, err)
		}
		ids = append(ids, got.ID)
	}
	if got := held(f, "*.home"); !slices.Equal(got, []string{"AAAA 1800 2001:db8::1"}) {
		t.Errorf("without a TTL it is %q", got)
	}
	var listed []string
	for page := 1; ; page++ {
		rows, resp, err := c.Domains.Records(ctx, "example.org", &godo.ListOptions{Page: page, PerPage: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			listed = append(listed, r.Type+" "+r.Name+" "+r.Data)
		}
		if resp.Links == nil || resp.Links.IsLastPage() {
			break
		}
	}
	want := []string{"NS @ ns1.digitalocean.com", "A a 192.0.2.1", "A a 192.0.2.1", "AAAA *.home 2001:db8::1", "CNAME c example.net", `TXT @ "v=spf1" "-all"`}
	if !slices.Equal(listed, want) {
		t.Errorf("listed is %q", listed)
	}
	if rows, _, err := c.Domains.RecordsByName(ctx, "example.org", "a.example.org", nil); err != nil || len(rows) != 2 {
		t.Errorf("%v %v", rows, err)
	}
	if rows, _, err := c.Domains.RecordsByTypeAndName(ctx, "example.org", "TXT", "example.org", nil); err != nil || len(rows) != 1 || rows[0].Name != "@" {
		t.Errorf("%v %v", rows, err)
	}
	if got, _, err := c.Domains.EditRecord(ctx, "example.org", ids[0], &godo.DomainRecordEditRequest{Type: "A", Name: "a", Data: "192.0.2.9", TTL: 60}); err != nil || got.ID != ids[0] || got.Data != "192.0.2.9" || got.TTL != 60 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := c.Domains.DeleteRecord(ctx, "example.org", ids[1]); err != nil {
		t.Error(err)
	}
	if got := held(f, "a"); !slices.Equal(got, []string{"A 60 192.0.2.9"}) {
		t.Errorf("held is %q", got)
	}
}

// Every refusal that homing relies on is one to the SDK.
func TestTheSDKIsRefusedAsHomingIs(t *testing.T) {
	refused := func(err error, status int, words string) {
		t.Helper()
		var e *godo.ErrorResponse
		if !errors.As(err, &e) || e.Response.StatusCode != status || !strings.Contains(e.Message, words) || e.RequestID == "" {
			t.Errorf("%v, want %d %s", err, status, words)
		}
	}
	f, c := account(t, token)
	ctx := t.Context()
	create := func(r godo.DomainRecordEditRequest) error {
		_, _, err := c.Domains.CreateRecord(ctx, "example.org", &r)
		return err
	}
	f.Put("example.org", digitaloceantest.Record{Type: "CNAME", Name: "c", Data: "example.net", TTL: 60})
	refused(create(godo.DomainRecordEditRequest{Type: "A", Name: "c", Data: "192.0.2.1", TTL: 60}), 422, "CNAME records cannot share a name with other records")
	refused(create(godo.DomainRecordEditRequest{Type: "A", Name: "x", Data: "nonsense", TTL: 60}), 422, "IP address")
	refused(create(godo.DomainRecordEditRequest{Type: "A", Name: "x", Data: "192.0.2.1", TTL: 29}), 422, "TTL")
	_, _, err := c.Domains.EditRecord(ctx, "example.org", 1, &godo.DomainRecordEditRequest{Type: "A", Data: "192.0.2.1"})
	refused(err, 404, "could not be found")
	_, err = c.Domains.DeleteRecord(ctx, "example.org", 1)
	refused(err, 404, "could not be found")
	_, _, err = c.Domains.Records(ctx, "nowhere.test", nil)
	refused(err, 404, "could not be found")
	f.OnlyReads()
	refused(create(godo.DomainRecordEditRequest{Type: "A", Name: "x", Data: "192.0.2.1", TTL: 60}), 403, "not authorized")
	f.Minute = 1
	_, resp, err := c.Domains.List(ctx, nil)
	refused(err, 429, "limit exceeded")
	if resp == nil || resp.Header.Get("Retry-After") != "60" {
		t.Error("no pause is asked for")
	}
	_, c = account(t, "wrong")
	_, _, err = c.Domains.List(ctx, nil)
	refused(err, 401, "Unable to authenticate you")
}
