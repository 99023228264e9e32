//go:build check

package cli_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// outside tells a test in a namespace of its own which one it came from.
const outside = "HOMING_TEST_OUTSIDE"

// raceOptions keeps the race detector from holding up every exit for a second.
const raceOptions = "GORACE=atexit_sleep_ms=0"

// apart runs a test again, in a process with a network and a file system of
// its own, where the names of Cloudflare's hosts lead to a simulated internet.
// It needs no privileges where unprivileged user namespaces are allowed.
func apart(t *testing.T, test func(t *testing.T, w *internet)) {
	t.Helper()
	apartWith(t, "-rnm", test)
}

// apartWith is apart with these namespaces.
func apartWith(t *testing.T, namespaces string, test func(t *testing.T, w *internet)) {
	t.Helper()
	if from := os.Getenv(outside); from != "" {
		if from == namespace(t) {
			t.Fatalf("%s is set, but this is not a namespace of its own", outside)
		}
		test(t, newInternet(t))
		return
	}
	for _, tool := range []string{"unshare", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is missing; \"make needs\" installs it", tool)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "unshare", namespaces, "--", self,
		"-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout="+patience())
	cmd.Env = append(os.Environ(), outside+"="+namespace(t), raceOptions)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in a namespace of its own (unshare %s): %v\n%s", namespaces, err, out)
	}
	t.Logf("%s", out)
}

// patience is how long a test may take: a benchmark, which makes many changes,
// longer than others.
func patience() string {
	if os.Getenv("HOMING_CHANGES") != "" || os.Getenv("HOMING_QUIET") != "" {
		return "1h"
	}
	return "3m"
}

// namespace names the mount namespace of this process.
func namespace(t *testing.T) string {
	t.Helper()
	name, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// cover puts a file with this text in the place of another, in this namespace.
func cover(t *testing.T, path, text string) {
	t.Helper()
	own := t.TempDir() + "/file"
	if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(own, path, "", syscall.MS_BIND, ""); err != nil {
		t.Fatalf("cover %s: %v", path, err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(path, 0) }) // or its file could not be removed
}

// ip sets the network of this namespace up.
func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", args, err, out)
	}
}
