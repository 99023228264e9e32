//go:build image

package cli_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The images are in folders below HOMING_IMAGES: "make image" builds them and
// runs these tests, as root, which has to become 65532 and to mount.

const there = "10.88.0.7" // the container's address

func images(name string) string { return filepath.Join(os.Getenv("HOMING_IMAGES"), name) }

// contained runs a test in a network with a container's address.
func contained(t *testing.T, test func(t *testing.T, w *internet)) {
	t.Helper()
	apartWith(t, "-nm", func(t *testing.T, w *internet) {
		ip(t, "addr add "+there+"/32 dev lo")
		w.zone("example.org", "home.example.org")
		test(t, w)
	})
}

func TestImageHoldsHomingAndNothingElse(t *testing.T) {
	for _, name := range []string{"scratch", "built"} {
		i := unpack(t, images(name))
		var held []string
		for _, h := range i.files {
			held = append(held, fmt.Sprintf("%v %d:%d %s", h.FileInfo().Mode(), h.Uid, h.Gid, h.Name))
		}
		slices.Sort(held)
		want := []string{"-rw-r--r-- 0:0 etc/ssl/certs/ca-certificates.crt", "-rwxr-xr-x 0:0 homing", "drwxr-xr-x 0:0 etc/", "drwxr-xr-x 0:0 etc/ssl/",
			"drwxr-xr-x 0:0 etc/ssl/certs/", "drwxr-xr-x 65532:65532 state/"}
		if !slices.Equal(held, want) {
			t.Errorf("%s holds\n%s", name, strings.Join(held, "\n"))
		}
		roots := must(os.ReadFile(i.root + "/etc/ssl/certs/ca-certificates.crt"))
		if pool := x509.NewCertPool(); !pool.AppendCertsFromPEM(roots) || bytes.Count(roots, []byte("BEGIN CERTIFICATE")) < 100 {
			t.Errorf("%s: the roots are %d bytes", name, len(roots))
		}
		fmt.Printf("size: image %s: %d bytes, %d with gzip\n", name, i.size, i.small)
	}
}

func TestImageIsSetUpTheSameInEachVariant(t *testing.T) {
	var all []string
	for _, name := range []string{"scratch", "built", "alpine"} {
		s := unpack(t, images(name)).settings
		s.Env = slices.DeleteFunc(s.Env, func(e string) bool { return strings.HasPrefix(e, "PATH=") || strings.HasPrefix(e, "GO") }) // the base's
		all = append(all, string(must(json.MarshalIndent(s, "", " "))))
	}
	const want = `{
 "User": "65532:65532",
 "Env": [
  "HOMING_CONTAINER=1",
  "HOMING_STATE=/state"
 ],
 "Entrypoint": [
  "/homing"
 ],
 "Cmd": [],
 "Volumes": {},
 "Healthcheck": {
  "Test": [
   "CMD",
   "/homing",
   "healthcheck"
  ],
  "Interval": 30000000000,
  "Timeout": 10000000000,
  "StartPeriod": 30000000000
 },
 "Labels": {
  "io.buildah.version": "VERSION",
  "org.opencontainers.image.description": "Keeps DNS pointing home: dynamic DNS for Cloudflare",
  "org.opencontainers.image.documentation": "https://github.com/homing-dns/homing/blob/main/docs/containers.md",
  "org.opencontainers.image.licenses": "MIT",
  "org.opencontainers.image.source": "https://github.com/homing-dns/homing",
  "org.opencontainers.image.title": "homing",
  "org.opencontainers.image.version": "0.0.0-test"
 }
}`
	for i, got := range all {
		buildah := unpack(t, images("scratch")).settings.Labels["io.buildah.version"]
		if got != strings.Replace(want, "VERSION", buildah, 1) {
			t.Errorf("image %d is set up as\n%s", i, got)
		}
	}
}

