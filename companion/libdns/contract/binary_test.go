package contract

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/homing-dns/homing/companion/libdns/internal/bridgetest"
	"github.com/homing-dns/homing/companion/libdns/internal/hoststest"
)

// built is homing and homing-libdns, as they are built from this checkout.
func built(t *testing.T) (homing, companion string) {
	t.Helper()
	folder := t.TempDir()
	homing, companion = filepath.Join(folder, "homing"), filepath.Join(folder, "homing-libdns")
	for to, from := range map[string]string{homing: "../../..", companion: ".."} {
		c := exec.Command("go", "build", "-o", to, ".")
		c.Dir = from
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", to, err, out)
		}
	}
	return homing, companion
}

// try is what homing hosts test says of a command with an environment, and whether all
// promises are kept.
func try(t *testing.T, homing, command string, env ...string) (said string, kept bool) {
	t.Helper()
	folder := t.TempDir()
	text := "accounts:\n  mine:\n    provider: exec\n    command: " + command + "\n    env_file: " + filepath.Join(folder, "env") + "\nrecords:\n  - name: nas.example.org\n    account: mine\n"
	for name, text := range map[string]string{"homing.yaml": text, "env": strings.Join(env, "\n") + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(homing, "hosts", "test", "--account", "mine", "--config", filepath.Join(folder, "homing.yaml"))
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder}
	out, err := c.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return string(out), err == nil
}

// The binaries together: homing hosts test, through homing-libdns and OVH's library,
// before what stands for OVH; and through a library that keeps its promises, and ones
// that do not.
func TestHostsTestOfTheBinaries(t *testing.T) {
	homing, companion := built(t)
	t.Run("ovh", func(t *testing.T) {
		w := hoststest.New()
		w.Put(hoststest.Record{Host: "nas", Kind: "A", Data: "192.0.2.5", TTL: 300})
		s := httptest.NewServer(w)
		defer s.Close()
		env := []string{"OVH_ENDPOINT=" + s.URL + "/1.0"}
		for _, v := range []string{"OVH_APPLICATION_KEY", "OVH_APPLICATION_SECRET", "OVH_CONSUMER_KEY"} {
			env = append(env, v+"="+hoststest.SecretOf(v))
		}
		said, kept := try(t, homing, companion+" ovh example.org", env...)
		if !kept || strings.Contains(said, "canary") || w.Writes < 10 {
			t.Errorf("%d writes\n%s", w.Writes, said)
		}
		if len(w.Records) != 2 {
			t.Errorf("left is %v", w.Records)
		}
		w.Fault = func(*hoststest.World, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 403, Body: http.NoBody}, nil
		}
		if said, kept := try(t, homing, companion+" ovh example.org", env...); kept || !strings.Contains(said, "at OVH") || strings.Contains(said, "canary") {
			t.Errorf("of a refusal it says\n%s", said)
		}
		if said, kept := try(t, homing, companion+" ovh example.org", env[:3]...); kept || !strings.Contains(said, "OVH_CONSUMER_KEY is not set") {
			t.Errorf("without a credential it says\n%s", said)
		}
	})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for fault, want := range map[string]bool{"": true, bridgetest.Ignore: false, bridgetest.Partial: false, bridgetest.Twice: false, bridgetest.TTL: false, bridgetest.Empty: false, bridgetest.Late: true, bridgetest.Lose: true} {
		t.Run("a library, "+fault, func(t *testing.T) {
			s := newShelf(t)
			s.fail(fault)
			said, kept := try(t, homing, self, fmt.Sprintf("%s=%s", folderOf, s))
			if kept != want {
				t.Errorf("kept is %v\n%s", kept, said)
			}
			if state := s.state(); want && len(state.Zones["example.org."]) != 1 {
				t.Errorf("left is %v", state.Zones)
			}
		})
	}
}
