package cloudflare

import (
	"cmp"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

var rewrite = flag.Bool("update", false, "write the golden files anew")

// Every line of the table as a person gets to see it.
func TestEachRefusalNamesItsCauseAndItsCure(t *testing.T) {
	t.Run("records", func(t *testing.T) {
		golden(t, "testdata/codes.golden", errorTable(), call{what: "create A home.example.org", method: http.MethodPost, notFoundKind: provider.Stale})
	})
	t.Run("lists", func(t *testing.T) {
		golden(t, "testdata/lists.golden", listErrorTable(), call{what: "add 192.0.2.1/32 to the list home", method: http.MethodPost, notFoundKind: provider.Stale, isListCall: true})
	})
}

func golden(t *testing.T, golden string, rows []errorMeaning, r call) {
	var b strings.Builder
	for _, m := range rows {
		status := cmp.Or(m.status, http.StatusBadRequest)
		f := refused(status, message{Code: lenientInt(m.code), Message: "Cloudflare's own words, " + m.contains})
		f.classify(r)
		if f.meaning != m {
			t.Errorf("%d/%d %q cannot be reached: an earlier line fits too", m.status, m.code, m.contains)
		}
		e := f.toProviderError(r.what)
		fmt.Fprintf(&b, "HTTP %d, code %d: %s\n  %s\n  → %s\n\n", status, m.code, e.Kind, e, e.Hint)
	}
	if *rewrite {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s has other texts; -update writes them anew:\n%s", golden, diff)
	}
}

// refused returns a refusal of Cloudflare's own.
func refused(status int, said ...message) *failure {
	return &failure{Failure: rest.Failure{Status: status, Understood: true, Sent: true}, messages: said}
}

func TestTheMostParticularMessageCounts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		said   []message
		want   int // code; 0: by status
		kind   provider.Kind
	}{
		{"chain before its head", 400, []message{{Code: 9021}, {Code: 1004}}, 9021, provider.Rejected},
		{"chain of a bad header", 400, []message{{Code: 6111}, {Code: 6003}}, 6111, provider.Auth},
		{"head when the chain is unknown", 400, []message{{Code: 1}, {Code: 1004}}, 1004, provider.Rejected},
		{"no route with both of its codes", 404, []message{{Code: 7003}, {Code: 7000, ErrorIndex: 1}}, 7003, provider.NoZone},
		{"unknown first, known second", 400, []message{{Code: 1}, {Code: 81045, ErrorIndex: 1}}, 81045, provider.Rejected},
		{"unknown", 400, []message{{Code: 1}}, 0, provider.Rejected},
		{"unknown and 403", 403, []message{{Code: 0}}, 0, provider.Auth},
		{"unknown and 401", 401, nil, 0, provider.Auth},
		{"unknown and 429", 429, nil, 0, provider.Throttled},
	} {
		if m := findMeaning(errorTable(), tt.status, tt.said); m.code != tt.want || m.kind != tt.kind {
			t.Errorf("%s: code %d, %s; want %d, %s", tt.name, m.code, m.kind, tt.want, tt.kind)
		}
	}
}

func TestALostAnswerIsOnlyHarmlessForReads(t *testing.T) {
	for _, tt := range []struct {
		name        string
		f           rest.Failure
		said        []message
		read, write provider.Kind
	}{
		{"never sent", rest.Failure{}, nil, provider.Unavailable, provider.Unavailable},
		{"sent, no answer", rest.Failure{Sent: true}, nil, provider.Unavailable, provider.Unconfirmed},
		{"500 with an error of Cloudflare's", rest.Failure{Status: 500, Understood: true, Sent: true}, []message{{Code: 81045}}, provider.Unavailable, provider.Unconfirmed},
		{"408", rest.Failure{Status: 408, Understood: true, Sent: true}, nil, provider.Unavailable, provider.Unconfirmed},
		{"200 that cannot be read", rest.Failure{Status: 200, Sent: true}, nil, provider.Unavailable, provider.Unconfirmed},
		{"200 without success or errors", rest.Failure{Status: 200, Understood: true, Sent: true}, nil, provider.Unavailable, provider.Unconfirmed},
		{"200 with an error", rest.Failure{Status: 200, Understood: true, Sent: true}, []message{{Code: 81045}}, provider.Rejected, provider.Rejected},
		{"redirect", rest.Failure{Status: 302, Sent: true}, nil, provider.Unavailable, provider.Unconfirmed},
		{"403 that is not Cloudflare's API", rest.Failure{Status: 403, Sent: true}, nil, provider.Unavailable, provider.Unavailable},
		{"413 of a proxy", rest.Failure{Status: 413, Sent: true}, nil, provider.Rejected, provider.Rejected},
		{"429 of a proxy", rest.Failure{Status: 429, Sent: true}, nil, provider.Throttled, provider.Throttled},
		{"404 without a code", rest.Failure{Status: 404, Understood: true, Sent: true}, nil, provider.Stale, provider.Stale},
	} {
		for write, want := range map[bool]provider.Kind{false: tt.read, true: tt.write} {
			f, r := failure{Failure: tt.f, messages: tt.said}, call{method: http.MethodGet, notFoundKind: provider.Stale}
			if write {
				r.method = http.MethodPost
			}
			if f.classify(r); f.Kind != want {
				t.Errorf("%s, write %t: %s, want %s", tt.name, write, f.Kind, want)
			}
		}
	}
}