// The builder gets what the program is made of, and neither secrets nor tests.
func TestImageIsBuiltFromTheProgramAlone(t *testing.T) {
	for _, h := range unpack(t, images("context")).files {
		name := strings.TrimSuffix(h.Name, "/")
		top, _, _ := strings.Cut(name, "/")
		if name == "tools" || name == "tools/buildflags" {
			continue
		}
		if !slices.Contains([]string{"go.mod", "go.sum", "main.go", "internal", "dist"}, top) || strings.HasSuffix(name, "_test.go") ||
			strings.Contains(name, "testdata") || top == "dist" && !strings.HasPrefix(name+"/", "dist/image/") && name != "dist" {
			t.Errorf("%s is sent to the builder", h.Name)
		}
	}
}

// The Go that builds the image is the one that go.mod asks for.
func TestImageIsBuiltByTheGoOfTheModule(t *testing.T) {
	dockerfile := string(must(os.ReadFile("../../deploy/Dockerfile")))
	for line := range strings.Lines(string(must(os.ReadFile("../../go.mod")))) {
		if version, ok := strings.CutPrefix(strings.TrimSpace(line), "go "); ok {
			if release := strings.Join(strings.Split(version, ".")[:2], "."); !strings.Contains(dockerfile, "ARG GO=golang:"+release+"-alpine\n") {
				t.Errorf("go.mod asks for Go %s; deploy/Dockerfile takes another", release)
			}
			return
		}
	}
	t.Error("go.mod asks for no Go")
}

func TestImageRunsWhatIsAskedOfIt(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		for _, name := range []string{"scratch", "built"} {
			i := unpack(t, images(name))
			for _, c := range []struct {
				args, env string
				code      int
				want      string
			}{
				{"version", "", 0, "homing 0.0.0-test (go"},
				{"config check", "DOMAINS=home.example.org", 0, ""},
				{"config check", "", 2, "DOMAINS"},
				{"demo --for 8s", "", 0, "right"},
				{"config show", "DOMAINS=home.example.org", 0, "listen: \"0.0.0.0:8245\"  # HOMING_CONTAINER"},
				{"healthcheck", "DOMAINS=home.example.org", 1, "is it running"},
			} {
				p := w.run(i, "", strings.Fields(c.args), c.env)
				if code := p.wait(); code != c.code || !strings.Contains(p.said(), c.want) {
					t.Errorf("%s: homing %s, with %s: exit code %d\n%s", name, c.args, c.env, code, p.said())
				}
			}
		}
	})
}

// The bundle in the image is what says whom to believe, and the only one.
func TestImageBelievesItsRootsAlone(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i := unpack(t, images("scratch"))
		p := w.run(i, "", []string{"once"}, "DOMAINS=home.example.org")
		if code := p.wait(); code != 1 || !strings.Contains(p.said(), "certificate signed by unknown authority") || len(w.cloud.Calls()) > 0 {
			t.Errorf("exit code %d, %d calls", code, len(w.cloud.Calls()))
		}
		bundle := "/etc/ssl/certs/ca-certificates.crt"
		i.put(t, bundle, append(must(os.ReadFile(i.root+bundle)), must(os.ReadFile(w.roots))...))
		if code := w.run(i, "", []string{"once"}, "DOMAINS=home.example.org").wait(); code != 0 || !w.right("example.org", "home.example.org") {
			t.Errorf("with the authority in the bundle: exit code %d, %v", code, w.cloud.Contents("example.org", "home.example.org"))
		}
	})
}

// trusting is the image of a person who has put the test's authority into it.
func trusting(t *testing.T, w *internet, name string) *image {
	t.Helper()
	i := unpack(t, images(name))
	i.put(t, "/etc/ssl/certs/ca-certificates.crt", must(os.ReadFile(w.roots)))
	return i
}

