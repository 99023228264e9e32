package cloudflare

import (
	"net/http"
	"net/url"
	"testing"
)

func TestARouteHoldsNoId(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	for path, want := range map[string]string{
		"/client/v4/zones": "GET /zones",
		"/client/v4/zones/" + id + "/dns_records/batch":    "GET /zones/{id}/dns_records/batch",
		"/proxy/client/v4/accounts/" + id + "/rules/lists": "GET /accounts/{id}/rules/lists",
		"/somewhere/" + id: "GET /somewhere/{id}",
	} {
		if got := Route(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}}); got != want {
			t.Errorf("%s is %s", path, got)
		}
	}
}
