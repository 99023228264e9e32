package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/dns/armdns"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/dns/armdns/fake"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/azure"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// store is zones behind the SDK's own server side, which reads what homing sends and
// writes what homing reads.
type store struct {
	mu    sync.Mutex
	zones map[string]map[string]armdns.RecordSet // by zone, then by type/name
	etags int
	front http.Handler
}

func newStore(zones ...string) *store {
	s := &store{zones: map[string]map[string]armdns.RecordSet{}}
	for _, z := range zones {
		s.zones[z] = map[string]armdns.RecordSet{}
	}
	sets := fake.NewRecordSetsServerTransport(&fake.RecordSetsServer{CreateOrUpdate: s.put, Delete: s.delete, Get: s.get, NewListByDNSZonePager: s.list})
	listed := fake.NewZonesServerTransport(&fake.ZonesServer{NewListPager: s.listZones, Get: s.getZone})
	s.front = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"x","token_type":"Bearer","expires_in":3599}`)
			return
		}
		r.URL.Scheme, r.URL.Host, r.RequestURI = "http", r.Host, ""
		_, path, inZone := strings.Cut(r.URL.Path, "/dnsZones/")
		do, method := sets.Do, ""
		switch parts := strings.Split(path, "/"); {
		case !inZone:
			do, method = listed.Do, "ZonesClient.NewListPager"
		case len(parts) == 1:
			do, method = listed.Do, "ZonesClient.Get"
		case strings.HasPrefix(parts[1], "recordsets"):
			method = "RecordSetsClient.NewListByDNSZonePager"
		default:
			method = map[string]string{http.MethodPut: "RecordSetsClient.CreateOrUpdate", http.MethodDelete: "RecordSetsClient.Delete", http.MethodGet: "RecordSetsClient.Get"}[r.Method]
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		resp, err := do(r.WithContext(context.WithValue(r.Context(), runtime.CtxAPINameKey{}, method)))
		var refusal *azcore.ResponseError
		switch {
		case errors.As(err, &refusal): // what the SDK's client would tell of, as it goes over the wire
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(refusal.StatusCode)
			_ = json.NewEncoder(w).Encode(map[string]string{"code": refusal.ErrorCode, "message": refusal.ErrorCode})
			return
		case err != nil:
			http.Error(w, err.Error(), http.StatusNotImplemented)
			return
		}
		defer resp.Body.Close()
		maps.Copy(w.Header(), resp.Header)
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	})
	return s
}

func at(name string, kind armdns.RecordType) string { return string(kind) + "/" + name }

func refuse(errs *azfake.ErrorResponder, status int, code string) {
	errs.SetResponseError(status, code)
}

func (s *store) put(_ context.Context, _, zone, name string, kind armdns.RecordType, set armdns.RecordSet, o *armdns.RecordSetsClientCreateOrUpdateOptions) (resp azfake.Responder[armdns.RecordSetsClientCreateOrUpdateResponse], errs azfake.ErrorResponder) {
	here, there := s.zones[zone][at(name, kind)]
	switch {
	case o != nil && o.IfNoneMatch != nil && there, o != nil && o.IfMatch != nil && (!there || *o.IfMatch != *here.Etag):
		refuse(&errs, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	case o == nil:
		refuse(&errs, http.StatusBadRequest, "HomingHasAlwaysACondition")
		return
	}
	for _, other := range []armdns.RecordType{armdns.RecordTypeA, armdns.RecordTypeAAAA, armdns.RecordTypeCNAME, armdns.RecordTypeTXT} {
		if _, beside := s.zones[zone][at(name, other)]; beside && other != kind && (other == armdns.RecordTypeCNAME || kind == armdns.RecordTypeCNAME) {
			refuse(&errs, http.StatusConflict, "CannotCreateRecordDueToCNameNamingRestriction")
			return
		}
	}
	s.store(zone, name, kind, set)
	status := http.StatusOK
	if !there {
		status = http.StatusCreated
	}
	resp.SetResponse(status, armdns.RecordSetsClientCreateOrUpdateResponse{RecordSet: s.zones[zone][at(name, kind)]}, nil)
	return
}

func (s *store) store(zone, name string, kind armdns.RecordType, set armdns.RecordSet) {
	s.etags++
	set.Etag, set.Name, set.Type = to.Ptr(fmt.Sprint("etag-", s.etags)), to.Ptr(name), to.Ptr("Microsoft.Network/dnszones/"+string(kind))
	s.zones[zone][at(name, kind)] = set
}

func (s *store) delete(_ context.Context, _, zone, name string, kind armdns.RecordType, o *armdns.RecordSetsClientDeleteOptions) (resp azfake.Responder[armdns.RecordSetsClientDeleteResponse], errs azfake.ErrorResponder) {
	here, there := s.zones[zone][at(name, kind)]
	if o == nil || o.IfMatch == nil || !there || *o.IfMatch != *here.Etag {
		refuse(&errs, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	delete(s.zones[zone], at(name, kind))
	resp.SetResponse(http.StatusOK, armdns.RecordSetsClientDeleteResponse{}, nil)
	return
}

func (s *store) get(_ context.Context, _, zone, name string, kind armdns.RecordType, _ *armdns.RecordSetsClientGetOptions) (resp azfake.Responder[armdns.RecordSetsClientGetResponse], errs azfake.ErrorResponder) {
	here, there := s.zones[zone][at(name, kind)]
	if !there {
		refuse(&errs, http.StatusNotFound, "NotFound")
		return
	}
	resp.SetResponse(http.StatusOK, armdns.RecordSetsClientGetResponse{RecordSet: here}, nil)
	return
}

// list has pages of three sets.
func (s *store) list(_, zone string, _ *armdns.RecordSetsClientListByDNSZoneOptions) (resp azfake.PagerResponder[armdns.RecordSetsClientListByDNSZoneResponse]) {
	if s.zones[zone] == nil {
		resp.AddResponseError(http.StatusNotFound, "ParentResourceNotFound")
		return resp
	}
	keys := slices.Sorted(maps.Keys(s.zones[zone]))
	for chunk := range slices.Chunk(keys, 3) {
		var page armdns.RecordSetListResult
		for _, k := range chunk {
			page.Value = append(page.Value, to.Ptr(s.zones[zone][k]))
		}
		resp.AddPage(http.StatusOK, armdns.RecordSetsClientListByDNSZoneResponse{RecordSetListResult: page}, nil)
	}
	if len(keys) == 0 {
		// as Azure has it: an empty list is there
		resp.AddPage(http.StatusOK, armdns.RecordSetsClientListByDNSZoneResponse{RecordSetListResult: armdns.RecordSetListResult{Value: []*armdns.RecordSet{}}}, nil)
	}
	return resp
}

func row(zone string) armdns.Zone {
	return armdns.Zone{ID: to.Ptr("/subscriptions/sub/resourceGroups/dns/providers/Microsoft.Network/dnszones/" + zone), Name: to.Ptr(zone), Location: to.Ptr("global"),
		Properties: &armdns.ZoneProperties{ZoneType: to.Ptr(armdns.ZoneTypePublic), MaxNumberOfRecordsPerRecordSet: to.Ptr[int64](20)}}
}

func (s *store) listZones(*armdns.ZonesClientListOptions) (resp azfake.PagerResponder[armdns.ZonesClientListResponse]) {
	for _, z := range slices.Sorted(maps.Keys(s.zones)) {
		resp.AddPage(http.StatusOK, armdns.ZonesClientListResponse{ZoneListResult: armdns.ZoneListResult{Value: []*armdns.Zone{to.Ptr(row(z))}}}, nil)
	}
	return resp
}

func (s *store) getZone(_ context.Context, _, zone string, _ *armdns.ZonesClientGetOptions) (resp azfake.Responder[armdns.ZonesClientGetResponse], errs azfake.ErrorResponder) {
	resp.SetResponse(http.StatusOK, armdns.ZonesClientGetResponse{Zone: row(zone)}, nil)
	return
}

func relative(n dns.Name) string {
	zone, _ := dns.ParseName("example.org")
	return rest.RelativeName(n, zone, "@")
}

// seed and stored are a way into example.org past homing's client.
func (s *store) seed(t *testing.T, records ...dns.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		kind := armdns.RecordType(r.Type)
		p := &armdns.RecordSetProperties{}
		if here := s.zones["example.org"][at(relative(r.Name), kind)]; here.Properties != nil {
			*p = *here.Properties
		}
		p.TTL = to.Ptr(int64(r.TTL))
		if r.Comment != "" {
			p.Metadata = map[string]*string{"homing": to.Ptr(r.Comment)}
		}
		switch r.Type {
		case dns.A:
			p.ARecords = append(slices.Clone(p.ARecords), &armdns.ARecord{IPv4Address: to.Ptr(r.Content())})
		case dns.AAAA:
			p.AaaaRecords = append(slices.Clone(p.AaaaRecords), &armdns.AaaaRecord{IPv6Address: to.Ptr(r.Content())})
		case dns.CNAME:
			p.CnameRecord = &armdns.CnameRecord{Cname: to.Ptr(r.Text)}
		case dns.NS:
			p.NsRecords = append(slices.Clone(p.NsRecords), &armdns.NsRecord{Nsdname: to.Ptr(r.Text)})
		case dns.TXT:
			var strs []*string
			for _, one := range r.Data().Strings() {
				strs = append(strs, to.Ptr(one))
			}
			p.TxtRecords = append(slices.Clone(p.TxtRecords), &armdns.TxtRecord{Value: strs})
		default:
			t.Fatal(r.Type)
		}
		s.store("example.org", relative(r.Name), kind, armdns.RecordSet{Properties: p})
	}
}

func (s *store) stored(_ *testing.T, n dns.Name) (all []dns.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, set := range s.zones["example.org"] {
		kind, name, _ := strings.Cut(k, "/")
		if name != relative(n) {
			continue
		}
		p := set.Properties
		add := func(content string) {
			r := rest.RecordFromValue(dns.Key{Name: n, Type: dns.Type(kind)}, content)
			r.TTL = int(*p.TTL)
			if c := p.Metadata["homing"]; c != nil {
				r.Comment = *c
			}
			all = append(all, r)
		}
		for _, r := range p.ARecords {
			add(*r.IPv4Address)
		}
		for _, r := range p.AaaaRecords {
			add(*r.IPv6Address)
		}
		for _, r := range p.NsRecords {
			add(*r.Nsdname)
		}
		for _, r := range p.TxtRecords {
			var strs []string
			for _, one := range r.Value {
				strs = append(strs, *one)
			}
			add(dns.DataOfStrings(strs...).Text)
		}
		if p.CnameRecord != nil {
			add(*p.CnameRecord.Cname)
		}
	}
	return dns.SortRecords(all)
}

// homing's client keeps the contract at the SDK's own fake server.
func TestTheContractAtTheFakeServerOfTheSDK(t *testing.T) {
	name := func(s string) dns.Name {
		n, err := dns.ParseName(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		s := newStore("example.org", "sub.example.org")
		server := httptest.NewServer(s.front)
		t.Cleanup(server.Close)
		client := httpx.New(httpx.Options{})
		t.Cleanup(client.CloseIdle)
		p, err := azure.New(azure.Config{Subscription: "sub", Credential: azure.Credential{Tenant: "t", Client: "c", Secret: secret.New("s")}, Tokens: client,
			Writes: rest.NewQuota(rest.Limit{Host: "Azure"})}, rest.Account{BaseURL: server.URL, Client: client})
		if err != nil {
			t.Fatal(err)
		}
		return providertest.Subject{Provider: p, Zone: name("example.org"), SubZone: name("sub.example.org"), Many: 50, Sets: true, Seed: s.seed, Stored: s.stored}
	})
}
