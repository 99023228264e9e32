//go:build systemd

package cli_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

// TestTheUnitsUnderSystemd installs the packages of HOMING_PACKAGES on a machine
// that Debian's systemd has booted, and lives with them as a person would. It
// needs root and a cgroup to write to: "make systemd" runs it.
func TestTheUnitsUnderSystemd(t *testing.T) {
	apartWith(t, "-nm", func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		m := boot(w)
		m.isToldWhatIsMissing()
		m.runsInItsSandbox()
		m.takesNewSettings()
		m.comesBack()
		m.takesTheTimerInstead()
		m.takesTheFilesOfOthers()
		m.leavesNothing()
	})
}

// An installation starts nothing, and whoever starts it is told what is missing.
func (m *machine) isToldWhatIsMissing() {
	m.w.t.Helper()
	m.must("dpkg", "-i", "/packages/homing_0.9.0~rc.1_amd64.deb")
	m.until("ActiveState", "inactive")
	m.fails("systemctl", "enable", "--now", "homing")
	m.until("ActiveState", "failed") // and not on its way again
	m.until("ExecMainStatus", "2")
	for _, missing := range []string{"accounts.default.token", "no name is set"} {
		m.says(missing, "journalctl", "--no-pager", "-u", "homing")
	}
}

func (m *machine) runsInItsSandbox() {
	m.w.t.Helper()
	m.write("/etc/homing/cloudflare_api_token", 0o600, goodToken+"\n")
	m.write("/etc/homing/roots.pem", 0o644, string(must(os.ReadFile(m.w.roots))))
	for _, unit := range []string{"homing", "homing-once"} {
		m.write("/etc/systemd/system/"+unit+".service.d/test.conf", 0o644,
			"[Service]\nEnvironment=SSL_CERT_FILE=/etc/homing/roots.pem SSL_CERT_DIR=/none\nRestartSec=100ms\n")
	}
	m.write("/etc/homing/homing.yaml", 0o644, "records: [home.example.org]\n")
	m.must("systemctl", "daemon-reload")
	m.must("systemctl", "restart", "homing")
	m.untilTheNameIs(home4, home6)
	m.until("ActiveState", "active")
	m.until("StatusText", "Both records point home.")

	out, _ := m.run("cat", "/proc/"+m.property("MainPID")+"/status")
	for _, want := range []string{"Seccomp:\t2\n", "NoNewPrivs:\t1\n", "CapBnd:\t0000000000000000\n"} {
		if !strings.Contains(out, want) || strings.Contains(out, "Uid:\t0") {
			m.w.t.Errorf("%q is not so:\n%s", want, out)
		}
	}
	m.must("test", "-s", "/var/lib/private/homing/history.jsonl")
	m.must("env", "CREDENTIALS_DIRECTORY=/etc/homing", "homing", "healthcheck")
}

// Interfaces, programs, bound sockets and a socket for the page work in there,
// and a reload is all they need. A bad file changes nothing.
func (m *machine) takesNewSettings() {
	m.w.t.Helper()
	for _, line := range []string{"link add wan type veth peer name end", "link set wan up", "link set end up", "addr add 81.2.69.142/24 dev wan"} {
		ip(m.w.t, line)
	}
	m.write("/etc/homing/homing.yaml", 0o644, `records: [home.example.org]
detect: {ipv4: {sources: ["local.iface:wan"]}, ipv6: {sources: ["exec:/bin/echo 2a02:8070:1::9"]}}
serve: {listen: "unix:/run/homing/page"}
`)
	m.must("systemctl", "reload", "homing")
	m.untilTheNameIs("81.2.69.142", "2a02:8070:1::9")
	m.must("env", "CREDENTIALS_DIRECTORY=/etc/homing", "homing", "healthcheck")

	m.write("/etc/homing/homing.yaml", 0o644, "recrods: []\n")
	m.must("systemctl", "reload", "homing")
	m.w.until("the bad settings are told", 10*time.Second, func() bool {
		out, _ := m.run("journalctl", "--no-pager", "-u", "homing")
		return strings.Contains(out, "the old one stays active")
	})
	m.until("ActiveState", "active")
	m.write("/etc/homing/homing.yaml", 0o644, "records: [home.example.org]\n")
}

