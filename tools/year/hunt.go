package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	foundWithin = 50 // seeds
	huntMost    = 15 * time.Minute
)

// hunt says of each mutant by which seed it was found, and returns 1 where one
// was not. It is run in the root of the repository.
func hunt(which string) (code int) {
	folder, err := os.MkdirTemp("", "mutants")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make a folder for mutants:", err)
		return 1
	}
	defer os.RemoveAll(folder)
	found, all := 0, 0
	for _, m := range mutants() {
		if which != "all" && !strings.Contains(m.what+m.report+m.file, which) {
			continue
		}
		all++
		by, err := m.find(folder)
		if err != nil {
			by, code = "NOT FOUND: "+err.Error(), 1
		} else {
			found++
		}
		fmt.Printf("%-24s %s%s\n    %s\n", m.file, m.what, m.origin(), by)
	}
	fmt.Printf("%d of %d mutants were found within %d seeds\n", found, all, foundWithin)
	return code
}

func (m mutant) origin() string {
	if m.report == "" {
		return ""
	}
	return " (" + m.report + ")"
}

// mutated is the file with the fault in it.
func (m mutant) mutated(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "internal", m.file))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		return "", fmt.Errorf("%s has %q %d times, and should have it once", m.file, m.old, n)
	}
	return strings.Replace(string(text), m.old, m.new, 1), nil
}

// find builds a year with the mutant in it and lets it be lived until a promise is
// broken, or the program.
func (m mutant) find(folder string) (by string, err error) {
	text, err := m.mutated(".")
	if err != nil {
		return "", err
	}
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	copied, overlay, program := filepath.Join(folder, "mutant.go"), filepath.Join(folder, "overlay.json"), filepath.Join(folder, "year")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "internal", m.file): copied}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(copied, []byte(text), 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", program, "./tools/year").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build it: %w: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(context.Background(), huntMost)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "--seeds", strconv.Itoa(foundWithin)).CombinedOutput()
	if err == nil {
		return "", errors.New("every promise was kept")
	}
	for line := range strings.Lines(string(out)) {
		crashed := strings.HasPrefix(line, "panic: ") && !strings.Contains(line, "deadlock") // that is the world's own
		if crashed || strings.HasPrefix(line, "seed ") {
			return strings.TrimSpace(line), nil
		}
	}
	return "", fmt.Errorf("it ended otherwise: %w: %.2000s", err, out)
}
