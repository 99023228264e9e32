// Package hoststest stands for the DNS hosts, at the wire, in tests.
package hoststest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// World stands for the six hosts: one zone, example.org, behind the API of each. They
// are written from the descriptions of the hosts, and refuse what is not in them:
//
//	OVH       https://api.ovh.com/console/ (/domain/zone)
//	ClouDNS   https://www.cloudns.net/wiki/article/41/
//	IONOS     https://developer.hosting.ionos.com/docs/dns
//	GoDaddy   https://developer.godaddy.com/doc/endpoint/domains
//	NameSilo  https://www.namesilo.com/api-reference (DNS)
//	netcup    https://ccp.netcup.net/run/webservice/servers/endpoint.php
type World struct {
	mu      sync.Mutex // of ServeHTTP alone
	Records []Record
	last    int
	Calls   int
	Writes  int
	Fault   func(w *World, r *http.Request) (*http.Response, error) // nil, nil: goes on
	Lose    bool                                                    // the answer to a write
}

// Record is one that is stored.
type Record struct {
	id         int
	Host, Kind string // host: relative, "" for the zone itself
	Data       string
	TTL        int
}

// Zone is the only one.
const Zone = "example.org"

// New is one with the NS record of its zone.
func New() *World {
	w := &World{}
	w.Put(Record{Kind: "NS", Data: "ns1.example.net", TTL: 3600})
	return w
}

// Put stores a record.
func (w *World) Put(h Record) int {
	w.last++
	h.id = w.last
	w.Records = append(w.Records, h)
	w.Writes++
	return h.id
}

func (w *World) drop(gone func(Record) bool) (any bool) {
	n := len(w.Records)
	w.Records = slices.DeleteFunc(w.Records, gone)
	w.Writes++
	return len(w.Records) < n
}

// Stored is what stands at a host and type.
func (w *World) Stored(host, kind string) (all []string) {
	for _, h := range w.Records {
		if h.Host == host && h.Kind == kind {
			all = append(all, fmt.Sprintf("%s %d", h.Data, h.TTL))
		}
	}
	slices.Sort(all)
	return all
}

// RoundTrip answers as the host that is asked.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	w.Calls++
	if r.Body == nil {
		r.Body = http.NoBody
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if w.Fault != nil {
		if resp, err := w.Fault(w, r); resp != nil || err != nil {
			return resp, err
		}
	}
	before := w.Writes
	rec := httptest.NewRecorder()
	switch r.URL.Hostname() {
	case "eu.api.ovh.com":
		w.ovh(rec, r, body)
	case "api.cloudns.net":
		w.cloudns(rec, r)
	case "api.hosting.ionos.com":
		w.ionos(rec, r, body)
	case "api.godaddy.com":
		w.godaddy(rec, r, body)
	case "www.namesilo.com":
		w.namesilo(rec, r)
	case "ccp.netcup.net":
		w.netcup(rec, body)
	default:
		return nil, fmt.Errorf("there is no host %s", r.URL.Hostname())
	}
	if w.Lose && w.Writes > before {
		return nil, errors.New("the connection was reset")
	}
	return rec.Result(), nil
}

func answer(rec *httptest.ResponseRecorder, v any) {
	if err := json.NewEncoder(rec).Encode(v); err != nil {
		panic(err)
	}
}

// strictly reads JSON without fields that there are not.
func strictly(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

type object = map[string]any

func at(host string) string {
	if host == "" {
		return "@"
	}
	return host
}

// SecretOf is the value of a variable in the tests; it has letters that are written
// otherwise in an address.
func SecretOf(name string) string {
	if name == "OVH_ENDPOINT" {
		return "ovh-eu"
	}
	return "canary+/" + url.PathEscape(strings.ToLower(name))
}

// ServeHTTP answers as OVH, whose library can be pointed elsewhere.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.URL.Host = "eu.api.ovh.com"
	resp, err := w.RoundTrip(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	rw.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(rw, resp.Body)
}