// A crash is started again, although a Go program ends with 2 as settings that
// are wrong do; and an upgrade goes on with the new program.
func (m *machine) comesBack() {
	m.w.t.Helper()
	m.must("systemctl", "kill", "--signal=ABRT", "homing") // as the watchdog does
	m.until("NRestarts", "1")
	m.untilTheNameIs(home4, home6)
	before := m.property("MainPID")
	m.must("dpkg", "-i", "/packages/homing_0.9.0_amd64.deb")
	m.until("ActiveState", "active")
	if after := m.property("MainPID"); after == before {
		m.w.t.Errorf("after the upgrade it is still process %s", after)
	}
}

func (m *machine) takesTheTimerInstead() {
	m.w.t.Helper()
	m.w.home.Set(addr.IPv4, netip.MustParseAddr("84.1.2.99"))
	m.must("systemctl", "--quiet", "disable", "homing")
	m.must("systemctl", "--quiet", "enable", "--now", "homing-once.timer")
	m.until("ActiveState", "inactive")
	m.untilTheNameIs("84.1.2.99", home6)
	m.w.until("its round is over", 10*time.Second, func() bool {
		out, _ := m.run("systemctl", "show", "-P", "Result", "-P", "ActiveState", "homing-once.service")
		return out == "success\ninactive"
	})
}

// The drop-ins of docs/systemd.md let homing use files of root's that belonged to
// another updater.
func (m *machine) takesTheFilesOfOthers() {
	m.w.t.Helper()
	m.must("systemctl", "--quiet", "disable", "--now", "homing-once.timer")
	m.w.cloud.AddKey(goodEmail, goodKey)
	for _, c := range []struct{ drop, file, zone, text string }{
		{"homing-once.service.d/config.json.conf", "/etc/cloudflare-ddns/config.json", "example.net",
			`{"cloudflare": [{"authentication": {"api_token": "` + goodToken + `"}, "zone_id": "%s", "subdomains": ["home"]}]}`},
		{"homing-once.service.d/raindrop.conf", "/path/to/credentials.json", "example.com",
			`{"zone": "%s", "email": "` + goodEmail + `", "key": "` + goodKey + `", "domain": "home.example.com"}`},
	} {
		zone := m.w.cloud.AddZone(sim.Zone{Name: c.zone}, sim.Address("home."+c.zone, "192.0.2.1"))
		m.write(c.file, 0o600, fmt.Sprintf(c.text, zone.ID))
		m.write("/etc/systemd/system/"+c.drop, 0o644, documented(m.w.t, c.drop))
		m.must("systemctl", "daemon-reload")
		if out, err := m.run("systemctl", "start", "homing-once.service"); err != nil || m.w.cloud.Contents(c.zone, "home."+c.zone)[0] != "84.1.2.99" {
			log, _ := m.run("journalctl", "--no-pager", "-n", "30")
			m.w.t.Errorf("%s: %v %s\n%s", c.drop, err, out, log)
		}
		m.must("rm", "/etc/systemd/system/"+c.drop)
	}
}

// documented is the example in docs/systemd.md below the line that names this.
func documented(t *testing.T, drop string) string {
	t.Helper()
	_, rest, found := strings.Cut(string(must(os.ReadFile("../../docs/systemd.md"))), drop)
	_, rest, _ = strings.Cut(rest, "\n\n")
	text, _, _ := strings.Cut(rest, "\n\n")
	if !found || !strings.HasPrefix(text, "    [Service]") {
		t.Fatalf("docs/systemd.md has no example for %s", drop)
	}
	return strings.ReplaceAll("\n"+text+"\n", "\n    ", "\n")
}

