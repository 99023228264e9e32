//go:build check

package status

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// again runs a test once more in a process of its own, behind wrapper, and
// returns what it prints. In that process, inside is true.
func again(t *testing.T, wrapper ...string) (out string, inside bool) {
	t.Helper()
	if os.Getenv("HOMING_TEST_AGAIN") == t.Name() {
		return "", true
	}
	cmd := exec.CommandContext(t.Context(), wrapper[0], append(wrapper[1:], os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")...)
	cmd.Env = append(os.Environ(), "HOMING_TEST_AGAIN="+t.Name(), "GORACE=atexit_sleep_ms=0")
	b, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(b), "--- PASS: "+t.Name()) {
		t.Fatalf("in a process of its own: %v\n%s", err, b)
	}
	return string(b), false
}

// The disk is a real one, of 128 KiB; it is full before the file has reached
// its bound.
func TestAFullDiskLosesNothingThatWasWritten(t *testing.T) {
	if _, inside := again(t, "unshare", "-rm", "--"); !inside {
		return
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=128k"); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	h, _ := opened(t, disk)
	var want []entry
	e := entry{At: day(0), Kind: entryBegan, Code: ZoneFailed, Text: strings.Repeat("x", 700)}
	var full error
	for i := 0; full == nil; i++ {
		e.Subject = fmt.Sprint(i)
		if full = h.add(day(0), e); full == nil {
			want = append(want, e)
		}
		if len(want) > 200 {
			t.Fatal("the disk is not full")
		}
	}
	if !strings.Contains(full.Error(), "no space left") {
		t.Errorf("it says %v", full)
	}
	if got, damaged := entries(t, h); !cmp.Equal(got, want) || damaged != 0 {
		t.Fatalf("%d damaged; %d entries of %d", damaged, len(got), len(want))
	}
	if h, lost := opened(t, disk); lost != 0 {
		t.Errorf("%d bytes lost in %s", lost, h.path)
	}
}

func TestAFolderThatMayOnlyBeReadIsSaidAndShown(t *testing.T) {
	if _, inside := again(t, "unshare", "-rm", "--"); !inside {
		return
	}
	disk := put(t, file(t, some()...))
	if err := syscall.Mount(disk, disk, "", syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	if _, _, err := OpenHistory(disk, day(6)); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("it says %v", err)
	}
}
