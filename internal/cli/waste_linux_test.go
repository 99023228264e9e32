//go:build size

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/sim"
)

// TestWaste measures what HOMING_BINARY works for and what it keeps, at three
// numbers of names: "make waste" runs it. Its figures are of a machine, so it
// fails only where something does not work.
func TestWaste(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		for _, names := range []int{20, 2000, 10000} {
			w.waste(os.Getenv("HOMING_BINARY"), names)
		}
	})
}

// TestWakeups measures how often HOMING_BINARY wakes up, idle and with the page.
func TestWakeups(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) { w.wakeups(os.Getenv("HOMING_BINARY")) })
}

// waste prints the figures of so many names.
func (w *internet) waste(path string, names int) {
	w.t.Helper()
	folder := w.t.TempDir()
	settings := []string{"CLOUDFLARE_API_TOKEN=" + goodToken, "HOMING_LISTEN=127.0.0.1:8245", "HOMING_STATE=" + filepath.Join(folder, "state")}
	w.furnished(folder, names)

	w.cloud.Reset()
	began := time.Now()
	p := w.startOther(path, folder, []string{"once"}, settings)
	if code := p.wait(); code != 0 {
		w.t.Fatalf("the first sync of %d names ended with %d", names, code)
	}
	took := time.Since(began)
	calls := w.cloud.Calls()
	fmt.Printf("waste: %d names: first sync in %d ms, the first API call after %d ms, %d calls, %d ms of CPU\n",
		names, took.Milliseconds(), calls[0].Time.Sub(began).Milliseconds(), len(calls), worked(p).Milliseconds())

	p = w.startOther(path, folder, []string{"once"}, settings)
	p.wait()
	fmt.Printf("waste: %d names: once, nothing to do: %d ms of CPU\n", names, worked(p).Milliseconds())

	const rounds = 20
	p = w.startOther(path, folder, []string{"run"}, append(settings, "UPDATE_CRON=@every 1s"))
	w.until("it has made its first rounds", 2*time.Minute, func() bool { return p.rounds() >= 5 })
	from, before := p.rounds(), w.onCPU(p)
	w.until("it has made more rounds", 2*time.Minute, func() bool { return p.rounds() >= from+rounds })
	quiet := (w.onCPU(p) - before) / rounds
	anonymous, resident := w.resting(p)
	fmt.Printf("waste: %d names: a quiet round: %.1f ms of CPU; idle: %d KiB anonymous, %d KiB resident\n",
		names, float64(quiet.Microseconds())/1000, anonymous, resident)
	p.end(syscall.SIGTERM)
}

// wakeups prints how often the idle daemon with the page wakes up in an hour.
func (w *internet) wakeups(path string) {
	w.t.Helper()
	folder := w.t.TempDir()
	w.furnished(folder, 20)
	p := w.startOther(path, folder, []string{"run"}, []string{"CLOUDFLARE_API_TOKEN=" + goodToken, "HOMING_LISTEN=127.0.0.1:8245", "HOMING_STATE=" + filepath.Join(folder, "state")})
	w.until("it has made its first round", time.Minute, func() bool { return p.rounds() >= 1 })
	time.Sleep(20 * time.Second) // until what begins has settled
	before := w.switches(p)
	const sample = 2 * time.Minute
	time.Sleep(sample)
	fmt.Printf("waste: idle with the page: %d wake-ups an hour between rounds\n", (w.switches(p)-before)*int(time.Hour/sample))
	p.end(syscall.SIGTERM)
}

// furnished makes zones of 200 names, none of which has a record, and the file
// that names them: a variable takes 128 KiB, a file 256.
func (w *internet) furnished(folder string, n int) {
	w.t.Helper()
	zones := max(1, n/200)
	var file strings.Builder
	file.WriteString("records:\n")
	for z := range zones {
		zone := fmt.Sprintf("z%d.n%d.example", z, n/1000)
		w.cloud.AddZone(sim.Zone{Name: zone, Quota: 5000})
		for i := range n / zones {
			fmt.Fprintf(&file, "- h%d.%s\n", i, zone)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "homing.yaml"), []byte(file.String()), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// startOther starts a build of homing in a folder, with what is usual for a
// machine that has roots.
func (w *internet) startOther(path, folder string, args, env []string) *program {
	w.t.Helper()
	roots := filepath.Join(folder, "roots.pem")
	bundle := append(must(os.ReadFile("/etc/ssl/certs/ca-certificates.crt")), must(os.ReadFile(w.roots))...)
	if err := os.WriteFile(roots, bundle, 0o644); err != nil {
		w.t.Fatal(err)
	}
	p := &program{w: w, cmd: exec.Command(path, args...), done: make(chan error, 1)}
	p.cmd.Dir, p.cmd.Env = folder, append([]string{"SSL_CERT_FILE=" + roots, "SSL_CERT_DIR=/etc/ssl/certs"}, env...)
	p.launch()
	return p
}

// worked is the processor's time of a program that has ended.
func worked(p *program) time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// onCPU is the processor's time of all threads of a program that runs.
func (w *internet) onCPU(p *program) (sum time.Duration) {
	w.t.Helper()
	for _, file := range must(filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))) {
		ns, _, _ := strings.Cut(string(must(os.ReadFile(file))), " ")
		sum += time.Duration(must(strconv.Atoi(ns)))
	}
	return sum
}

// switches is how often threads of a program that runs went to sleep.
func (w *internet) switches(p *program) (sum int) {
	w.t.Helper()
	for _, file := range must(filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.cmd.Process.Pid))) {
		for line := range strings.Lines(string(must(os.ReadFile(file)))) {
			if f := strings.Fields(line); f[0] == "voluntary_ctxt_switches:" {
				sum += must(strconv.Atoi(f[1]))
			}
		}
	}
	return sum
}
