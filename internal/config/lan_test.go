package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

func TestHostsOfANetworkAreRead(t *testing.T) {
	cfg, err := load(ok("DOMAINS", ""), files("homing.yaml", `
records:
  - {name: a.example.org, types: [AAAA], ipv6_host: "::10", ipv6_prefix: {from: router}}
  - {name: b.example.org, types: [AAAA], ipv6_host: keep, ipv6_prefix: {from: "iface:br0"}}
  - {name: c.example.org, ipv6_host: "neighbour(00:11:22:33:44:55)"}
  - {name: d.example.org, types: [AAAA], ipv6_host: ["::11", "neighbour(00-11-22-33-44-55)"]}
  - name: e.example.org
    types: [AAAA, TXT]
    content: "{ipv6}"
    ipv6_host: "::12"
    ipv6_prefix:
      from: router
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range cfg.Accounts[0].Spec.Records {
		got = append(got, fmt.Sprint(r.Name, r.Hosts, r.Prefix, r.Needs(r.Types[len(r.Types)-1])))
	}
	want := []string{
		"a.example.org [::10]router[IPv6 of LAN router]",
		"b.example.org [keep]iface:br0[IPv6 of LAN br0]",
		"c.example.org [neighbour(00:11:22:33:44:55)][IPv6 of neighbour 00:11:22:33:44:55]",
		"d.example.org [::11 neighbour(00:11:22:33:44:55)][IPv6 IPv6 of neighbour 00:11:22:33:44:55]",
		"e.example.org [::12]router[IPv6 of LAN router]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if fmt.Sprint(cfg.LAN()) != "[IPv6 of LAN br0 IPv6 of LAN router IPv6 of neighbour 00:11:22:33:44:55]" {
		t.Errorf("%v", cfg.LAN())
	}
}

func TestHostsOfANetworkAreReadFromTheEnvironment(t *testing.T) {
	cfg, err := load(ok("DOMAINS", "", "IP6_DOMAINS", "a.example.org{hostid6=keep},b.example.org{hostid6=[::1, neighbour(00:11:22:33:44:55)]}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if rs := records(t, cfg); fmt.Sprint(rs[0].Hosts, rs[1].Hosts) != "[keep] [::1 neighbour(00:11:22:33:44:55)]" {
		t.Errorf("%v, %v", rs[0].Hosts, rs[1].Hosts)
	}
}

// With IP6_PROVIDER=none a network's own prefix is still there, and nothing else
// of IPv6.
func TestANetworkNeedsNoSourcesOfThisMachine(t *testing.T) {
	cfg, err := load(ok("DOMAINS", "", "IP4_PROVIDER", "none", "IP6_PROVIDER", "none"), files("homing.yaml", `
records:
  - {name: a.example.org, types: [AAAA], ipv6_host: "::10", ipv6_prefix: {from: router}}
`))
	if err != nil || cfg.Uses(plan.Here(addr.IPv6)) || len(cfg.LAN()) != 1 || strings.Contains(strings.Join(cfg.Notices, "\n"), "has no effect") {
		t.Errorf("%v, %v", err, cfg)
	}
}

func TestHostsThatCannotBeAreToldAtTheirPlace(t *testing.T) {
	for text, want := range map[string][2]string{
		`ipv6_prefix: {from: router}`:                                                                        {"records[0].ipv6_prefix", "a prefix alone is no address"},
		`ipv6_host: preserve, ipv6_prefix: {from: router}`:                                                   {"records[0].ipv6_host", "observes a prefix alone"},
		`ipv6_host: "neighbour(00:11:22:33:44:55)", ipv6_prefix: {from: router}`:                             {"records[0].ipv6_host", "with its whole address"},
		`ipv6_host: [keep, "::1"]`:                                                                           {"records[0].ipv6_host", "keep stands alone"},
		`ipv6_host: keep, types: [AAAA, TXT], content: "{ipv6}"`:                                             {"records[0].ipv6_host", "no host that could be kept"},
		`ipv6_host: "::1", ipv6_prefix: {from: wan}`:                                                         {"records[0].ipv6_prefix.from", "neither router nor iface:"},
		`ipv6_host: "::1", ipv6_prefix: {from: "iface:"}`:                                                    {"records[0].ipv6_prefix.from", "no name"},
		`ipv6_host: "::1", ipv6_prefix: {of: router}`:                                                        {"records[0].ipv6_prefix.of", "there is no such key"},
		`ipv6_host: "::1", ipv6_prefix: router`:                                                              {"records[0].ipv6_prefix", "keys and values are expected"},
		`ipv6_host: "neighbour(00:11:22:33:44)"`:                                                             {"records[0].ipv6_host", "must be written as neighbour("},
		`ipv6_host: keep}, {name: b.example.org, ipv6_host: "::1"}]` + "\npolicy: {delete_on_stop: true}\n#": {"records[0].ipv6_host", "deletes that"},
	} {
		in := input(ok("DOMAINS", ""), files("homing.yaml", "records: [{name: a.example.org, "+text+"}]\n"))
		in.Catalogue.Sources = append(in.Catalogue.Sources, SourceKind{Word: "local.iface", Check: func(_ addr.Family, name string, _ bool) (addr.Voter, error) {
			if name == "" {
				return addr.Voter{}, errors.New("the interface has no name")
			}
			return addr.Voter{}, nil
		}})
		_, err := Load(in)
		if err == nil || !strings.Contains(err.Error(), want[0]) || !strings.Contains(err.Error(), want[1]) {
			t.Errorf("%s: %v", text, err)
		} else if got := problems(t, err); len(got) != 1 {
			t.Errorf("%s is wrong in more than one place: %q", text, got)
		}
	}
}
