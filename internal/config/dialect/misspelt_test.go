package dialect

import (
	"strings"
	"testing"
)

// A slip in a variable is told in the words of whose settings these are.
func TestAMisspeltVariableOfAPredecessorIsTold(t *testing.T) {
	dyncfdns := map[string]string{"HOST_LIST": "a.example.com", "CLOUDFLARE_API_TOKEN": "t"}
	oznu := map[string]string{"API_KEY": "t", "ZONE": "example.com"}
	for _, tt := range []struct {
		base             map[string]string
		name, text, want string
	}{
		{dyncfdns, "UPDATE_INTERVL", "60", "UPDATE_INTERVAL"},
		{dyncfdns, "ALLOW_CREATE_HOST", "true", "ALLOW_CREATE_HOSTS"},
		{dyncfdns, "API_PROT", "0", "API_PORT"},
		{dyncfdns, "DOMAINS", "x.example.com", ""}, // which is told otherwise
		{oznu, "SUBDOMIAN", "home", "SUBDOMAIN"},
		{oznu, "PROXY", "true", "PROXIED"},
		{oznu, "PROXY", "http://proxy:3128", ""},
		{oznu, "INTERFCE", "eth0", "INTERFACE"},
		{oznu, "APP_KEY", "x", ""},
		{oznu, "ZONE_ID", "x", ""},
		{map[string]string{"RECORDS": "cloudflare:example.com:A:@", "CLOUDFLARE_API_TOKEN": "t"}, "RECORD", "x", ""},
		{map[string]string{"REJECT_CLOUDFLARE_IPS": "true", "DOMAINS": "example.com", "CLOUDFLARE_API_TOKEN": "t"}, "DELETE_ON_FAILUR", "true", "DELETE_ON_FAILURE"},
	} {
		env := map[string]string{tt.name: tt.text}
		for k, v := range tt.base {
			env[k] = v
		}
		r, err := Read(world{env: env}.input())
		if err != nil || r == nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		told := strings.Join(r.Draft.Notices, "\n")
		if says := tt.name + " has no effect; did you mean " + tt.want; strings.Contains(told, says) != (tt.want != "") {
			t.Errorf("%s=%s: %q, want %q", tt.name, tt.text, told, tt.want)
		}
	}
}
