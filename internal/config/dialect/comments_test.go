package dialect

import (
	"maps"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/homing-dns/homing/internal/config"
)

// A comment behind a value is left out in every variable of every predecessor,
// but where a "#" is a part of a command or a text.
func TestACommentBehindAValueIsNoneOfIt(t *testing.T) {
	for title, env := range map[string]map[string]string{
		"DynCFDNS": {"HOST_LIST": "home.example.com", "CLOUDFLARE_API_TOKEN": "t", "CLOUDFLARE_API_KEY": "k", "CLOUDFLARE_API_EMAIL": "me@example.com",
			"UPDATE_INTERVAL": "120", "ALLOW_CREATE_HOSTS": "true", "API_PORT": "5000", "API_TOKEN": "page", "DEBUG": "true", "TZ": "Europe/Berlin"},
		"Dynflare": {"RECORDS": "cloudflare:example.com:A:home", "CLOUDFLARE_EMAIL": "me@example.com", "CLOUDFLARE_API_KEY": "k"},
		"oznu": {"API_KEY": "t", "ZONE": "example.com", "SUBDOMAIN": "home", "RRTYPE": "AAAA", "PROXIED": "true", "DELETE_ON_STOP": "true",
			"INTERFACE": "eth0", "CRON": "@daily", "CF_API": "https://api.example.com", "HOMING_CREATE": "never"},
		"timothymiller": {"CLOUDFLARE_API_TOKEN": "t", "DOMAINS": "home.example.com", "REJECT_CLOUDFLARE_IPS": "true", "PROXIED": "sub(example.com)",
			"TTL": "300", "IP4_PROVIDER": "literal:192.0.2.1", "UPDATE_CRON": "@every 5m", "UPDATE_ON_START": "yes", "HOMING_ZONE_ID": "0123456789abcdef0123456789abcdef"},
	} {
		plain, err := Read(world{env: env}.input())
		if err != nil || plain == nil {
			t.Fatalf("%s: %v", title, err)
		}
		for name := range env {
			commented := maps.Clone(env)
			commented[name] += " # why"
			r, err := Read(world{env: commented}.input())
			if err != nil || r == nil {
				t.Errorf("%s, %s: %v", title, name, err)
				continue
			}
			if diff := gocmp.Diff(plain.Draft.Entries, r.Draft.Entries, cmpopts.IgnoreUnexported(config.Entry{})); diff != "" {
				t.Errorf("%s, %s:\n%s", title, name, diff)
			}
			if len(r.Draft.Notices) != len(plain.Draft.Notices)+1 {
				t.Errorf("%s, %s is told %d times: %q", title, name, len(r.Draft.Notices)-len(plain.Draft.Notices), r.Draft.Notices)
			}
		}
	}
	env := map[string]string{"API_KEY": "t", "ZONE": "example.com", "CUSTOM_LOOKUP_CMD": "echo 192.0.2.1 # why"}
	r, err := Read(world{env: env}.input())
	if e, _ := r.Draft.Get("detect.ipv4.sources[0]"); err != nil || e.Text != "exec:sh -c 'echo 192.0.2.1 # why'" {
		t.Errorf("a command became %q, %v", e.Text, err)
	}
}
