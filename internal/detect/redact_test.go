package detect

import (
	"net/http"
	"strings"
	"testing"
)

// What a server sends back of what it was sent is in no error.
func TestAServerThatEchoesTellsNoSecret(t *testing.T) {
	for _, echo := range []http.HandlerFunc{
		func(rw http.ResponseWriter, r *http.Request) { rw.Write([]byte(r.Header.Get("Authorization"))) },
		func(rw http.ResponseWriter, r *http.Request) { rw.Write([]byte(r.URL.Query().Get("key"))) },
		func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "https://elsewhere.example/?"+r.URL.RawQuery+r.Header.Get("X-Own"), http.StatusFound)
		},
	} {
		w := &world{hosts: map[string]http.HandlerFunc{"127.0.0.1": echo}}
		s := must(t)(URL(want4, onLoopback(t, w), "http://me:canary-password@127.0.0.1/?key=canary%20query",
			URLOptions{Header: http.Header{"X-Own": {"Bearer canary-" + strings.Repeat("token", 40)}}}))
		o := s.Observe(t.Context())
		if o.Known() || strings.Contains(o.Why().Error(), "canary") {
			t.Errorf("it says: %s", o.Describe())
		}
	}
}
