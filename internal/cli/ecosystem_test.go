//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/homing-dns/homing/internal/cli"
	"github.com/homing-dns/homing/internal/sim"
)

// ofOthers are variables that other programs have in the same environment.
func ofOthers() map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x", "AWS_REGION": "eu-central-1",
		"AWS_PROFILE": "work", "AWS_HOSTED_ZONE_ID": "Z0", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/x",
		"GOOGLE_APPLICATION_CREDENTIALS": "/not/there.json", "GOOGLE_CLOUD_PROJECT": "p", "GCE_PROJECT": "p", "GCE_SERVICE_ACCOUNT_FILE": "/not/there.json",
		"AZURE_CLIENT_ID": "x", "AZURE_CLIENT_SECRET": "x", "AZURE_TENANT_ID": "x", "AZURE_SUBSCRIPTION_ID": "x", "AZURE_RESOURCE_GROUP": "x",
		"PDNS_API_URL": "http://127.0.0.1:1", "PDNS_API_KEY": "x", "PDNS_API_KEY_FILE": "/not/there", "PDNS_ALLOW_HTTP": "perhaps", "PDNS_CA": "nowhere", "PDNS_TTL": "x",
		"RFC2136_NAMESERVER": "127.0.0.1:1", "RFC2136_TSIG_KEY": "x", "RFC2136_TSIG_SECRET": "not base64", "RFC2136_TSIG_ALGORITHM": "none",
		"RFC2136_TSIG_FILE": "/not/there", "RFC2136_ZONE": "example.com", "DNSUPDATE_NAMESERVER": "127.0.0.1:1",
		"DO_AUTH_TOKEN": "x", "HETZNER_API_TOKEN": "x", "DESEC_TOKEN": "x", "DUCKDNS_TOKEN": "x", "NOIP_USERNAME": "x",
	}
}

// wire is what a round of `homing once` sends to Cloudflare.
func wire(t *testing.T) (requests []string, said string) {
	home := sim.NewHome(netip.MustParseAddr("84.1.2.3"), netip.MustParseAddr("2a02:8070::7"))
	cloud := sim.NewCloudflare()
	cloud.AddToken(sim.Token{Value: goodToken})
	cloud.AddZone(sim.Zone{Name: "example.org", ID: strings.Repeat("1", 32)})
	cloud.AddRecord("example.org", sim.Address("home.example.org", "84.9.9.9"))
	net, err := sim.Loopback(home)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	var mu sync.Mutex
	net.Handle("/client/v4/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		mu.Lock()
		requests = append(requests, fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header, " ", string(body)))
		mu.Unlock()
		cloud.ServeHTTP(w, r)
	}))
	t.Setenv("CLOUDFLARE_BASE_URL", net.URL()+"/client/v4")
	t.Setenv("IP4_PROVIDER", "url:"+net.URL()+"/ip")
	var told bytes.Buffer
	code := cli.Main(cli.Env{Args: []string{"once"}, Stdout: &told, Stderr: &told, Getenv: os.Getenv, Stat: ofTheTest})
	if code != 0 || !slices.Equal(cloud.Contents("example.org", "home.example.org"), []string{"84.1.2.3"}) {
		t.Errorf("%d\n%s", code, told.String())
	}
	slices.Sort(requests)
	return requests, told.String()
}

// Who updates a Cloudflare record today does so tomorrow, whatever else is set.
func TestTheVariablesOfOthersChangeNothingAtCloudflare(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"CLOUDFLARE_API_TOKEN": goodToken, "DOMAINS": "home.example.org", "IP6_PROVIDER": "none", "HOMING_LISTEN": "off",
		"HOMING_STATE": t.TempDir(), "HOME": t.TempDir(), "XDG_CONFIG_HOME": ""} {
		t.Setenv(name, text)
	}
	before, _ := wire(t)
	for name, text := range ofOthers() {
		t.Setenv(name, text)
	}
	after, told := wire(t)
	if len(before) == 0 || !slices.Equal(before, after) {
		t.Errorf("sent was\n%s\nand is\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	for name := range ofOthers() {
		if strings.Contains(told, name) {
			t.Errorf("%s is told of:\n%s", name, told)
		}
	}
}
