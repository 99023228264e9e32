package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
)

func TestATXTRecordSaysItsContent(t *testing.T) {
	cfg, err := load(ok("DOMAINS", ""), files("homing.yaml", `
records:
  - {name: example.org, types: [TXT, A], content: "v=spf1 ip4:{ipv4} -all"}
  - {name: a.example.org, types: [txt], content: "{ipv6}", ipv6_host: "::1"}
  - {name: example.org, types: [AAAA]}
`))
	if err != nil {
		t.Fatal(err)
	}
	rs := cfg.Accounts[0].Spec.Records
	if len(rs) != 3 || !slices.Equal(rs[0].Types, []dns.Type{dns.A, dns.TXT}) || rs[0].Content.String() != "v=spf1 ip4:{ipv4} -all" ||
		rs[1].Content.String() != "{ipv6}" || rs[2].Content.String() != "" {
		t.Errorf("%+v", rs)
	}
	if notices := strings.Join(cfg.Notices, "\n"); strings.Contains(notices, "has no effect") {
		t.Errorf("the host is what {ipv6} says: %s", notices)
	}
}

func TestAContentThatCannotBeIsToldAtItsPlace(t *testing.T) {
	for text, want := range map[string][2]string{
		`{name: a.example.org, types: [TXT]}`:                                        {"records[0].types", "nothing tells what the TXT record is to say"},
		`{name: a.example.org, content: "{ipv4}"}`:                                   {"records[0].content", "it is for TXT records"},
		`{name: a.example.org, types: [TXT], content: "v=spf1 a -all"}`:              {"records[0].content", "neither {ipv4} nor {ipv6}"},
		`{name: a.example.org, types: [TXT], content: "{ipv4} {ip}"}`:                {"records[0].content", "has braces"},
		`{name: a.example.org, types: [TXT], content: {ipv4}}`:                       {"records[0].content", ""},
		`{name: a.example.org, types: [TXT, A], content: "ä {ipv4}", create: never}`: {"records[0].content", "printable ASCII"},
	} {
		_, err := load(ok("DOMAINS", ""), files("homing.yaml", "records:\n  - "+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want[0]) || !strings.Contains(err.Error(), want[1]) {
			t.Errorf("%s: %v", text, err)
		} else if got := problems(t, err); len(got) != 1 {
			t.Errorf("%s is wrong in more than one place: %q", text, got)
		}
	}
}
