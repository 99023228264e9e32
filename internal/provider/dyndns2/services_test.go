package dyndns2

import (
	"fmt"
	"github.com/homing-dns/homing/internal/secret"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
)

// pointing is the sets that bring a name from these addresses to those; an empty
// one is no change of its family.
func pointing(t testing.TB, n, from4, to4, from6, to6 string) (sets []plan.Set) {
	t.Helper()
	for _, f := range [][2]string{{from4, to4}, {from6, to6}} {
		if f[1] == "" {
			continue
		}
		to := recordOf(name(t, n), addr(t, f[1]))
		s := plan.Set{Key: to.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: to}}}
		if f[0] != "" {
			from := recordOf(name(t, n), addr(t, f[0]))
			s.Records, s.Changes = []dns.Record{from}, []plan.Change{{Action: plan.ToUpdate, Old: from, New: to}}
		}
		sets = append(sets, s)
	}
	return sets
}

// apply carries sets out, and gives the errors in their order.
func apply(t testing.TB, p *Provider, zone string, sets []plan.Set) (errs []*provider.Error) {
	t.Helper()
	z := name(t, zone)
	for _, r := range p.Apply(t.Context(), provider.Zone{ID: z.String(), Name: z, Limits: Limits()}, sets) {
		errs = append(errs, r.Errs...)
	}
	return errs
}

func a(data string) dyntest.Record    { return dyntest.Record{Type: "A", Data: data} }
func aaaa(data string) dyntest.Record { return dyntest.Record{Type: "AAAA", Data: data} }

const (
	old4, new4 = "192.0.2.1", "192.0.2.9"
	old6, new6 = "2001:db8::1", "2001:db8::9"
)

// Every service is told in its own form, takes it, and keeps the family that does
// not change, whatever it does with what a request leaves out.
func TestEveryServiceIsToldInItsForm(t *testing.T) {
	for _, s := range services() {
		zone, n := "example.org", "me.example.org"
		if s.key == "duckdns" {
			zone, n = "duckdns.org", "me.duckdns.org"
		}
		both := s.supports(ipv4) && s.supports(ipv6)
		for _, tt := range []struct{ what, from4, to4, from6, to6 string }{
			{"both are new", "", new4, "", new6}, {"both change", old4, new4, old6, new6},
			{"IPv4 changes, and there is no IPv6", old4, new4, "", ""}, {"IPv4 changes, and IPv6 stays", old4, new4, old6, ""},
			{"IPv6 changes, and IPv4 stays", old4, "", old6, new6},
		} {
			if !both && (tt.to6 != "" || tt.from6 != "") {
				continue
			}
			f := serve(t, s.key, []time.Duration{time.Hour}, zone)
			f.Join(n)
			var want []string
			for _, r := range []struct{ kind, from, to string }{{"A", tt.from4, tt.to4}, {"AAAA", tt.from6, tt.to6}} {
				if r.from != "" {
					f.Put(n, dyntest.Record{Type: r.kind, Data: r.from})
				}
				if r.to == "" {
					r.to = r.from
				}
				if r.to != "" {
					want = append(want, r.to)
				}
			}
			p := f.provider(t)
			for _, err := range apply(t, p, zone, pointing(t, n, tt.from4, tt.to4, tt.from6, tt.to6)) {
				if err != nil {
					t.Errorf("%s: %s: %v", s.key, tt.what, err)
				}
			}
			var got []string
			for _, r := range f.Stored(n) {
				got = append(got, r.Data)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s: it holds %s, want %s", s.key, tt.what, got, want)
			}
			one := 1
			if s.flags&oneFamilyPerRequest != 0 && tt.to4 != "" && tt.to6 != "" {
				one = 2
			}
			if calls := f.Calls(); len(calls) != one || p.Calls() != int64(one) {
				t.Errorf("%s: %s: %d requests: %v", s.key, tt.what, len(calls), calls)
			}
			f.kept(t)
		}
	}
}