func (m *machine) leavesNothing() {
	m.w.t.Helper()
	m.must("rm", "-r", "/etc/systemd/system/homing.service.d", "/etc/systemd/system/homing-once.service.d")
	m.must("dpkg", "-P", "homing")
	if out, _ := m.run("find", "/etc", "/usr", "/var/lib", "/run", "-name", "homing*", "-not", "-path", "*/go/*"); out != "" {
		m.w.t.Errorf("this is left:\n%s", out)
	}
	m.fails("systemctl", "cat", "homing-once.timer")
}

// machine is one that systemd has booted.
type machine struct {
	w   *internet
	pid string // of its first process, as this machine counts
}

// boot boots a machine, in this network.
func boot(w *internet) *machine {
	w.t.Helper()
	if os.Geteuid() != 0 {
		w.t.Fatal("only root can boot a machine")
	}
	hierarchy := strings.TrimSpace(string(must(exec.Command("findmnt", "-n", "-t", "cgroup2", "-o", "TARGET").Output())))
	group := filepath.Join(strings.Split(hierarchy, "\n")[0], "homing-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(group, 0o755); err != nil {
		w.t.Fatalf("systemd needs a cgroup: %v", err)
	}
	script := must(filepath.Abs("testdata/systemd/boot"))
	cmd := exec.Command("sh", "-c", `echo $$ >"$0/cgroup.procs" && exec unshare -mpfC --kill-child=KILL --propagation private -- "$1" "$2"`,
		group, script, os.Getenv("HOMING_PACKAGES"))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		w.until("its processes are gone", 10*time.Second, func() bool {
			return exec.Command("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+").Run() == nil
		})
	})
	m := &machine{w: w}
	w.until("systemd is there", 30*time.Second, func() bool {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
		m.pid = strings.TrimSpace(string(b))
		out, _ := m.run("systemctl", "is-active", "test.target")
		return m.pid != "" && out == "active"
	})
	w.t.Cleanup(func() {
		if w.t.Failed() {
			out, _ := m.run("journalctl", "--no-pager", "-n", "200")
			w.t.Log(out)
		}
	})
	return m
}

// run runs a command there.
func (m *machine) run(command ...string) (out string, err error) {
	args := append([]string{"-t", m.pid, "-m", "-p", "-C", "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"}, command...)
	b, err := exec.Command("nsenter", args...).CombinedOutput()
	return strings.TrimSpace(string(b)), err
}

func (m *machine) must(command ...string) {
	m.w.t.Helper()
	if out, err := m.run(command...); err != nil {
		m.w.t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
}

func (m *machine) untilTheNameIs(addresses ...string) {
	m.w.t.Helper()
	m.w.until("the name is "+strings.Join(addresses, " and "), time.Minute, func() bool {
		return slices.Equal(m.w.cloud.Contents("example.org", "home.example.org"), addresses)
	})
}

func (m *machine) fails(command ...string) {
	m.w.t.Helper()
	if out, err := m.run(command...); err == nil {
		m.w.t.Fatalf("%s goes well:\n%s", strings.Join(command, " "), out)
	}
}

func (m *machine) says(want string, command ...string) {
	m.w.t.Helper()
	if out, _ := m.run(command...); !strings.Contains(out, want) {
		m.w.t.Errorf("%s does not say %q:\n%s", strings.Join(command, " "), want, out)
	}
}

// path is where this machine sees a file of that one.
func (m *machine) path(path string) string { return "/proc/" + m.pid + "/root" + path }

func (m *machine) write(path string, mode os.FileMode, text string) {
	m.w.t.Helper()
	m.must("mkdir", "-p", filepath.Dir(path))
	if err := os.WriteFile(m.path(path), []byte(text), mode); err != nil {
		m.w.t.Fatal(err)
	}
}

// property is what systemd says of homing.service.
func (m *machine) property(name string) string {
	out, _ := m.run("systemctl", "show", "-P", name, "homing")
	return out
}

func (m *machine) until(name, want string) {
	m.w.t.Helper()
	m.w.until("homing.service has "+name+"="+want, 20*time.Second, func() bool { return m.property(name) == want })
}
