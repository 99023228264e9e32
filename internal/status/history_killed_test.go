package status

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// writer adds entries until it is killed, and prints the number of each one
// that Add has returned for.
func TestAKilledWriterLosesNothingThatWasWritten(t *testing.T) {
	if folder := os.Getenv("HOMING_TEST_WRITE"); folder != "" {
		h, _ := opened(t, folder)
		for i := 0; ; i++ {
			if err := h.add(day(0), entry{At: day(0), Kind: entryPublished, New: fmt.Sprint(i), Text: strings.Repeat("x", 3000)}); err != nil {
				t.Fatal(err)
			}
			fmt.Println("added", i)
		}
	}
	folder := t.TempDir()
	next := 0
	for range 10 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "HOMING_TEST_WRITE="+folder)
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			fmt.Sscan(strings.TrimPrefix(lines.Text(), "added "), &last)
			if last >= 40+next { // past the bound in the later rounds
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		h, _ := opened(t, folder)
		var newest entry
		damaged, err := h.read(time.Time{}, func(e *entry) { newest = *e })
		var got int
		fmt.Sscan(newest.New, &got)
		if err != nil || damaged != 0 || got < last || got > last+1 {
			t.Fatalf("%d was added and %d is the newest; %d damaged, %v", last, got, damaged, err)
		}
		next += 60
	}
}