// What a service has no word for is not sent.
func TestNothingIsSentThatCouldChangeTheOtherFamily(t *testing.T) {
	for _, tt := range []struct {
		service, zone, n string
		here             []dyntest.Record
		sets             []plan.Set
		reason           string
	}{
		{"ovh", "example.org", "me.example.org", nil, pointing(t, "me.example.org", "", "", "", new6), "OVH takes no IPv6 at its update address"},
		{"no-ip", "example.org", "me.example.org", []dyntest.Record{a(old4), aaaa(old6), aaaa("2001:db8::2")}, pointing(t, "me.example.org", old4, new4, "", ""),
			"No-IP would change IPv6 as well, of which there are several here, and it takes one"},
		{"inwx", "example.org", "me.example.org", []dyntest.Record{aaaa(old6)}, pointing(t, "me.example.org", "", "", old6, new6),
			"INWX may set IPv4 by itself where a request says IPv6 alone, and there is no IPv4 here"},
	} {
		f := serve(t, tt.service, []time.Duration{0}, tt.zone)
		f.Join(tt.n)
		f.Put(tt.n, tt.here...)
		errs := apply(t, f.provider(t), tt.zone, tt.sets)
		if len(f.Calls()) > 0 || len(errs) != 1 || errs[0] == nil || errs[0].Kind != provider.Rejected || errs[0].Error() != tt.reason || errs[0].Hint == "" {
			t.Errorf("%s: %d requests, %v", tt.service, len(f.Calls()), errs)
		}
	}
	f := serve(t, "desec", []time.Duration{0}, "example.org") // nobody can be asked what stands there
	f.Join("me.example.org")
	f.Put("me.example.org", a(old4), aaaa(old6))
	p := f.provider(t)
	if _, _, err := p.Zones(t.Context(), []dns.Name{name(t, "me.example.org")}); err != nil {
		t.Fatal(err)
	}
	f.Fail(dyntest.Down)
	if errs := apply(t, p, "example.org", pointing(t, "me.example.org", old4, new4, "", "")); len(f.Calls()) > 0 || errs[0] == nil || errs[0].Kind != provider.Unavailable {
		t.Errorf("%d requests, %v", len(f.Calls()), errs)
	}
}

// A word is understood, and what it means is said with its cure. After one that
// wants a person nothing more is sent for the name, or for the account, until
// somebody says so.
func TestARefusalIsTheLastRequest(t *testing.T) {
	const user, more = "{accounts.username} and {accounts.password}", "run: homing sync. Until then nothing more is sent for this "
	for word, want := range map[string]struct {
		kind         provider.Kind
		whole        bool
		reason, hint string
	}{
		"badauth":  {provider.Auth, true, "No-IP refused the user name or the password (No-IP says badauth; HTTP 200)", "correct " + user + ", then " + more + "account"},
		"!donator": {provider.Rejected, true, "No-IP wants an account that is paid for (No-IP says !donator; HTTP 200)", "pay for it there, or use another service, then " + more + "account"},
		"abuse":    {provider.Rejected, true, "No-IP has blocked the account or the name for abuse (No-IP says abuse; HTTP 200)", "see what it says about that, and have it unblocked; look for another updater that sends the same again and again, then " + more + "account"},
		"badagent": {provider.Rejected, true, "No-IP refuses this program (No-IP says badagent; HTTP 200)", "update homing, or tell its makers, then " + more + "account"},
		"badsys":   {provider.Rejected, true, "No-IP refuses a part of the request (No-IP says badsys; HTTP 200)", "update homing, or tell its makers, then " + more + "account"},
		"nohost":   {provider.Rejected, false, "No-IP has no such name in this account (No-IP says nohost; HTTP 200)", "make the name there, or correct it, then " + more + "name"},
		"!yours":   {provider.Rejected, false, "No-IP has this name in another account (No-IP says !yours; HTTP 200)", "take the user of that account, or correct the name, then " + more + "name"},
		"notfqdn":  {provider.Rejected, false, "No-IP takes this for no whole name (No-IP says notfqdn; HTTP 200)", "correct the name, then " + more + "name"},
		"numhost":  {provider.Rejected, false, "No-IP has several addresses at this name, or takes no more names (No-IP says numhost; HTTP 200)", "look at the name there, then " + more + "name"},
		"!active":  {provider.Rejected, false, "No-IP has the domain of this name not activated (No-IP says !active; HTTP 200)", "activate it there, then " + more + "name"},
		"good 127.0.0.1": {provider.Rejected, true, "No-IP answers with another address than was sent, by which it refuses this program or this account (No-IP says good 127.0.0.1; HTTP 200)",
			"look at the account and the name there, then " + more + "account"},
		"911":    {provider.Throttled, true, "No-IP wants to be left alone for a while (No-IP says 911; HTTP 200; wait 30m0s)", "homing waits and goes on by itself. If it stays so, look for other programs that update this account"},
		"dnserr": {provider.Throttled, true, "No-IP wants to be left alone for a while (No-IP says dnserr; HTTP 200; wait 30m0s)", "homing waits and goes on by itself. If it stays so, look for other programs that update this account"},
		"<html>": {provider.Unconfirmed, false, "No-IP gave no answer that is known, so the change may have happened or not (HTTP 200)", string(hintLost)},
	} {
		f := serve(t, "no-ip", []time.Duration{0}, "example.org")
		f.Join("a.example.org", "b.example.org")
		f.Put("a.example.org", a(old4))
		f.Put("b.example.org", a(old4))
		f.Say("a.example.org", word)
		p := f.provider(t)
		again := f.provider(t, func(c *Config) { c.Memory = memoryOf(p) }) // after a reload
		both := slices.Concat(pointing(t, "a.example.org", old4, new4, "", ""), pointing(t, "b.example.org", old4, new4, "", ""))
		errs := apply(t, p, "example.org", both)
		if e := errs[0]; e == nil || e.Kind != want.kind || e.Error() != want.reason || string(e.Hint) != want.hint {
			t.Errorf("%s: %v: %v\n%s", word, e.Kind, e, e.Hint)
		}
		if stopped := errs[1] != nil; stopped != want.whole {
			t.Errorf("%s: the name beside it: %v", word, errs[1])
		}
		sent := len(f.Calls())
		if wanted := map[bool]int{true: 1, false: 2}[want.whole]; sent != wanted {
			t.Errorf("%s: %d requests", word, sent)
		}
		for _, p := range []*Provider{p, again, p} {
			if errs := apply(t, p, "example.org", both[:1]); errs[0] == nil || want.kind != provider.Unconfirmed && errs[0].Kind != want.kind {
				t.Errorf("%s: once more: %v", word, errs[0])
			}
		}
		if n := len(f.Calls()); n != sent {
			t.Errorf("%s: %d requests more", word, n-sent)
		}
		f.kept(t)
		if want.kind == provider.Throttled || want.kind == provider.Unconfirmed {
			continue
		}
		f.Say("a.example.org", "")
		p.Forget()
		if errs := apply(t, p, "example.org", both[:1]); errs[0] != nil {
			t.Errorf("%s: after a person has acted: %v", word, errs[0])
		}
	}
}