// The daemon, as a runtime starts it when it may do nothing: it does its work,
// is seen from outside, is healthy, has no power, and ends when it is told to.
func TestImageWorksWithoutAnyRight(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i := trusting(t, w, "scratch")
		p := w.run(i, "", nil, "DOMAINS=home.example.org", "DELETE_ON_STOP=true", "HOMING_PUBLIC_READ=true")
		w.until("the records point home", 20*time.Second, func() bool { return w.right("example.org", "home.example.org") })
		w.until("it is healthy", 20*time.Second, func() bool { return w.inside(i, p) == 0 })
		for _, path := range []string{"/", "/healthz", "/health", "/readyz"} {
			if code := get(t, there+":8245"+path); code != http.StatusOK {
				t.Errorf("from outside %s is %d", path, code)
			}
		}
		status := string(must(os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))))
		for _, line := range []string{"Uid:\t65532\t65532\t65532\t65532", "Gid:\t65532\t65532\t65532\t65532", "Groups:\t \n", "CapInh:\t0000000000000000", "CapPrm:\t0000000000000000",
			"CapEff:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1"} {
			if !strings.Contains(status, line) {
				t.Errorf("its status is not %q:\n%s", line, status)
			}
		}
		if !strings.HasSuffix(strings.TrimSpace(lineOf(status, "NSpid:")), "\t1") {
			t.Errorf("it is not the first process: %s", lineOf(status, "NSpid:"))
		}
		if code, took := p.end(syscall.SIGTERM); code != 0 || took > 8*time.Second || len(w.cloud.Contents("example.org", "home.example.org")) > 0 {
			t.Errorf("exit code %d after %v; left: %v", code, took, w.cloud.Contents("example.org", "home.example.org"))
		}
		if left := must(os.ReadDir(i.root + "/state")); len(left) > 0 {
			t.Errorf("in spite of --read-only there is %v", left)
		}
	})
}

func lineOf(text, begin string) string {
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, begin) {
			return l
		}
	}
	return ""
}

// What is there to be deleted when there is nothing is nothing.
func TestImageStopsAtOnceWhereNothingIsToBeDeleted(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		p := w.run(trusting(t, w, "scratch"), "", nil, "DOMAINS=new.example.org", "HOMING_CREATE=never", "DELETE_ON_STOP=true")
		w.until("a round was made", 20*time.Second, func() bool { return p.rounds() > 0 })
		if code, took := p.end(syscall.SIGTERM); code != 0 || took > 5*time.Second || w.wrote("") {
			t.Errorf("exit code %d after %v", code, took)
		}
	})
}

// Time zones are in homing: the image has none.
func TestImageKnowsTimeZones(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i := trusting(t, w, "scratch")
		p := w.run(i, "", nil, "DOMAINS=home.example.org", "TZ=Asia/Kathmandu", "UPDATE_CRON=30 4 * * *", "HOMING_LOG_FORMAT=json")
		w.until("a round was made", 20*time.Second, func() bool { return strings.Contains(p.said(), `"next":`) })
		_, next, _ := strings.Cut(p.said(), `"next":"`)
		at, err := time.Parse(time.RFC3339, next[:strings.IndexByte(next, '"')])
		if err != nil || at.UTC().Format("15:04") != "22:45" { // Kathmandu is 5:45 ahead
			t.Errorf("the next round is at %s, %v", next, err)
		}
		if code := w.inside(i, p); code != 0 {
			t.Errorf("between rounds a day apart the healthcheck gives %d", code)
		}
		p.end(syscall.SIGTERM)
	})
}

