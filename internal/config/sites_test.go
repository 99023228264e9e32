package config

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

const twoLines = `
detect: {ipv4: {sources: [cloudflare.trace, ipify], agree: "2"}, ipv6: {sources: none}, timeout: 7s}
sites:
  dsl: {bind: eth1}
  cable:
    bind: 192.0.2.7
    ipv4: {sources: [ipify], agree: first, filter: addr-in(84.0.0.0/8)}
    ipv6: {sources: cloudflare.trace}
    confirm: false
    timeout: 2s
records:
  - {name: a.example.org, site: dsl}
  - {name: b.example.org, site: [dsl, cable], pick: first, types: [A]}
  - {name: c.example.org, site: [here, cable]}
  - {name: d.example.org, site: here}
lists:
  - {account_id: 0123456789abcdef0123456789abcdef, name: home, site: [cable, dsl]}
`

func TestSitesHaveWhatTheySayAndTheRestOfThisMachine(t *testing.T) {
	cfg, err := load(ok("DOMAINS", ""), files("homing.yaml", twoLines))
	if err != nil {
		t.Fatal(err)
	}
	dsl, cable := cfg.Sites["dsl"], cfg.Sites["cable"]
	if dsl.Bind != "eth1" || !dsl.Confirm || dsl.Timeout != 7*time.Second || dsl.Detect[addr.IPv4].Agree != addr.AtLeast(2) || len(dsl.Detect[addr.IPv4].Sources) != 2 {
		t.Errorf("dsl is %+v", dsl)
	}
	if _, in := dsl.Detect[addr.IPv6]; in {
		t.Error("dsl looks for IPv6, which detect leaves alone")
	}
	if cable.Bind != "192.0.2.7" || cable.Confirm || cable.Timeout != 2*time.Second || !cable.Detect[addr.IPv4].Agree.IsFirst() || len(cable.Detect[addr.IPv6].Sources) != 1 ||
		cable.Detect[addr.IPv4].Filter.Match(mustAddr("85.0.0.1")) {
		t.Errorf("cable is %+v", cable)
	}
	if cfg.Bind != "" || cfg.LongestLook() != 7*time.Second {
		t.Errorf("this machine has the line %q", cfg.Bind)
	}
	for i, want := range []struct {
		sites []string
		pick  plan.Pick
	}{{[]string{"dsl"}, plan.All}, {[]string{"dsl", "cable"}, plan.First}, {[]string{"", "cable"}, plan.All}, {nil, plan.All}} {
		if r := records(t, cfg)[i]; !slices.Equal(r.Sites, want.sites) || r.Pick != want.pick {
			t.Errorf("%s is of %q, pick %v", r.Name, r.Sites, r.Pick)
		}
	}
	if got := cfg.Accounts[0].Spec.Lists[0].SiteNames(); !slices.Equal(got, []string{"cable", "dsl"}) {
		t.Errorf("the list is of %q", got)
	}
}

func mustAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestWhatIsShownOfSitesReadsTheSame(t *testing.T) {
	in := input(ok("DOMAINS", ""), files("homing.yaml", twoLines))
	shown, err := Show(in)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Load(in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := load(ok("DOMAINS", ""), files("homing.yaml", string(shown)))
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	if d := gocmp.Diff(describeSites(want), describeSites(got)); d != "" {
		t.Errorf("%s\n%s", d, shown)
	}
}

// describeSites is all that a configuration says of sites, as text.
func describeSites(c *Config) (all []string) {
	for _, name := range c.SiteNames() {
		s := c.Site(name)
		for _, f := range addr.Families() {
			d := s.Detect[f]
			var sources []string
			for _, source := range d.Sources {
				sources = append(sources, source.String())
			}
			all = append(all, strings.Join([]string{name, f.String(), strings.Join(sources, ","), d.Agree.String(), d.Filter.String(), s.Bind, s.Timeout.String()}, " "))
		}
	}
	for _, a := range c.Accounts {
		for _, r := range a.Spec.Records {
			all = append(all, r.Name.String()+" "+strings.Join(r.Sites, "+")+string(rune('0'+r.Pick)))
		}
		for _, l := range a.Spec.Lists {
			all = append(all, l.Name+" "+l.Sites)
		}
	}
	return all
}

func TestSitesInTheEnvironment(t *testing.T) {
	cfg, err := load(ok("HOMING_SITES", "dsl, cable-2", "DOMAINS", "a.example.org, b.example.org", "HOMING_DSL_BIND", "eth1", "HOMING_DSL_IP6_PROVIDER", "none",
		"HOMING_CABLE_2_IP4_PROVIDER", "ipify", "HOMING_CABLE_2_CONFIRM", "false",
		"HOMING_DSL_DOMAINS", "b.example.org, c.example.org", "HOMING_CABLE_2_IP4_DOMAINS", "c.example.org, a.example.org"), nil)
	if err != nil {
		t.Fatal(err)
	}
	dsl, cable := cfg.Sites["dsl"], cfg.Sites["cable-2"]
	if dsl.Bind != "eth1" || len(dsl.Detect) != 1 || cable.Confirm || !slices.Equal(cable.Detect[addr.IPv4].Sources, []Source{{Word: "ipify"}}) {
		t.Errorf("%+v %+v", dsl, cable)
	}
	var got []string
	for _, r := range records(t, cfg) {
		for _, typ := range r.Types {
			got = append(got, r.Name.String()+" "+string(typ)+" "+strings.Join(r.Sites, "+"))
		}
		if r.Pick != plan.All {
			t.Errorf("%s does not say all", r.Name)
		}
	}
	if want := []string{"a.example.org A +cable-2", "a.example.org AAAA ", "b.example.org A +dsl", "b.example.org AAAA +dsl", "c.example.org A dsl+cable-2", "c.example.org AAAA dsl"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !cfg.Uses(plan.Origin{Site: "cable-2", Family: addr.IPv4}) || cfg.Uses(plan.Origin{Site: "cable-2", Family: addr.IPv6}) {
		t.Error("what is used is another thing")
	}
	if got := cfg.Words(text.Setting{Path: "sites.dsl.ipv6.sources", Value: "none"}); got != "HOMING_DSL_IP6_PROVIDER=none" {
		t.Errorf("it says %s", got)
	}
}

func TestASiteNobodyUsesIsNotLookedAt(t *testing.T) {
	cfg, err := load(ok("HOMING_SITES", "dsl", "HOMING_DSL_BIND", "eth1"), nil)
	if err != nil || len(cfg.Sites) > 0 || !strings.Contains(strings.Join(cfg.Notices, "\n"), "the site dsl; it is not looked at") {
		t.Errorf("%v, %v, %q", cfg, err, cfg.Notices)
	}
	in := input(ok("HOMING_SITES", "dsl", "HOMING_DSL_BIND", "eth1"), nil)
	in.Scope = ForDetection
	if cfg, err := Load(in); err != nil || len(cfg.Sites) != 1 {
		t.Errorf("homing detect does not look at it: %v", err)
	}
}

func TestSitesThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		yaml string
		says string
	}{
		{"HOMING_SITES", []string{"HOMING_SITES", "here"}, "", "the word for this machine"},
		{"HOMING_SITES", []string{"HOMING_SITES", "Cable"}, "", "a-z, 0-9 and -"},
		{"HOMING_SITES", []string{"HOMING_SITES", "-a"}, "", "a-z, 0-9 and -"},
		{"HOMING_SITES", []string{"HOMING_SITES", strings.Repeat("a", 33)}, "", "longer than 32"},
		{"HOMING_SITES", []string{"HOMING_SITES", "port-80"}, "", "HOMING_PORT_80_DOMAINS, and such variables are set by Kubernetes"},
		{"HOMING_SITES", []string{"HOMING_SITES", "test"}, "", "homing's own tests"},
		{"HOMING_SITES", []string{"HOMING_SITES", "cable, cable-ip4"}, "", "HOMING_CABLE_IP4_DOMAINS would be a variable of the site cable as well"},
		{"HOMING_DSL_BIND", []string{"HOMING_SITES", "dsl", "HOMING_DSL_DOMAINS", "x.example.org,y.example.org", "HOMING_DSL_IP4_DOMAINS", "z.example.org"}, "", "by HOMING_DSL_IP4_PROVIDER"},
		{"records[0].site", []string{"DOMAINS", ""}, "sites: {dsl: {}}\nrecords: [{name: a.example.org, site: dsl}]", "sites.dsl.bind or sites.dsl.ipv4.sources"},
		{"HOMING_DSL_BIND", []string{"HOMING_SITES", "dsl", "HOMING_DSL_DOMAINS", "x.example.org", "HOMING_DSL_CONFIRM", "true"}, "", "nothing tells the site dsl apart"},
		{"HOMING_DSL_BIND", []string{"HOMING_SITES", "dsl", "HOMING_DSL_DOMAINS", "x.example.org", "HOMING_DSL_BIND", "nowhere0"}, "", "no such interface"},
		{"HOMING_DSL_IP4_AGREE", []string{"HOMING_SITES", "dsl", "HOMING_DSL_DOMAINS", "x.example.org", "HOMING_DSL_BIND", "eth1", "HOMING_DSL_IP4_AGREE", "2"}, "", "are run by Cloudflare alone"},
		{"sites.here", []string{"DOMAINS", ""}, "sites: {here: {bind: eth1}}\nrecords: [a.example.org]", "a site cannot be called so"},
		{"sites.service-host", []string{"DOMAINS", ""}, "sites: {service-host: {bind: eth1}}\nrecords: [a.example.org]", "Kubernetes"},
		{"sites.dsl.bnd", []string{"DOMAINS", ""}, "sites: {dsl: {bnd: eth1}}\nrecords: [{name: a.example.org, site: dsl}]", "did you mean bind?"},
		{"records[0].site", []string{"DOMAINS", ""}, "sites: {cable: {bind: eth1}}\nrecords: [{name: a.example.org, site: cabel}]", "did you mean cable?"},
		{"records[0].site[1]", []string{"DOMAINS", ""}, "sites: {cable: {bind: eth1}}\nrecords: [{name: a.example.org, site: [cable, cable]}]", "stands there twice"},
		{"records[0].pick", []string{"DOMAINS", ""}, "sites: {cable: {bind: eth1}}\nrecords: [{name: a.example.org, site: [here, cable], pick: last}]", "none of all, first"},
		{"records[1].name", []string{"DOMAINS", ""}, "sites: {cable: {bind: eth1}}\nrecords: [a.example.org, {name: a.example.org, site: cable}]", "write one entry, such as site: [here, cable]"},
	} {
		_, err := load(ok(c.env...), files("homing.yaml", c.yaml))
		if err == nil {
			t.Errorf("%q %s is taken", c.env, c.yaml)
			continue
		}
		if got := problems(t, err); len(got) != 1 || got[0] != c.name || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q %s: %v", c.env, c.yaml, err)
		}
	}
}