func memoryOf(p *Provider) *Memory { return p.config.Memory }

// Another password is another account, so that nothing of the old one holds it up.
func TestANewPasswordIsTriedAtOnce(t *testing.T) {
	f := serve(t, "no-ip", []time.Duration{0}, "example.org")
	f.Join("a.example.org")
	memory := &Memory{}
	wrong := f.provider(t, func(c *Config) { c.Memory, c.User = memory, "somebody" })
	sets := pointing(t, "a.example.org", "", new4, "", "")
	for range 3 {
		if errs := apply(t, wrong, "example.org", sets); errs[0] == nil || errs[0].Kind != provider.Auth {
			t.Error(errs)
		}
	}
	f.Say("a.example.org", "") // the service counts by address; this one forgives
	if errs := apply(t, f.provider(t, func(c *Config) { c.Memory = memory }), "example.org", sets); errs[0] != nil || len(f.Calls()) != 2 {
		t.Errorf("%v, %d requests", errs[0], len(f.Calls()))
	}
}

// Where two zones of one account are worked on side by side, one refusal is enough.
func TestARefusalStopsWhatIsBesideIt(t *testing.T) {
	f := serve(t, "no-ip", []time.Duration{0}, "example.org", "example.net")
	p := f.provider(t, func(c *Config) { c.User = "somebody" })
	zones := []string{"example.org", "example.net"}
	forEachConcurrent(2, func(i int) { apply(t, p, zones[i], pointing(t, "a."+zones[i], "", new4, "", "")) })
	if n := len(f.Calls()); n != 1 {
		t.Errorf("%d requests", n)
	}
	f.kept(t)
}

// Each service says no in its own way.
func TestEveryServiceIsUnderstoodWhenItSaysNo(t *testing.T) {
	for _, s := range services() {
		zone, n := "example.org", "me.example.org"
		if s.key == "duckdns" {
			zone, n = "duckdns.org", "me.duckdns.org"
		}
		for _, word := range []string{"badauth", "nohost"} {
			f := serve(t, s.key, []time.Duration{0}, zone)
			f.Join(n)
			f.Say("", word)
			p := f.provider(t)
			for range 3 {
				for _, err := range apply(t, p, zone, pointing(t, n, "", new4, "", "")) {
					if err == nil || err.Kind != provider.Auth && err.Kind != provider.Rejected || !strings.HasPrefix(err.Error(), s.name+" ") || !strings.Contains(string(err.Hint), "homing sync") {
						t.Errorf("%s: %s: %v", s.key, word, err)
					}
				}
			}
			if calls := f.Calls(); len(calls) != 1 {
				t.Errorf("%s: %s: %d requests", s.key, word, len(calls))
			}
			f.kept(t)
		}
	}
}

