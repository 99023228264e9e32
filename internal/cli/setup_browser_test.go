//go:build check && browser

package cli_test

import (
	"os"
	"os/exec"
	"testing"
)

// Each of these is a test of tools/browser/setup.test.mjs, on a daemon of its own.
func TestTheSetUpInABrowser(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		for _, what := range []string{"look", "keyboard", "without script"} {
			n := w.newcomer()
			c := exec.Command("node", "--test", "--test-reporter=spec", "--test-name-pattern=^"+what+"$", "setup.test.mjs")
			c.Dir = "../../tools/browser"
			c.Env = append(os.Environ(), "HOMING_SETUP_URL="+setUpAt, "HOMING_SETUP_CODE="+n.code(), "HOMING_SETUP_TOKEN="+goodToken, "HOMING_SETUP_NAME=home.example.org")
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", what, err, out)
			}
			n.p.end(os.Kill)
		}
	})
}
