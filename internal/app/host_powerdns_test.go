package app

import (
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
	"github.com/homing-dns/homing/internal/secret"
)

// atPowerDNS is what an account with these settings finds of a name.
func atPowerDNS(t *testing.T, settings map[string]string) error {
	t.Helper()
	account := config.Account{Name: "pdns", Provider: "powerdns", Settings: map[string]secret.String{}}
	for key, text := range settings {
		account.Settings[key] = secret.New(text)
	}
	a, err := Assemble(&config.Config{Accounts: []config.Account{account}}, config.ForRecords, World{})
	if err != nil {
		return err
	}
	defer a.CloseIdle()
	n, err := dns.ParseName("nas.example.org")
	if err != nil {
		t.Fatal(err)
	}
	placed, _, err := a.Accounts[0].Provider.Zones(t.Context(), []dns.Name{n})
	if err == nil && len(placed) != 1 {
		t.Errorf("placed are %v", placed)
	}
	return err
}

func TestOnesOwnCAVouchesForOnesOwnServer(t *testing.T) {
	s := httptest.NewTLSServer(pdnstest.New("the-key", "example.org."))
	defer s.Close()
	s.Config.ErrorLog = nil
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write := func(b []byte) {
		if err := os.WriteFile(ca, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	settings := map[string]string{"token": "the-key", "base_url": s.URL, "ca_file": ca}
	if err := atPowerDNS(t, settings); err != nil {
		t.Error(err)
	}
	write([]byte("nothing"))
	if err := atPowerDNS(t, settings); err == nil || !strings.Contains(err.Error(), "there is no certificate in the file") {
		t.Error(err)
	}
	settings["ca_file"] = ca + "x"
	if err := atPowerDNS(t, settings); err == nil || !strings.Contains(err.Error(), "read the certificates of the CA in "+ca) {
		t.Error(err)
	}
	delete(settings, "ca_file")
	err := atPowerDNS(t, settings)
	if err == nil || !strings.Contains(err.Error(), "who answers cannot prove to be PowerDNS") {
		t.Error(err)
	}
	if e, ok := errors.AsType[*provider.Error](err); !ok || !strings.HasPrefix(e.Hint.String(), "if it has a certificate of a CA of your own, name the file with that of the CA in accounts.ca_file; else install") {
		t.Error(e)
	}
}

// A key that goes over plain http goes past every proxy.
func TestPlainHTTPGoesThroughNoProxy(t *testing.T) {
	s := httptest.NewServer(pdnstest.New("the-key", "example.org."))
	defer s.Close()
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if err := atPowerDNS(t, map[string]string{"token": "the-key", "base_url": s.URL}); err != nil {
		t.Error(err)
	}
}
