package cli_test

import (
	"flag"
	"fmt"
	"os"
"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/sim"
)

var binary = flag.String("homing", "", "the program to measure")

func TestMeasure(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		for _, names := range []int{20, 2000} {
			anon, all := w.idle(*binary, names, 20)
			fmt.Printf("%d names: %d kB anon %d kB rss\n", names, anon, all)
		}
	})
}

// idle runs a binary until it has made so many rounds, and gives its anonymous
// and its whole resident memory in kB shortly after the last.
func (w *internet) idle(path string, names, rounds int) (anonymous, resident int) {
	w.t.Helper()
	domains := w.many(names)
	roots := w.t.TempDir() + "/roots.pem"; if os.Getenv("ONEROOT") != "" { roots = w.roots } else {
	os.WriteFile(roots, append(must(os.ReadFile("/etc/ssl/certs/ca-certificates.crt")), must(os.ReadFile(w.roots))...), 0o644) }
	p := w.startBinary(path, strings.Join(domains, ","), nil, append([]string{"UPDATE_CRON=@every 1s", "SSL_CERT_FILE=" + roots, "SSL_CERT_DIR=/etc/ssl/certs"}, strings.Fields(os.Getenv("EXTRA"))...)...)
	w.until("it has made its rounds", 2*time.Minute, func() bool { return p.rounds() >= rounds })
	time.Sleep(300 * time.Millisecond)
	anonymous, resident = w.memory(p, "RssAnon"), w.memory(p, "VmRSS")
	if pp := os.Getenv("KEEP"); pp != "" {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%s/smaps", pidOf(p)))
		os.WriteFile(pp+strconv.Itoa(names), b, 0o644)
		if h := os.Getenv("HOOK"); h != "" { out, _ := exec.Command(h, pidOf(p)).CombinedOutput(); os.WriteFile(pp+".hook", out, 0o644) }
		os.WriteFile(pp+strconv.Itoa(names)+".log", []byte(p.said()), 0o644)
	}
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid)); err == nil { f := strings.Fields(string(b)); fmt.Println("CPUTIME", f[13], f[14]) }
	p.end(syscall.SIGTERM)
	return anonymous, resident
}

func (w *internet) many(n int) []string {
	var names []string
	zones := max(1, n/200)
	for z := range zones {
		zone := fmt.Sprintf("zone-%d-of-%d.example", z, zones)
		w.zone(zone)
		for i := range n / zones {
			name := fmt.Sprintf("host-%d.%s", i, zone)
			w.cloud.AddRecord(zone, sim.Address(name, "192.0.2.1"))
			w.cloud.AddRecord(zone, sim.Address(name, "2001:db8::1"))
			names = append(names, name)
		}
	}
	return names
}

// memory is a line of /proc/PID/status, in kB.
func (w *internet) memory(p *program, field string) int {
	w.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		w.t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); f[0] == field+":" {
			return must(strconv.Atoi(f[1]))
		}
	}
	w.t.Fatalf("the system does not tell %s", field)
	return 0
}

var _ = slices.Contains[[]int]

func pidOf(p *program) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", p.cmd.Process.Pid, p.cmd.Process.Pid))
	if f := strings.Fields(string(b)); len(f) > 0 {
		return f[0]
	}
	return strconv.Itoa(p.cmd.Process.Pid)
}
