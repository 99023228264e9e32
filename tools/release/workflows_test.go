package release

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is the part of GitHub's syntax that is used; anything else is refused.
type workflow struct {
	Name        string
	On          map[string]*struct{ Branches, Tags []string }
	Permissions map[string]string
	Concurrency struct {
		Group            string
		CancelInProgress bool `yaml:"cancel-in-progress"`
	}
	Jobs map[string]struct {
		RunsOn      string `yaml:"runs-on"`
		Container   struct{ Image, Options string }
		Strategy    struct{ Matrix map[string][]string }
		Permissions map[string]string
		Timeout     int `yaml:"timeout-minutes"`
		Steps       []struct {
			Uses, Run string
			With, Env map[string]string
		}
	}
}

func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	paths, err := filepath.Glob(root + "/.github/workflows/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%q, %v", paths, err)
	}
	all := map[string]workflow{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		if err := d.Decode(&w); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if !bytes.Contains(b, []byte("\npermissions: {")) {
			t.Errorf("%s: permissions are not limited", path)
		}
		all[filepath.Base(path)] = w
	}
	return all
}

func TestTheWorkflowsAreSmallAndMayLittle(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z-]+(/[a-z-]+)+@v\d+$`)
	for name, w := range workflows(t) {
		for what, may := range w.Permissions {
			if may != "read" {
				t.Errorf("%s: every job may %s %s", name, may, what)
			}
		}
		for id, job := range w.Jobs {
			if job.Timeout == 0 {
				t.Errorf("%s, %s: it has no limit", name, id)
			}
			for _, step := range job.Steps {
				if (step.Uses == "") == (step.Run == "") || step.Uses != "" && !pinned.MatchString(step.Uses) {
					t.Errorf("%s, %s: %+v", name, id, step)
				}
			}
		}
	}
}

func TestTheWorkflowsRunWhatPeopleRun(t *testing.T) {
	runs := map[string]string{}
	for name, w := range workflows(t) {
		for _, job := range w.Jobs {
			for _, step := range job.Steps {
				runs[name] += step.Run + "\n" + step.With["args"] + "\n"
			}
		}
	}
	for name, wanted := range map[string][]string{
		"ci.yml":      {".ci/run\n"},
		"release.yml": {"make release-check reproducible\n", "./tools/release/notes ", "\ncheck\n", "release --clean --release-notes="},
	} {
		for _, w := range wanted {
			if !bytes.Contains([]byte(runs[name]), []byte(w)) {
				t.Errorf("%s does not run %q", name, w)
			}
		}
	}
}
