package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
)

// Who writes what a host or a service is called elsewhere is told what it is
// called here, and where it goes.
func TestAHostIsFoundByWhatOthersCallIt(t *testing.T) {
	const inside = "write into homing.yaml: accounts: {mine: {provider: dyndns2, service: no-ip, …}}, and account: mine at its records; homing hosts says what it needs"
	for _, tc := range []struct{ word, inFile, outside string }{
		{"aws", "it is called route53 here", "it is called route53 here"},
		{"AWS-Route53", "it is called route53 here", "it is called route53 here"},
		{"gcloud", "it is called google here", "it is called google here"},
		{"pdns", "it is called powerdns here", "it is called powerdns here"},
		{"nsupdate", "it is called rfc2136 here", "it is called rfc2136 here"},
		{"no-ip", "it is a service of dyndns2: write provider: dyndns2 and service: no-ip", inside},
		{"noip", "it is a service of dyndns2: write provider: dyndns2 and service: no-ip", inside},
		{"NoIP", "it is a service of dyndns2: write provider: dyndns2 and service: no-ip", inside},
		{"program", "it is called exec here", strings.Replace(inside, "provider: dyndns2, service: no-ip", "provider: exec", 1)},
		{"hetzer", "did you mean hetzner?", "did you mean hetzner?"},
		{"bunny", "the hosts are cloudflare, powerdns,", "and in homing.yaml dyndns2 and exec"},
	} {
		_, inFile := given(Catalogue(), place{files: map[string]string{"homing.yaml": "accounts: {default: {provider: " + tc.word + ", token: x}}\nrecords: [a.example.org]\n"}}, nil)
		_, outside := given(Catalogue(), place{env: map[string]string{"HOMING_PROVIDER": tc.word, "DOMAINS": "a.example.org"}}, nil)
		_, flag := given(Catalogue(), place{args: []string{"-r", tc.word + ":example.org:A:a"}}, nil)
		for where, said := range map[string]struct {
			err  error
			want string
		}{"in the file": {inFile, tc.inFile}, "in the environment": {outside, tc.outside}, "of -r": {flag, tc.outside}} {
			if said.err == nil || !strings.Contains(said.err.Error(), said.want) {
				t.Errorf("%s %s: %v, want %q", tc.word, where, said.err, said.want)
			}
			if ps, _ := said.err.(config.Problems); len(ps) != 1 && where != "of -r" { // which wants a credential as well
				t.Errorf("%s %s: %d problems", tc.word, where, len(ps))
			}
		}
	}
}

// No two hosts or services are called alike, and what others call one is written
// as it is compared.
func TestNamesOfHostsAreOfOneHost(t *testing.T) {
	whose := make(map[string]string)
	for _, h := range Catalogue().Hosts {
		for _, name := range slices.Concat(h.Also, h.Services) {
			plain := strings.NewReplacer("-", "", ".", "").Replace(name)
			if slices.Contains(h.Also, name) && plain != name || name != strings.ToLower(name) {
				t.Errorf("%s of %s is never found", name, h.Word)
			}
			if other := whose[plain]; other != "" {
				t.Errorf("%s is of %s and %s", name, other, h.Word)
			}
			whose[plain] = h.Word
		}
	}
	if whose["noip"] != "dyndns2" {
		t.Error("the services are not there")
	}
}

// What a host has nothing of is told where it is set, once for all names.
func TestWhatAHostLacksIsTold(t *testing.T) {
	const pdns = "accounts: {p: {provider: powerdns, base_url: 'http://127.0.0.1:1', token: x}"
	const dyn = "d: {provider: dyndns2, service: no-ip, username: u, password: p}"
	for what, want := range map[string][]string{
		pdns + "}\nrecords: [{name: a.example.org, proxied: true, ttl: 300, comment: c}, {name: b.example.org, proxied: true, tags: [x:y]}]": {
			"proxied of a.example.org and b.example.org has no effect: PowerDNS takes no proxied records", "tags of b.example.org has no effect: PowerDNS takes no tags"},
		pdns + "}\nrecords: [a.example.org]\nrecord_defaults: {proxied: true, ttl: 300, tags: [x:y], comment: c}": {
			"record_defaults.proxied has no effect: PowerDNS takes no proxied records", "record_defaults.tags has no effect: PowerDNS takes no tags"},
		pdns + "}\nrecords: [{name: a.example.org, proxied: false, ttl: 1, comment: '', tags: []}]\nrecord_defaults: {proxied: false, tags: []}": nil,
		pdns + ", " + dyn + "}\nrecords: [{name: a.example.org, account: d, ttl: 120, comment: c, tags: [x:y], proxied: true}]\nrecord_defaults: {comment: c}": {
			"proxied of a.example.org has no effect: a service with an update address takes no proxied records",
			"ttl of a.example.org has no effect: a service with an update address takes no TTL",
			"comment of a.example.org has no effect: a service with an update address takes no comments",
			"tags of a.example.org has no effect: a service with an update address takes no tags"},
		pdns + ", h: {provider: gandi, token: x}}\nrecords: [{name: a.example.org, comment: c, tags: [x:y]}]":                                                  {"tags of a.example.org has no effect: PowerDNS and Gandi take no tags"},
		pdns + ", c: {token: abcdefghijklmnopqrstuvwxyz0123456789ABCD}}\nrecords: [{name: a.example.org, proxied: true}]":                                      nil,
		"accounts: {c: {token: abcdefghijklmnopqrstuvwxyz0123456789ABCD}}\nrecords: [{name: a.example.org, proxied: true, ttl: 300, comment: c, tags: [x:y]}]": nil,
	} {
		var got []string
		for _, n := range notices(t, what) {
			if strings.Contains(n, " has no effect: ") {
				got = append(got, n)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\n%q\nwant\n%q", what, got, want)
		}
	}
	for i, h := range hosts() {
		if Catalogue().Hosts[i].Lacks != lacks(h.limits) {
			t.Errorf("%s lacks something else", h.Word)
		}
	}
}

// notices are those of a homing.yaml.
func notices(t *testing.T, text string) []string {
	t.Helper()
	in := &config.Input{Catalogue: Catalogue(), ReadFile: func(string) ([]byte, error) { return []byte(text), nil }, ConfigPath: "homing.yaml"}
	cfg, err := config.Load(in)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return nil
	}
	return cfg.Notices
}