// A service that answers with nonsense, however much of it, is not believed.
func TestNonsenseIsNotBelieved(t *testing.T) {
	for _, form := range []answerFormat{formatWord, formatDDNSS, formatDuckDNS, formatFreeDNS, formatNamecheap, formatDynv6} {
		for _, body := range []string{"", "\x00", "<html>good</html>", "not good", "goodbye", "OKAY", "Updating", strings.Repeat("good", 1<<12), "<ErrCount>", "unchanging"} {
			for _, status := range []int{200, 302, 500, 503} {
				p := &Provider{service: service{form: form}}
				v := p.interpret(&response{status, body, &[numFamilies]string{new4}})
				if v.done || v.block != nil {
					t.Errorf("form %d, %d %.20q: %+v", form, status, body, v)
				}
			}
		}
	}
}

// What a service says of another family, or of no family, is no matter.
func TestAnAnswerNamesWhatWasAsked(t *testing.T) {
	for body, want := range map[string]string{
		"good": "done", "good 192.0.2.9": "done", "nochg 192.0.2.9": "same", "GOOD 192.0.2.9\r\nnochg 192.0.2.9": "done", "good 192.0.2.9,2001:db8::9": "done",
		"good - updated": "done", "\ufeffgood": "done", "good 192.0.2.8": "stop", "nochg 192.0.2.8": "stop", "good 2001:db8::8": "done", "successfully_changed 192.0.2.9": "done", "no_change 192.0.2.9": "same",
	} {
		v := parseReturnCode(&response{200, body, &[numFamilies]string{new4}})
		got := ""
		switch {
		case v.block != nil:
			got = "stop"
		case v.unchanged:
			got = "same"
		case v.done:
			got = "done"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
}

// A request for a name of which two name servers disagree goes by what the service
// is known to hold.
func TestOneThatShowsItAlreadyIsEnough(t *testing.T) {
	f := serve(t, "no-ip", []time.Duration{0, time.Hour}, "example.org")
	f.Join("a.example.org")
	f.Put("a.example.org", a(old4))
	first := f.provider(t)
	if errs := apply(t, first, "example.org", pointing(t, "a.example.org", old4, new4, "", "")); errs[0] != nil {
		t.Fatal(errs[0])
	}
	f.servers = []netip.AddrPort{f.servers[1], f.servers[0]} // a new process asks the one that is late
	p := f.provider(t)
	if errs := apply(t, p, "example.org", pointing(t, "a.example.org", old4, new4, "", "")); errs[0] == nil || errs[0].Kind != provider.Stale {
		t.Errorf("%v", errs[0])
	}
	records, err := p.Records(t.Context(), provider.Zone{ID: "example.org", Name: name(t, "example.org")}, []dns.Name{name(t, "a.example.org")})
	if err != nil || len(records) != 1 || records[0].Content() != new4 {
		t.Errorf("%v, %v", records, err)
	}
	if n := len(f.Calls()); n != 1 {
		t.Errorf("%d requests: %s", n, fmt.Sprint(f.Calls()))
	}
	f.kept(t)
}

// A service that takes one family says so of its zones, so that no plan holds the
// other and the one it takes is kept all the same.
func TestTheFamiliesOfAService(t *testing.T) {
	for word, both := range map[string]bool{"ovh": false, "no-ip": true} {
		f := serve(t, word, []time.Duration{0}, "example.org")
		placed, _, err := f.provider(t).Zones(t.Context(), []dns.Name{name(t, "me.example.org")})
		if err != nil || len(placed) != 1 || placed[0].Zone.Limits.NoIPv4 || placed[0].Zone.Limits.NoIPv6 == both {
			t.Errorf("%s: %v, %+v", word, err, placed)
		}
	}
}

// The host of an update address is no secret: who cannot reach it has to see it. The
// rest of the address may be one.
func TestTheHostOfAnUpdateAddressIsNoSecret(t *testing.T) {
	c := &Custom{URL: secret.New("https://dyn.example.org:8443/canary-path/{name}?key=canary-key&ip={ipv4}")}
	var all []string
	for _, s := range c.secrets() {
		all = append(all, s.Reveal())
	}
	if got := strings.Join(all, " "); got != "canary-path canary-key" {
		t.Errorf("secrets are %q", got)
	}
}
