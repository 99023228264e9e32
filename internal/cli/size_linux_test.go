//go:build size

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/sim"
)

// TestSize measures the idle daemon in HOMING_BINARY: "make size" runs it. Its
// figures are of a machine and a Go release, so it is no part of "make test".
func TestSize(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		for _, c := range []struct{ names, limit int }{{20, 4608}, {2000, 8192}} {
			anonymous, resident := w.idle(os.Getenv("HOMING_BINARY"), c.names, 20)
			fmt.Printf("size: idle with %d names: %d KiB anonymous (at most %d), %d KiB resident\n", c.names, anonymous, c.limit, resident)
			if anonymous > c.limit {
				t.Errorf("%d names: %d KiB anonymous", c.names, anonymous)
			}
		}
	})
}

// TestSizeOfTheImage measures the image in HOMING_IMAGE as a runtime starts it:
// as 65532, on read-only files, without capabilities, with the page served
// and the image's own roots.
func TestSizeOfTheImage(t *testing.T) {
	apartWith(t, "-nm", func(t *testing.T, w *internet) {
		i := unpack(t, os.Getenv("HOMING_IMAGE"))
		fmt.Printf("size: image: %d bytes, %d with gzip\n", i.size, i.small)
		bundle := "/etc/ssl/certs/ca-certificates.crt"
		i.put(t, bundle, append(must(os.ReadFile(i.root+bundle)), must(os.ReadFile(w.roots))...))
		const names, limit = 20, 4608
		p := w.run(i, "", nil, "DOMAINS="+strings.Join(w.many(names), ","), "UPDATE_CRON=@every 1s")
		w.until("it has made its rounds", 2*time.Minute, func() bool { return p.rounds() >= 20 })
		anonymous, resident := w.resting(p)
		p.end(syscall.SIGTERM)
		fmt.Printf("size: idle in the container with %d names: %d KiB anonymous (at most %d), %d KiB resident\n", names, anonymous, limit, resident)
		if anonymous > limit {
			t.Errorf("%d KiB anonymous", anonymous)
		}
	})
}

// idle runs a build of homing over TLS, with this machine's roots, until it has
// made so many rounds, and gives its anonymous and its whole resident memory in
// KiB when it rests after the last.
func (w *internet) idle(path string, names, rounds int) (anonymous, resident int) {
	w.t.Helper()
	roots := filepath.Join(w.t.TempDir(), "roots.pem")
	bundle := append(must(os.ReadFile("/etc/ssl/certs/ca-certificates.crt")), must(os.ReadFile(w.roots))...)
	if err := os.WriteFile(roots, bundle, 0o644); err != nil {
		w.t.Fatal(err)
	}
	p := w.startProgram(path, strings.Join(w.many(names), ","), nil, "UPDATE_CRON=@every 1s", "SSL_CERT_FILE="+roots, "SSL_CERT_DIR=/etc/ssl/certs")
	w.until("it has made its rounds", 2*time.Minute, func() bool { return p.rounds() >= rounds })
	anonymous, resident = w.resting(p)
	p.end(syscall.SIGTERM)
	return anonymous, resident
}

// resting is the memory of a daemon that makes a round each second while it rests
// between two: on a busy machine a single look may find it at work.
func (w *internet) resting(p *program) (anonymous, resident int) {
	w.t.Helper()
	for range 10 {
		time.Sleep(300 * time.Millisecond)
		if now := w.memory(p, "RssAnon"); anonymous == 0 || now < anonymous {
			anonymous, resident = now, w.memory(p, "VmRSS")
		}
	}
	return anonymous, resident
}

// many furnishes n names, 200 in a zone.
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

// memory is a line of /proc/PID/status, in KiB.
func (w *internet) memory(p *program, field string) int {
	w.t.Helper()
	b := must(os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid)))
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); f[0] == field+":" {
			return must(strconv.Atoi(f[1]))
		}
	}
	w.t.Fatalf("the system does not tell %s", field)
	return 0
}
