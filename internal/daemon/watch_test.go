package daemon

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// However a file comes to be another one, that is told: at once where the
// system can tell it, else a little later.
func TestAChangeOfAFileIsToldHoweverItCameAbout(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(folder string){
		"written in place": func(f string) { must(os.WriteFile(f+"/there/a", []byte("longer than before"), 0o600)) },
		"replaced": func(f string) {
			must(os.WriteFile(f+"/there/new", []byte("b"), 0o600))
			must(os.Rename(f+"/there/new", f+"/there/a"))
		},
		"removed":              func(f string) { must(os.Remove(f + "/there/a")) },
		"the link was swapped": func(f string) { must(os.Remove(f + "/cur")); must(os.Symlink("v2", f+"/cur")) },
		"its folder came later": func(f string) {
			must(os.Mkdir(f+"/later", 0o700))
			must(os.WriteFile(f+"/later/a", []byte("b"), 0o600))
		},
		"its folder was made anew": func(f string) {
			must(os.RemoveAll(f + "/there"))
			must(os.Mkdir(f+"/there", 0o700))
			must(os.WriteFile(f+"/there/a", []byte("another"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := t.TempDir()
			for _, folder := range []string{"there", "v1", "v2"} {
				must(os.Mkdir(filepath.Join(f, folder), 0o700))
				must(os.WriteFile(filepath.Join(f, folder, "a"), []byte(folder), 0o600))
			}
			must(os.Symlink("v1", f+"/cur"))
			told := make(chan struct{}, 8)
			watchForChanges(t.Context(), readFileState([]string{f + "/there/a", f + "/cur/a", f + "/later/a"}), settingsQuietTime, func() { told <- struct{}{} })
			change(f)
			select {
			case <-told:
			case <-time.After(3 * pollInterval):
				t.Error("nobody was told")
			}
		})
	}
}

// In a folder in which others write all the time a change is told nevertheless.
func TestAChangeIsToldInAFolderThatIsNeverQuiet(t *testing.T) {
	f := t.TempDir()
	path := filepath.Join(f, "address")
	if err := os.WriteFile(path, []byte("192.0.2.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var others sync.WaitGroup
	t.Cleanup(others.Wait)
	others.Go(func() {
		again := time.NewTicker(debounceTime / 4)
		defer again.Stop()
		for t.Context().Err() == nil {
			_ = os.WriteFile(filepath.Join(f, "others"), []byte("x"), 0o600)
			<-again.C
		}
	})
	told := make(chan struct{}, 8)
	watchForChanges(t.Context(), readFileState([]string{path}), settingsQuietTime, func() { told <- struct{}{} })
	if err := os.WriteFile(path, []byte("192.0.2.10\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	select {
	case <-told:
	case <-time.After(3 * pollInterval):
		t.Error("nobody was told")
	}
}

// The kubelet never writes to a file of a ConfigMap or a Secret: each is a link
// through ..data, which becomes a link to another folder in one step, and the
// folder before is removed.
func TestEachSwapOfAVolumeOfKubernetesIsTold(t *testing.T) {
	volume := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	swap := func(version string) {
		t.Helper()
		before, _ := os.Readlink(volume + "/..data")
		must(os.Mkdir(filepath.Join(volume, version), 0o700))
		must(os.WriteFile(filepath.Join(volume, version, "homing.yaml"), []byte("the same length"), 0o600))
		must(os.Symlink(version, volume+"/..data_tmp"))
		must(os.Rename(volume+"/..data_tmp", volume+"/..data"))
		if before != "" {
			must(os.RemoveAll(filepath.Join(volume, before)))
		}
	}
	swap("..2026_11_21_1")
	must(os.Symlink("..data/homing.yaml", volume+"/homing.yaml"))
	told := make(chan struct{}, 8)
	watchForChanges(t.Context(), readFileState([]string{volume + "/homing.yaml"}), 0, func() { told <- struct{}{} })
	for _, version := range []string{"..2026_11_21_2", "..2026_11_21_3"} {
		swap(version)
		select {
		case <-told:
		case <-time.After(3 * pollInterval):
			t.Fatalf("nobody was told of %s", version)
		}
	}
}

// The first half of a file of settings may be valid too, and leave out what
// keeps somebody's records.
func TestSettingsAreReadWhenNobodyWritesThemAnyMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "homing.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before")
	told := make(chan string, 8)
	watchForChanges(t.Context(), readFileState([]string{path}), settingsQuietTime, func() {
		text, _ := os.ReadFile(path)
		told <- string(text)
	})
	write("")
	for _, text := range []string{"records: [a]\n", "records: [a]\npolicy: {}\n"} {
		time.AfterFunc(settingsQuietTime/2, func() { write(text) }) // a program that takes its time
		select {
		case half := <-told:
			t.Fatalf("%q was read while it was written", half)
		case <-time.After(settingsQuietTime * 3 / 4):
		}
	}
	select {
	case text := <-told:
		if text != "records: [a]\npolicy: {}\n" {
			t.Errorf("read is %q", text)
		}
	case <-time.After(3 * pollInterval):
		t.Error("nobody was told")
	}
}
