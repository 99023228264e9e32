// Package compose checks the Compose files of deploy: each is valid, and homing
// starts with what it says.
package compose

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

const deploy = "../../deploy"

// What a person has in .env, beside what .env.example says, and in the files
// that are mounted.
var secrets = map[string]string{
	"CLOUDFLARE_API_TOKEN": "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0",
	"CLOUDFLARE_API_KEY":   "c2547eb745079dac9320b638f5e225cf483cc",
	"CLOUDFLARE_API_EMAIL": "me@example.com",
	"CLOUDFLARE_EMAIL":     "me@example.com",
	"API_KEY":              "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0",
}

var files = map[string]string{
	"/run/secrets/cloudflare_api_token": "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0\n",
	"/app/config":                       "",
	"/app/logs":                         "",
	"/state":                            "",
	"/credentials.json":                 `{"zone": "0123456789abcdef0123456789abcdef", "email": "me@example.com", "key": "c2547eb745079dac9320b638f5e225cf483cc", "domain": "home.example.com"}`,
	"/config.json": `{"cloudflare": [{"authentication": {"api_token": "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0"}, "zone_id": "0123456789abcdef0123456789abcdef",
		"subdomains": [{"name": "home.example.com", "proxied": false}]}], "a": true, "aaaa": true, "ttl": 300}`,
}

// said is by what homing shows that it knows whose configuration it has; it
// takes favonia's for its own.
var said = map[string]string{
	"dyncfdns.yaml": "a configuration of DynCFDNS", "dynflare.yaml": "a configuration of Dynflare", "raindrop.yaml": "a configuration of raindrop",
	"oznu.yaml": "a configuration of oznu/cloudflare-ddns", "timothymiller.yaml": "before asking Cloudflare for the names of 1 zone",
}

// read is a Compose file as "docker compose config" takes it. A variable that
// nobody sets and the file has no default for is an error.
func read(t *testing.T, path string, env map[string]string) *types.Project {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	details := types.ConfigDetails{WorkingDir: filepath.Dir(path), Environment: env, ConfigFiles: []types.ConfigFile{{Filename: path, Content: content}}}
	p, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) { o.SetProjectName("homing", true) })
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p
}

func all(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"compose*.yaml", "compose/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(deploy, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) != 8 {
		t.Fatalf("there are %q", paths)
	}
	return paths
}

func environment(t *testing.T) map[string]string {
	t.Helper()
	env, err := dotenv.Read(deploy + "/.env.example")
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(env, secrets)
	return env
}

func TestEachFileIsValidAndHomingStartsWithIt(t *testing.T) {
	homing, err := os.ReadFile(os.Getenv("HOMING"))
	if err != nil {
		t.Fatalf("HOMING names no binary: %v; \"make compose\" builds it", err)
	}
	for _, path := range all(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			p := read(t, path, environment(t))
			if len(p.Services) != 1 {
				t.Fatalf("it has %d services", len(p.Services))
			}
			for _, s := range p.Services {
				if s.Image != "ghcr.io/homing-dns/homing:1" {
					t.Errorf("the image is %s", s.Image)
				}
				out, err := start(t, homing, s)
				if want := said[filepath.Base(path)]; err != nil || !strings.Contains(string(out), want) {
					t.Errorf("homing would not start, or does not say %q: %v\n%s", want, err, out)
				}
			}
		})
	}
}

// start lets homing check what a service says: its environment, its command,
// and the files that are mounted, at their places.
func start(t *testing.T, homing []byte, s types.ServiceConfig) ([]byte, error) {
	t.Helper()
	root := t.TempDir()
	put := func(target, text string, mode fs.FileMode) {
		path := filepath.Join(root, target)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil && text == "" {
			err = os.MkdirAll(path, 0o755)
		} else if err == nil {
			err = os.WriteFile(path, []byte(text), mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("/homing", string(homing), 0o755)
	mounted := func(target string) {
		text, known := files[target]
		if !known {
			t.Fatalf("%s is mounted, and this test has nothing for it", target)
		}
		put(target, text, 0o600)
	}
	for _, v := range s.Volumes {
		mounted(v.Target)
	}
	for _, secret := range s.Secrets {
		mounted("/run/secrets/" + secret.Source)
	}
	args := slices.Concat([]string{"-r", "chroot", root, "/homing", "config", "check"}, s.Command)
	c := exec.Command("unshare", args...)
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOMING_CONTAINER=1", "HOMING_STATE=/state"} // the image's
	for name, text := range s.Environment {
		if text != nil {
			c.Env = append(c.Env, name+"="+*text)
		}
	}
	return c.CombinedOutput()
}

// Those that are not a predecessor's take every right away.
func TestOurOwnMayDoNothing(t *testing.T) {
	for _, name := range []string{"compose.yaml", "compose.bridge.yaml"} {
		s := read(t, filepath.Join(deploy, name), environment(t)).Services["homing"]
		if !s.ReadOnly || s.User != "65532:65532" || !slices.Equal(s.CapDrop, []string{"ALL"}) || s.Privileged || len(s.CapAdd) > 0 ||
			!slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.MemLimit != 64<<20 || s.Restart != "unless-stopped" {
			t.Errorf("%s: %+v", name, s)
		}
		for name, text := range s.Environment {
			for _, secret := range secrets {
				if text != nil && *text == secret {
					t.Errorf("%s holds a secret", name)
				}
			}
		}
	}
}

// Each predecessor's file says on the line of the image that this is the one.
func TestThePredecessorsFilesSayWhichLineChanges(t *testing.T) {
	paths, err := filepath.Glob(deploy + "/compose/*.yaml")
	if err != nil || len(paths) != 6 {
		t.Fatalf("%q, %v", paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b, []byte("    image: ghcr.io/homing-dns/homing:1 # the line that changes")) {
			t.Errorf("%s does not say it", path)
		}
	}
}

// A check that finds nothing wrong has to find what is.
func TestWhatIsWrongIsFound(t *testing.T) {
	for _, wrong := range []string{"services: {a: {image: x, restrat: always}}", "services: {a: {image: x, read_only: maybe}}", "services: {a: {image: \"${NOBODY:?set it}\"}}"} {
		details := types.ConfigDetails{WorkingDir: ".", ConfigFiles: []types.ConfigFile{{Filename: "x.yaml", Content: []byte(wrong)}}}
		if _, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) { o.SetProjectName("x", true) }); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
	homing, err := os.ReadFile(os.Getenv("HOMING"))
	if err != nil {
		t.Fatal(err)
	}
	name := "maybe"
	var s types.ServiceConfig
	s.Environment = types.MappingWithEquals{"DOMAINS": &name}
	_, err = start(t, homing, s)
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 2 {
		t.Errorf("wrong settings: %v", err)
	}
}
