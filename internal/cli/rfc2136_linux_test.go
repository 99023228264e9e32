//go:build check

package cli_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const bindKey = "Y2FuYXJ5LXNlY3JldC1vZi0zMi1ieXRlcy1sb25nISE="

// bind is a BIND on loopback that lets a key change records of these types in
// example.org. It gives its address and its folder.
func bind(t *testing.T, types string) (address, dir string) {
	t.Helper()
	dir = t.TempDir()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	address = l.Addr().String()
	l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	for name, text := range map[string]string{
		"home.key":    `key "homing" { algorithm hmac-sha256; secret "` + bindKey + `"; };`,
		"example.org": "$TTL 300\n@ IN SOA ns.example.net. a.example.net. 1 3600 600 86400 60\n@ IN NS ns.example.net.\nold A 192.0.2.1\n",
		"named.conf": `include "` + dir + `/home.key";
options { directory "` + dir + `"; listen-on port ` + port + ` { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "pid"; session-keyfile "session.key";
  managed-keys-directory "` + dir + `"; recursion no; dnssec-validation no; };
controls { };
zone "example.org" { type primary; file "example.org"; notify no; update-policy { deny homing name denied.example.org; grant homing zonesub ` + types + `; }; };`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	named := filepath.Join(dir, "named") // AppArmor keeps named itself out of such a folder
	if err := os.WriteFile(named, must(os.ReadFile("/usr/sbin/named")), 0o700); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(named, "-g", "-c", filepath.Join(dir, "named.conf"))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) { // another process
		out, err := exec.Command("dig", "@127.0.0.1", "-p", port, "+tcp", "+short", "old.example.org").CombinedOutput()
		if string(out) == "192.0.2.1\n" {
			return address, dir
		}
		if time.Now().After(until) {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

// An account at a name server beside one at Cloudflare: each has its own records,
// the failure of one is not the other's, and the key is told nowhere.
func TestAnAccountAtANameServerWorksBesideAnother(t *testing.T) {
	server, dir := bind(t, "A AAAA")
	settings := func(extra string) string {
		path := filepath.Join(dir, "homing.yaml")
		text := `accounts:
  lan: {provider: rfc2136, server: "` + server + `", key_file: home.key}
  cf: {provider: cloudflare, token: ` + goodToken + `, base_url: "http://127.0.0.1:1/client/v4"}
detect: {ipv4: {sources: "static:8.8.4.4"}, ipv6: {sources: none}}
log: {level: debug}
records:
  - {name: nas.example.org, account: lan}
  - {name: old.example.org, account: lan}
` + extra
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	homing := func(path string, command string) (string, int) {
		c := exec.Command("homing", "--config", path, command)
		c.Env = []string{"HOME=" + dir}
		out, _ := c.CombinedOutput()
		return string(out), c.ProcessState.ExitCode()
	}
	var all strings.Builder
	for _, step := range []struct {
		extra, command string
		code           int
		want           string
	}{
		{"", "plan", 0, "~ A old.example.org  192.0.2.1 → 8.8.4.4"},
		{"", "once", 0, "created"},
		{"", "plan", 0, "Nothing to change: 2 records are right."},
		{"  - {name: denied.example.org, account: lan}\n", "once", 1, "refuses A denied.example.org to the key homing (REFUSED)"},
		{"  - {name: a.example.net, account: cf}\n  - {name: new.example.org, account: lan}\n", "once", 1, "A new.example.org"},
		{"", "doctor", 0, "example.org of lan"},
		{"", "doctor", 0, "accepted: the server signs its answers with it"},
		{"", "doctor", 0, "it agrees with your name server's"},
		{"", "config", 0, "homing.yaml"},
	} {
		out, code := homing(settings(step.extra), step.command)
		all.WriteString(out)
		if code != step.code || !strings.Contains(out, step.want) {
			t.Errorf("homing %s: %d, want %d and %q\n%s", step.command, code, step.code, step.want, out)
		}
	}
	said := string(must(exec.Command("dig", "@127.0.0.1", "-p", server[strings.LastIndex(server, ":")+1:], "+short", "new.example.org", "old.example.org", "denied.example.org").Output()))
	if said != "8.8.4.4\n8.8.4.4\n" {
		t.Errorf("the server says %q", said)
	}
	if strings.Contains(all.String(), bindKey[:20]) {
		t.Error("the key is told")
	}
}

// Two owners at one name server mark what is theirs in TXT records, in one message
// with it; where the key may not write these nothing is written.
func TestOwnersAtANameServerLeaveEachOtherAlone(t *testing.T) {
	server, dir := bind(t, "A AAAA TXT")
	closed, closedDir := bind(t, "A AAAA")
	homing := func(server, dir, owner, address, names, command string) (string, int) {
		path := filepath.Join(dir, "homing.yaml")
		text := `accounts: {lan: {provider: rfc2136, server: "` + server + `", key_file: home.key}}
detect: {ipv4: {sources: "static:` + address + `"}, ipv6: {sources: none}}
policy: {owner_id: ` + owner + `}
record_defaults: {ttl: 60}
records: [` + names + "]\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("homing", "--config", path, command)
		c.Env = []string{"HOME=" + filepath.Join(dir, owner)}
		out, _ := c.CombinedOutput()
		return string(out), c.ProcessState.ExitCode()
	}
	ask := func(server string, names ...string) string {
		args := []string{"@127.0.0.1", "-p", server[strings.LastIndex(server, ":")+1:], "+short"}
		for _, n := range names {
			kind, n, _ := strings.Cut(n, " ")
			args = append(args, n+".example.org", kind)
		}
		return string(must(exec.Command("dig", args...).Output()))
	}
	const mark = `"heritage=external-dns,external-dns/owner=`
	for _, step := range []struct {
		owner, address, names, command string
		code                           int
		want                           string
		stands                         string
	}{
		{"one", "8.8.4.4", "a.example.org, both.example.org", "once", 0, "marks A both.example.org as one's", "8.8.4.4\n8.8.4.4\n" + mark + `one,external-dns/resource=homing/A/both.example.org"` + "\n"},
		{"two", "8.8.8.8", "b.example.org, both.example.org, old.example.org", "once", 1, "the name is marked as owned by one", "8.8.4.4\n8.8.4.4\n" + mark + `one,external-dns/resource=homing/A/both.example.org"` + "\n"},
		{"one", "8.8.4.5", "a.example.org, both.example.org", "once", 0, "updated", "8.8.4.5\n8.8.4.5\n" + mark + `one,external-dns/resource=homing/A/both.example.org"` + "\n"},
		{"two", "8.8.8.8", "b.example.org, both.example.org", "clear", 0, "2 changes made", "8.8.4.5\n8.8.4.5\n" + mark + `one,external-dns/resource=homing/A/both.example.org"` + "\n"},
		{"one", "8.8.4.5", "a.example.org, both.example.org", "clear", 0, "4 changes made", ""},
	} {
		out, code := homing(server, dir, step.owner, step.address, step.names, step.command)
		if code != step.code || !strings.Contains(out, step.want) {
			t.Errorf("homing %s as %s: %d, want %d and %q\n%s", step.command, step.owner, code, step.code, step.want, out)
		}
		if got := ask(server, "A a", "A both", "TXT a-both"); got != step.stands {
			t.Errorf("after homing %s as %s there is\n%swant\n%s", step.command, step.owner, got, step.stands)
		}
	}
	if got := ask(server, "A b", "TXT a-b", "A old", "TXT a-old"); got != "192.0.2.1\n" {
		t.Errorf("in the end there is %q", got)
	}
	if out, code := homing(closed, closedDir, "one", "8.8.4.4", "a.example.org", "once"); code != 1 || !strings.Contains(out, "TXT a-a.example.org") || ask(closed, "A a") != "" {
		t.Errorf("where no mark may be written: %d, %q\n%s", code, ask(closed, "A a"), out)
	}
}

// homing init makes an account at a name server of the file that tsig-keygen wrote, of
// the parts of the key, and of what somebody types, whose wrong secret it tells.
func TestInitSetsUpAnAccountAtANameServer(t *testing.T) {
	server, dir := bind(t, "A AAAA")
	env := []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "IP4_PROVIDER=static:8.8.4.4", "IP6_PROVIDER=none", "NO_COLOR=1"}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(bindKey+"\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, int) {
		c := exec.Command("homing", args...)
		c.Dir, c.Env = dir, env
		out, _ := c.CombinedOutput()
		if strings.Contains(string(out), bindKey[:20]) {
			t.Errorf("homing %s tells the key:\n%s", args, out)
		}
		return string(out), c.ProcessState.ExitCode()
	}
	x := inTerminal(t, dir, env, "init", "--for", "other", "--host", "rfc2136", "--config", "typed/homing.yaml")
	for _, q := range []struct {
		question string
		shows    bool
		answer   string
	}{
		{"Server: ", true, server}, {"Key name: ", true, "homing"}, {"Secret (hidden): ", false, "d3Jvbmc="}, {"Algorithm [hmac-sha256]: ", true, ""}, {"Names: ", true, "typed.example.org"},
		{"Server [" + server + "]: ", true, ""}, {"Key name [homing]: ", true, ""}, {"Secret (hidden; Enter keeps the previous one): ", false, bindKey}, {"Algorithm [hmac-sha256]: ", true, ""},
		{"Names [typed.example.org]: ", true, ""}, {"Every [5m]: ", true, ""}, {"Page [127.0.0.1:8245]: ", true, "off"}, {"Write it? [Y/n]: ", true, ""},
	} {
		x.after(q.question, q.shows, q.answer+"\n")
	}
	if code := x.code(); code != 0 || !strings.Contains(x.said(), "BADSIG") || !strings.Contains(x.said(), "typed.example.org is in the zone example.org") || strings.Contains(x.said(), bindKey[:20]) {
		t.Errorf("in a terminal: exit code %d", code)
	}
	for _, made := range []struct{ name, flags string }{
		{"file", "--set key_file=home.key"},
		{"parts", "--set key_name=homing --token-file secret"},
		{"typed", ""},
	} {
		path := filepath.Join(dir, made.name, "homing.yaml")
		if made.flags != "" {
			args := strings.Fields("init --yes --for other --host rfc2136 --set server=" + server + " --name " + made.name + ".example.org --config " + path + " " + made.flags)
			if out, code := run(args...); code != 0 || !strings.Contains(out, "+ A "+made.name+".example.org") {
				t.Errorf("%s: exit code %d\n%s", made.name, code, out)
			}
		}
		if out, code := run("once", "--config", path); code != 0 {
			t.Errorf("%s: once ends with %d\n%s", made.name, code, out)
		}
		if said := string(must(exec.Command("dig", "@127.0.0.1", "-p", server[strings.LastIndex(server, ":")+1:], "+short", made.name+".example.org").Output())); said != "8.8.4.4\n" {
			t.Errorf("%s: the server says %q", made.name, said)
		}
	}
}