func TestASiteThatOnlyHasANameIsTold(t *testing.T) {
	cfg, err := load(ok("HOMING_SITES", "dsl"), nil)
	if err != nil || !strings.Contains(strings.Join(cfg.Notices, "\n"), "HOMING_SITES names dsl, of which no variable") {
		t.Errorf("%v, %q", err, cfg.Notices)
	}
}

// What this machine has is not what another place has.
func TestASiteDoesNotTakeOverWhatThisMachineHas(t *testing.T) {
	in := input(ok("HOMING_SITES", "dsl", "HOMING_DSL_IP4_DOMAINS", "x.example.org", "HOMING_DSL_BIND", "eth1", "IP4_PROVIDER", "static:192.0.2.1"), nil)
	for i := range in.Catalogue.Sources {
		in.Catalogue.Sources[i].OwnPlace = in.Catalogue.Sources[i].Word == "static"
	}
	_, err := Load(in)
	if err == nil || !slices.Equal(problems(t, err), []string{"HOMING_DSL_IP4_PROVIDER"}) || !strings.Contains(err.Error(), "which is what this machine has and not the site") {
		t.Errorf("%v", err)
	}
	in.Scope = ForDetection
	if _, err := Load(in); err == nil {
		t.Error("homing detect takes it")
	}
	env := ok("HOMING_SITES", "dsl", "HOMING_DSL_IP4_DOMAINS", "x.example.org", "HOMING_DSL_BIND", "eth1", "IP4_PROVIDER", "ipify", "IP6_PROVIDER", "exec:ip")
	in.Getenv = func(k string) string { return env[k] }
	for i := range in.Catalogue.Sources {
		in.Catalogue.Sources[i].OwnPlace = in.Catalogue.Sources[i].Word == "exec"
	}
	for _, scope := range []Scope{ForRecords, ForDetection} {
		in.Scope = scope
		if cfg, err := Load(in); err != nil || len(cfg.Sites["dsl"].Detect) != 1 {
			t.Errorf("the family that nobody uses is looked for: %v", err)
		}
	}
}

func TestMisspeltVariablesOfSitesAreTold(t *testing.T) {
	for variable, want := range map[string]string{
		"HOMING_DSL_BND=eth1":           "did you mean HOMING_DSL_BIND?",
		"HOMING_DSL_IP4_PROVIDR=x":      "did you mean HOMING_DSL_IP4_PROVIDER?",
		"HOMING_DSL_BIND=eth1":          "",
		"HOMING_CABLE_IP4_PROVIDER=x":   "if cable is a site, add it to HOMING_SITES",
		"HOMING_CABLE_2_IP6_DOMAINS=x":  "if cable-2 is a site, add it to HOMING_SITES",
		"HOMING_DSL_PORT_80_TCP=x":      "",
		"HOMING_DSL_SERVICE_HOST=x":     "",
		"HOMING_DSL_WHATEVER_THING=yes": "homing has no such setting",
	} {
		in := input(ok("HOMING_SITES", "dsl"), nil)
		in.Environ = []string{variable}
		told := strings.Join(FromEnvironment(in).Notices, "\n")
		if want == "" && told != "" || !strings.Contains(told, want) {
			t.Errorf("%s: %q, want %q", variable, told, want)
		}
	}
}

// A variable of a site has the more weight, as any has.
func TestVariablesOfASiteGoBeforeTheFile(t *testing.T) {
	cfg, err := load(ok("DOMAINS", "", "HOMING_SITES", "dsl", "HOMING_DSL_BIND", "eth9"), files("homing.yaml", "sites: {dsl: {bind: eth1, timeout: 1s}}\nrecords: [{name: a.example.org, site: dsl, types: [A]}]"))
	if err != nil || cfg.Sites["dsl"].Bind != "eth9" || cfg.Sites["dsl"].Timeout != time.Second {
		t.Errorf("%+v, %v", cfg, err)
	}
	if r := records(t, cfg)[0]; !slices.Equal(r.Types, []dns.Type{dns.A}) {
		t.Errorf("%+v", r)
	}
}