// A command needs programs, and the image has none: said at the start, with what
// to do.
func TestImageRefusesCommands(t *testing.T) {
	const cure = `    → take the image whose tag ends in -alpine, which has a shell; or mount a static program and write its whole path

Nothing was sent anywhere.
`
	contained(t, func(t *testing.T, w *internet) {
		i := trusting(t, w, "scratch")
		i.put(t, "/script", []byte("#!/bin/sh\necho 84.1.2.9\n"))
		for env, want := range map[string]string{
			"DOMAINS=home.example.org IP4_PROVIDER=exec:curl":                 "  IP4_PROVIDER=\"exec:curl\"\n    exec: there is no curl: this image has no programs\n",
			"DOMAINS=home.example.org IP6_PROVIDER=exec:/script":              "  IP6_PROVIDER=\"exec:/script\"\n    exec: there is no /bin/sh: this image has no programs\n",
			"DOMAINS=home.example.org HOMING_HOOK=/usr/bin/logger":            "  HOMING_HOOK=\"/usr/bin/logger\"\n    there is no /usr/bin/logger: this image has no programs\n",
			"DOMAINS=home.example.org HOMING_HOOK=/script":                    "  HOMING_HOOK=\"/script\"\n    there is no /bin/sh: this image has no programs\n",
			"API_KEY=" + goodToken + " ZONE=example.org CUSTOM_LOOKUP_CMD=id": "  CUSTOM_LOOKUP_CMD=\"exec:sh -c 'id'\"\n    exec: there is no sh: this image has no programs\n",
		} {
			p := w.run(i, "", nil, strings.Fields(env)...)
			if code := p.wait(); code != 2 || !strings.HasSuffix(p.said(), "homing did not start: one setting is wrong\n\n"+want+cure) {
				t.Errorf("%s: exit code %d\n%s", env, code, p.said())
			}
		}
		if len(w.seen()) > 0 {
			t.Error("something was sent")
		}
		i.put(t, "/tools/busybox", must(os.ReadFile(must(exec.LookPath("busybox")))))
		p := w.run(i, "", []string{"once"}, "DOMAINS=home.example.org", "IP6_PROVIDER=none", "IP4_PROVIDER=exec:/tools/busybox echo 84.1.2.9")
		if code := p.wait(); code != 0 || !slices.Contains(w.cloud.Contents("example.org", "home.example.org"), "84.1.2.9") {
			t.Errorf("with a static program: exit code %d", code)
		}
	})
}

// The variant with programs runs commands, and buries what they leave behind.
func TestImageWithProgramsRunsCommands(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i := trusting(t, w, "alpine")
		if asked := string(must(os.ReadFile(i.root + "/apk-was-asked"))); asked != "add --no-cache bind-tools curl jq\n" {
			t.Errorf("apk was asked: %s", asked)
		}
		env := []string{"API_KEY=" + goodToken, "ZONE=example.org", "SUBDOMAIN=home", "CUSTOM_LOOKUP_CMD=echo 84.1.2.9"}
		p := w.run(i, "", nil, env...)
		w.until("the record is what the command says", 20*time.Second, func() bool {
			return slices.Contains(w.cloud.Contents("example.org", "home.example.org"), "84.1.2.9")
		})
		w.until("it is healthy", 20*time.Second, func() bool { return w.inside(i, p) == 0 })
		if code, _ := p.end(syscall.SIGTERM); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}

// DynCFDNS's environment, in an image that says where to listen.
func TestImageKeepsThePortOfDynCFDNS(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i := trusting(t, w, "scratch")
		for _, c := range []struct {
			env  []string
			open string
		}{{nil, "5000"}, {[]string{"API_PORT=5001"}, "5001"}, {[]string{"API_PORT=0"}, ""}, {[]string{"API_PORT=5001", "HOMING_LISTEN=0.0.0.0:8080"}, "8080"}} {
			p := w.run(i, "", nil, append(c.env, "HOST_LIST=home.example.org", "API_TOKEN=secret")...)
			w.until("it is healthy", 20*time.Second, func() bool { return w.inside(i, p) == 0 && p.rounds() > 0 })
			for _, port := range []string{"8080", "5000", "5001", "8245"} {
				want := 0
				if port == c.open {
					want = http.StatusOK
				}
				if code := get(t, net.JoinHostPort(there, port)+"/health"); code != want {
					t.Errorf("%v: port %s answers %d, want %d", c.env, port, code, want)
				}
			}
			p.end(syscall.SIGTERM)
		}
	})
}

