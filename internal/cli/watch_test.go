package cli

import (
	"os"
	"path/filepath"
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
			watch(t.Context(), []string{f + "/there/a", f + "/cur/a", f + "/later/a"}, func() { told <- struct{}{} })
			change(f)
			select {
			case <-told:
			case <-time.After(3 * lookAgain):
				t.Error("nobody was told")
			}
		})
	}
}
