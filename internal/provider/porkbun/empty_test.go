package porkbun

import (
	"io"
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
)

// An answer without a list is not one with an empty list, or each name would be
// made once more.
func TestAnAnswerWithoutAListIsNoEmptyList(t *testing.T) {
	host := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"status": "SUCCESS"}`) })
	p, err := New(secret.New(theKey), secret.New(theSecret), rest.Account{Client: resttest.Client(host)})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Zones(t.Context(), []dns.Name{name(t, "example.org")}); err == nil {
		t.Error("an account without a list of domains has none")
	}
	if _, err := p.Records(t.Context(), provider.Zone{ID: "example.org", Name: name(t, "example.org"), Limits: Limits()}, []dns.Name{name(t, "example.org")}); err == nil {
		t.Error("a domain without a list of records has none")
	}
}
