package config

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// kept are the names of a configuration with their types and host ids.
func kept(t *testing.T, cfg *Config) string {
	t.Helper()
	var all []string
	for _, r := range records(t, cfg) {
		text := r.Name.Describe()
		if len(r.Types) == 1 {
			text += " " + string(r.Types[0])
		}
		for _, h := range r.Hosts {
			text += " " + h.String()
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func TestNamesAreReadAsFavoniaReadsThem(t *testing.T) {
	for list, want := range map[string]string{
		"a.org":                                 "a.org",
		"a.org,b.org":                           "a.org, b.org",
		" a.org ,\n\tb.org , ":                  "a.org, b.org",
		",a.org,,b.org,":                        "a.org, b.org",
		"a.org b.org\nc.org":                    "a.org, b.org, c.org",
		"A.Org.":                                "a.org",
		".a.org":                                "a.org",
		"a.org..":                               "a.org",
		"..a.org":                               "a.org",
		"a.org。":                                "a.org",
		"*.a.org,*．b.org":                       "*.a.org, *.b.org",
		"日本.jp":                                 "日本.jp",
		"a.org{}":                               "a.org",
		"a.org { } , b.org":                     "a.org, b.org",
		"a.org{hostid6=::1}":                    "a.org ::1",
		"a.org { hostid6 = ::1 , }":             "a.org ::1",
		"a.org{hostid6=preserve}":               "a.org preserve",
		"a.org{hostid6=fe80::1}":                "a.org fe80::1",
		"a.org{hostid6=::}":                     "a.org ::",
		"a.org{hostid6=mac(00:11:22:33:44:55)}": "a.org mac(00:11:22:33:44:55)",
		"a.org{hostid6=mac ( 00-11-22-33-44-5A )}":                 "a.org mac(00:11:22:33:44:5a)",
		"a.org{hostid6=[::1,::2]}":                                 "a.org ::1 ::2",
		"a.org{hostid6=[::2,[::1,[preserve]],::2,]}":               "a.org ::1 ::2 preserve",
		"a.org{hostid6=::1,hostid6=::1}":                           "a.org ::1",
		"a.org{hostid6=[::1,::2],hostid6=[::2,::1]}":               "a.org ::1 ::2",
		"a.org{hostid6=::1},a.org":                                 "a.org ::1",
		"a.org,a.org{hostid6=::1}":                                 "a.org ::1",
		"mac.a.org":                                                "mac.a.org",
		"a.org{hostid6=mac(00:11:22:33:44:55)},c.org{hostid6=::3}": "a.org mac(00:11:22:33:44:55), c.org ::3",
	} {
		cfg, err := load(ok("DOMAINS", list), nil)
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if diff := gocmp.Diff(want, kept(t, cfg)); diff != "" {
			t.Errorf("%s: %s", list, diff)
		}
	}
}

func TestWhatIsNoListOfNamesIsRefusedWithTheReason(t *testing.T) {
	for list, want := range map[string]string{
		"a.org;b.org":                           `"a.org;b.org" is not a domain name`,
		"org":                                   "at least two labels",
		".":                                     `"." is not a domain name`,
		"*":                                     "at least two labels",
		"mac":                                   "at least two labels",
		"-a.org":                                "begins or ends with a hyphen",
		"a..org":                                "a label is empty",
		"1.2.3.4":                               "its last label is a number",
		"a.org{} b.org":                         "a comma is missing between two names",
		"a.org b.org{hostid6=::1}":              "a comma is missing between two names",
		"a.org{hostid4=1}":                      `"hostid4" is not hostid6`,
		"a.org{HOSTID6=::1}":                    `"HOSTID6" is not hostid6`,
		"a.org{hostid6}":                        "a = is missing behind hostid6",
		"a.org{hostid6=}":                       "a host id is missing",
		"a.org{hostid6=::1":                     "a } is missing",
		"a.org{hostid6=::1 hostid6=::1}":        "a } is missing",
		"a.org{hostid6=[]}":                     "the set of host ids is empty",
		"a.org{hostid6=[::1 ::2]}":              "a ] is missing",
		"a.org{hostid6=1.2.3.4}":                "it must be an IPv6 one",
		"a.org{hostid6=::ffff:1.2.3.4}":         "IPv4",
		"a.org{hostid6=fe80::1%eth0}":           "names an interface",
		"a.org{hostid6=mac}":                    "a ( is missing behind mac",
		"a.org{hostid6=mac(0011.2233.4455)}":    "must be written as mac(",
		"a.org{hostid6=MAC(00:11:22:33:44:55)}": "is not a valid host ID",
		"a.org{hostid6=neighbour}":              "a ( is missing behind neighbour",
		"a.org{hostid6=neighbour(00:11)}":       "must be written as neighbour(",
		"a.org{hostid6=keep()}":                 "a } is missing",
		"a.org{hostid6=[keep,::1]}":             "keep stands alone",
		"a.org{hostid6=::1,hostid6=::2}":        "hostid6 is given twice",
		"{hostid6=::1}":                         "a name is expected",
		"a.org{hostid6=::1},a.org{hostid6=::2}": "two different values of hostid6",
		"a.org{hostid6=preserve},a.org{hostid6=::2}": "two different values of hostid6",
	} {
		_, err := load(ok("DOMAINS", list), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", list, err)
		}
	}
	_, err := load(ok("DOMAINS", "bad_name!, x..org, -a.org"), nil)
	if err == nil || strings.Count(err.Error(), "is not a domain name") != 3 || !slices.Equal(problems(t, err), []string{"DOMAINS"}) {
		t.Errorf("not all at once: %v", err)
	}
}

func TestHostIDsAreForIPv6(t *testing.T) {
	if _, err := load(ok("IP4_DOMAINS", "a.org{hostid6=::1}"), nil); err == nil || !strings.Contains(err.Error(), "hostid6 is about IPv6") {
		t.Errorf("%v", err)
	}
	if _, err := load(ok("IP4_DOMAINS", "a.org{}"), nil); err != nil {
		t.Errorf("empty braces: %v", err)
	}
	cfg, err := load(ok("DOMAINS", "a.org{hostid6=::1}", "IP6_DOMAINS", "a.org,b.org{hostid6=::2}", "IP4_DOMAINS", "c.org"), nil)
	if err != nil || kept(t, cfg) != "a.org ::1, c.org A, b.org AAAA ::2" {
		t.Errorf("%v", err)
	}
	if _, err := load(ok("DOMAINS", "a.org{hostid6=::1}", "IP6_DOMAINS", "a.org{hostid6=::2}"), nil); err == nil || !slices.Equal(problems(t, err), []string{"IP6_DOMAINS"}) {
		t.Errorf("a contradiction between two lists: %v", err)
	}
}

func TestHostIDsHaveToFitTheAddressThatIsSet(t *testing.T) {
	for host, bits := range map[string][2]string{ // the second fits
		"::1:0:0:0:0":            {"64", "48"},
		"mac(02:11:22:33:44:55)": {"56", "64"},
	} {
		for i, b := range bits {
			_, err := load(ok("DOMAINS", "a.org{hostid6="+host+"}", "IP6_PROVIDER", "static:2a02::1", "IP6_DEFAULT_PREFIX_LEN", b), nil)
			if fits := i == 1; fits != (err == nil) {
				t.Errorf("%s behind /%s: %v", host, b, err)
			}
		}
	}
}

func TestOddNamesAreToldOf(t *testing.T) {
	for env, want := range map[[2]string]string{
		{"DOMAINS", "a.org,,b.org"}:                          "a comma too many",
		{"DOMAINS", ".a.org"}:                                `".a.org" has dots that say nothing; it is taken for "a.org"`,
		{"DOMAINS", "a.org.."}:                               `taken for "a.org"`,
		{"DOMAINS", "a.org{hostid6=mac(00:00:00:00:00:00)}"}: "all zeros",
		{"DOMAINS", "a.org{hostid6=mac(ff:ff:ff:ff:ff:ff)}"}: "broadcast",
		{"DOMAINS", "a.org{hostid6=mac(01:00:00:00:00:00)}"}: "a multicast",
		{"PROXIED", "is(a.org) || true"}:                     "is true for every name",
		{"TTL", "300 # five minutes"}:                        `TTL: "# five minutes" behind the value is taken for a comment`,
		{"EMOJI", "true # yes"}:                              "EMOJI:",
		{"PROXIED", "true # yes"}:                            "PROXIED:",
		{"DETECTION_TIMEOUT", "5s\t# quick"}:                 "DETECTION_TIMEOUT:",
		{"UPDATE_INTERVAL", "60 # a minute"}:                 "UPDATE_INTERVAL:",
		{"CACHE_EXPIRATION", "6h # long"}:                    "CACHE_EXPIRATION:",
		{"CF_API_TOKEN", "good"}:                             "CF_API_TOKEN is an old name; today it is CLOUDFLARE_API_TOKEN",
		{"CF_ACCOUNT_ID", "x"}:                               "CF_ACCOUNT_ID has no effect",
		{"PUID", "1000"}:                                     "PUID has no effect",
		{"CONFIG_PATH", "/config"}:                           "CONFIG_PATH has no effect",
		{"IP4_POLICY", "cloudflare"}:                         "IP4_POLICY is an old name; today it is IP4_PROVIDER",
		{"UPDATE_CRON", "@nevermore"}:                        "@nevermore is an old name of @once",
		{"CLOUDFLARE_API_KEY", "k"}:                          "CLOUDFLARE_API_KEY is ignored, because CLOUDFLARE_API_EMAIL is not set",
	} {
		cfg, err := load(ok(env[0], env[1]), nil)
		if err != nil {
			t.Errorf("%s: %v", env, err)
			continue
		}
		if all := strings.Join(cfg.Notices, "\n"); !strings.Contains(all, want) || strings.Contains(all, "canary") {
			t.Errorf("%s: %q", env, cfg.Notices)
		}
	}
	if cfg, err := load(ok("DOMAINS", "home.example.org., a.example.org,"), nil); err != nil || len(cfg.Notices) > 0 {
		t.Errorf("a good list is told of: %v %q", err, cfg.Notices)
	}
}