// A volume at /state keeps the token of the page and the history.
func TestImageKeepsItsStateInAVolume(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i := trusting(t, w, "scratch")
		volume := t.TempDir()
		if err := os.Chown(volume, 65532, 65532); err != nil { // as a named volume gets it from the image's folder
			t.Fatal(err)
		}
		for n := range 2 {
			p := w.run(i, volume, nil, "DOMAINS=home.example.org")
			w.until("it is healthy", 20*time.Second, func() bool { return w.inside(i, p) == 0 && p.rounds() > 0 })
			if made := strings.Contains(p.said(), "generated a login token for the page"); made != (n == 0) {
				t.Errorf("start %d: a token was made: %t", n, made)
			}
			p.end(syscall.SIGTERM)
		}
		for _, name := range []string{"token", "history.jsonl"} {
			if info, err := os.Stat(filepath.Join(volume, name)); err != nil || info.Sys().(*syscall.Stat_t).Uid != 65532 {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Without any setting a person sets the image up in a browser on another machine: on
// what a published port leads to. What they set up stays in the volume.
func TestImageIsSetUpInABrowser(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i, volume := trusting(t, w, "scratch"), t.TempDir()
		if err := os.Chown(volume, 65532, 65532); err != nil { // as a named volume gets it from the image's folder
			t.Fatal(err)
		}
		n := &newcomer{internet: w, at: "http://" + net.JoinHostPort(there, "8245"), state: volume, browser: newBrowser()}
		n.p = w.runBare(i, volume, nil)
		code := n.code()
		n.open("/readyz", http.StatusServiceUnavailable)
		if w.inside(i, n.p) != 1 {
			t.Error("it looks healthy before it is set up")
		}
		n.submit(http.StatusOK, "do", "code", "code", code)
		n.submit(http.StatusOK, "do", "account", "host", "cloudflare", "token", goodToken)
		page := n.submit(http.StatusOK, "do", "names", "names", "home.example.org", "IPv4", "on", "IPv6", "on")
		if strings.Contains(page, "goes with this container") {
			t.Errorf("a volume is taken for none:\n%s", page)
		}
		page = n.submit(http.StatusOK, "do", "save", "review", review(t, page))
		w.until("the records point home", 20*time.Second, func() bool { return w.right("example.org", "home.example.org") })
		w.until("it is healthy", 20*time.Second, func() bool { return w.inside(i, n.p) == 0 && n.p.rounds() > 0 })
		if n.steps > 6 || !strings.Contains(page, "Log out") {
			t.Errorf("after %d steps the page is\n%s", n.steps, page)
		}
		for _, name := range []string{"homing.yaml", "cloudflare_api_token", "token"} {
			info, err := os.Stat(filepath.Join(volume, name))
			if err != nil || info.Mode().Perm() != 0o600 || info.Sys().(*syscall.Stat_t).Uid != 65532 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
		if code, _ := n.p.end(syscall.SIGTERM); code != 0 {
			t.Errorf("exit code %d", code)
		}
		again := w.runBare(i, volume, nil)
		w.until("the next container runs with it", 20*time.Second, func() bool { return w.inside(i, again) == 0 && again.rounds() > 0 })
		again.end(syscall.SIGTERM)
	})
}

// Without a volume what is set up goes with the container, which the page tells; where
// nothing can be written at all it is not served.
func TestImageTellsWhatBecomesOfASetUpWithoutAVolume(t *testing.T) {
	contained(t, func(t *testing.T, w *internet) {
		i := trusting(t, w, "scratch")
		closed := w.runBare(i, "", nil)
		if code := closed.wait(); code != 2 || strings.Contains(closed.said(), "code=") || !strings.Contains(closed.words(), "nothing can be kept in /state") {
			t.Errorf("read-only: exit code %d", code)
		}
		if lost := w.runBare(i, "", nil, "EMAIL=me@example.org"); lost.wait() != 2 || !strings.Contains(lost.words(), "EMAIL is set") {
			t.Error("it is not told what counts as set")
		}
	})
}
