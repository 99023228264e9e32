package providertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// lacking leaves one thing after another out of the answers of the host, and looks
// whether what is left is taken for less than there is: a row that does not say what
// it is about is unreadable, and nobody's record or zone is gone because of it.
func (w Wired) lacking(t *testing.T) {
	if w.PassesOver != "" {
		t.Skip(w.PassesOver)
	}
	for _, what := range []string{"zones", "records"} {
		for n, more := 0, true; more; n++ {
			synctest.Test(t, func(t *testing.T) {
				names, m := wiredNames(t, 1), &meddler{}
				p := w.Make(t, names, m.before)
				var zone provider.Zone
				if what == "records" {
					placed, _, err := p.Zones(t.Context(), names)
					if err != nil || len(placed) != 1 {
						t.Fatal(placed, err)
					}
					zone = placed[0].Zone
				}
				more = false
				m.rewrite(func(kind, body string) string {
					less, left := without(kind, body, n)
					more = more || less != ""
					if less == "" {
						return body
					}
					t.Logf("left out: %s", left)
					if slices.ContainsFunc(w.MayLack, func(s string) bool { return strings.HasPrefix(left, s+":") }) {
						return body
					}
					return less
				})
				if what == "zones" {
					placed, unplaced, err := p.Zones(t.Context(), names)
					if err == nil && (len(placed) != 1 || len(unplaced) > 0) {
						t.Errorf("the names are placed at %v, and not at %v", placed, unplaced)
					}
					return
				}
				records, err := p.Records(t.Context(), zone, names)
				if err == nil && !slices.ContainsFunc(records, func(r dns.Record) bool { return r.Name == names[0] && r.Type == dns.A && r.Addr.IsValid() }) {
					t.Errorf("the records are %v", records)
				}
			})
			if n > 500 {
				t.Fatal("it has no end")
			}
		}
	}
}

// without is an answer without the n-th member of its rows, and what that is called;
// empty where they have no more. What is not in a row is Nothing's to leave out. A
// zone of Route 53 that does not say it is private is one of two of its name, and which
// is meant a person has to say.
func without(kind, body string, n int) (less, left string) {
	if kind == "text/xml" {
		all := regexp.MustCompile(`<(\w+)>[^<]*</\w+>`).FindAllStringIndex(body, -1)
		all = slices.DeleteFunc(all, func(at []int) bool { return strings.HasPrefix(body[at[0]:], "<PrivateZone>") })
		if n >= len(all) {
			return "", ""
		}
		from, to := all[n][0], all[n][1]
		return body[:from] + body[to:], body[from:to]
	}
	var doc any
	d := json.NewDecoder(bytes.NewBufferString(body))
	d.UseNumber()
	if d.Decode(&doc) != nil {
		return "", ""
	}
	if left = leaveOut(doc, false, &n); left == "" {
		return "", ""
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return string(b), left
}

func leaveOut(doc any, inRow bool, n *int) string {
	switch doc := doc.(type) {
	case []any:
		for _, e := range doc {
			if left := leaveOut(e, true, n); left != "" {
				return left
			}
		}
	case map[string]any:
		for _, k := range sortedKeys(doc) {
			if inRow && *n == 0 {
				left := fmt.Sprintf("%s: %v", k, doc[k])
				delete(doc, k)
				*n = -1
				return left
			}
			if inRow {
				*n--
			}
			if left := leaveOut(doc[k], inRow, n); left != "" {
				return left
			}
		}
	}
	return ""
}

func sortedKeys(m map[string]any) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// rewrite has what the host says changed on its way.
func (m *meddler) rewrite(how func(kind, body string) string) {
	m.truly()
	m.how = how
}

// rewritten answers as the host does, but for what is changed.
func (m *meddler) rewritten(w http.ResponseWriter, r *http.Request) {
	said := httptest.NewRecorder()
	m.host.ServeHTTP(said, r)
	kind := said.Header().Get("Content-Type")
	for k, v := range said.Header() {
		if k != "Content-Length" {
			w.Header()[k] = v
		}
	}
	w.WriteHeader(said.Code)
	if bytes.HasPrefix(said.Body.Bytes(), []byte("<")) {
		kind = "text/xml"
	}
	_, _ = w.Write([]byte(m.how(kind, said.Body.String())))
}
