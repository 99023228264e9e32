package kube

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	// inside tells a test in namespaces of its own where homing's binary is.
	inside = "HOMING_TEST_BINARY"

	patience = time.Minute // for what takes a second or two on a machine that is not busy
)

// apart runs a test again in namespaces of its own, where there is no network
// and nothing it mounts is seen outside.
func apart(t *testing.T, test func(t *testing.T, homing string)) {
	t.Helper()
	if homing := os.Getenv(inside); homing != "" {
		test(t, homing)
		return
	}
	homing := filepath.Join(t.TempDir(), "homing")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", homing, ".")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build homing: %v\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	again := exec.CommandContext(t.Context(), "unshare", "-rnm", "--", "sh", "-c", `ip link set lo up && exec "$0" "$@"`,
		self, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=5m")
	again.Env = append(os.Environ(), inside+"="+homing)
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("in namespaces of its own: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// container is what a pod's container finds: homing's image, in which there is
// nothing but homing, and the volumes.
type container struct {
	root    string
	volumes map[string]string // the folders of the mounts, as the kubelet sees them
	environ []string
	args    []string
}

// newContainer makes the file system of a pod's container. Its root cannot be
// written to.
func newContainer(t *testing.T, homing string, s Set, p Pod) *container {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	environ, err := Environ(s, p)
	must(err)
	mounts, err := Mounts(s, p)
	must(err)
	c := &container{t.TempDir(), make(map[string]string), environ, p.Spec.Containers[0].Args}
	image := t.TempDir()
	binary, err := os.ReadFile(homing)
	must(err)
	must(os.WriteFile(image+"/homing", binary, 0o755))
	for _, m := range mounts {
		must(os.MkdirAll(image+m.Path, 0o755))
	}
	bind(t, image, c.root)
	for _, m := range mounts {
		c.volumes[m.Path] = t.TempDir()
		if !m.Writable {
			swap(t, c.volumes[m.Path], m)
		}
		bind(t, c.volumes[m.Path], c.root+m.Path)
		if !m.Writable {
			must(syscall.Mount("", c.root+m.Path, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
		}
	}
	must(syscall.Mount("", c.root, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	return c
}

func bind(t *testing.T, from, to string) {
	t.Helper()
	if err := syscall.Mount(from, to, "", syscall.MS_BIND, ""); err != nil {
		t.Fatalf("mount %s: %v", to, err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(to, syscall.MNT_DETACH) }) // or its folder could not be removed
}

// swap puts the files of a ConfigMap or a Secret into a volume, or others in
// their place, as the kubelet does: each is a link through ..data, which becomes
// another link in one step.
func swap(t *testing.T, volume string, m Mount) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	made, err := os.MkdirTemp(volume, "..2026_11_21_")
	must(err)
	must(os.Chmod(made, 0o755))
	for name, text := range m.Files {
		must(os.WriteFile(filepath.Join(made, name), []byte(text), 0o600))
		must(os.Chmod(filepath.Join(made, name), m.Mode))
	}
	old, _ := os.Readlink(volume + "/..data")
	must(os.Symlink(filepath.Base(made), volume+"/..data_tmp"))
	must(os.Rename(volume+"/..data_tmp", volume+"/..data"))
	for name := range m.Files {
		if err := os.Symlink("..data/"+name, filepath.Join(volume, name)); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	if old != "" {
		must(os.RemoveAll(filepath.Join(volume, old)))
	}
}

// command is homing in the container, as the user its image has.
func (c *container) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/homing", args...)
	cmd.Dir, cmd.Env = "/", c.environ
	ids := []syscall.SysProcIDMap{{ContainerID: user, HostID: 0, Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root, Cloneflags: syscall.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids}
	return cmd
}

// check is what "homing config check" says in the container.
func (c *container) check(ctx context.Context) (string, error) {
	args := c.args
	if len(args) > 0 && args[0] == "once" {
		args = args[1:]
	}
	out, err := c.command(ctx, append([]string{"config", "check"}, args...)...).CombinedOutput()
	return string(out), err
}

func TestHomingTakesTheSettingsOfEachPod(t *testing.T) {
	apart(t, func(t *testing.T, homing string) {
		for name, set := range shipped(t) {
			t.Run(name, func(t *testing.T) {
				for _, p := range set.Pods() {
					out, err := newContainer(t, homing, set, p).check(t.Context())
					if err != nil || !strings.Contains(out, "The settings are valid") {
						t.Errorf("%v\n%s", err, out)
					}
				}
			})
		}
	})
}

// Settings that homing refuses are found, and the example of a token is refused
// by name.
func TestHomingRefusesWrongSettingsOfAPod(t *testing.T) {
	apart(t, func(t *testing.T, homing string) {
		good := read(t, manifests+"/configmap.yaml")
		deployment := decoded(t, read(t, manifests+"/deployment.yaml"))
		for name, c := range map[string]struct {
			set  Set
			want string
		}{
			"a setting that is none":  {append(decoded(t, replaced(t, good, "    detect:\n", "    detct:\n")), example(t)...), "detct"},
			"a source that is none":   {append(decoded(t, replaced(t, good, "[none]", "[nobody]")), example(t)...), "nobody"},
			"the token of an example": {append(decoded(t, good), decoded(t, read(t, manifests+"/secret.yaml"))...), "the API token is only a placeholder"},
		} {
			t.Run(name, func(t *testing.T) {
				set := append(c.set, deployment...)
				out, err := newContainer(t, homing, set, set.Pods()[0]).check(t.Context())
				if err == nil || !strings.Contains(out, c.want) {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	})
}

// The daemon starts in its pod, answers its probes, stays within its memory,
// hears of a ConfigMap and a Secret that the kubelet has swapped, and ends in time. There
// is no network, so nothing is known; a probe must not mind.
func TestThePodRunsAsItIsShipped(t *testing.T) {
	apart(t, func(t *testing.T, homing string) {
		sets := shipped(t)
		for _, name := range []string{"the kustomization", "with host-network", "chart: all of it"} {
			t.Run(name, func(t *testing.T) { runs(t, homing, sets[name]) })
		}
	})
}

// Where a config.json has to be completed first, homing waits for the network,
// and ends when it is told to.
func TestThePodWaitsForCloudflareBeforeItListens(t *testing.T) {
	apart(t, func(t *testing.T, homing string) {
		set := shipped(t)["timothymiller.yaml"]
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		log := newWaiting()
		daemon := newContainer(t, homing, set, set.Pods()[0]).start(t, ctx, log)
		if err := log.contains(ctx, "the settings cannot be completed yet"); err != nil {
			t.Errorf("%v\n%s", err, log)
		}
		ends(t, daemon, set.Pods()[0])
	})
}

// One round without a network fails, and says so by its exit code: a failed Job,
// not wrong settings.
func TestARoundOfACronJobEnds(t *testing.T) {
	apart(t, func(t *testing.T, homing string) {
		sets := shipped(t)
		for _, name := range []string{"with the CronJob", "dynflare.yaml", "chart: a cronjob"} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				c := newContainer(t, homing, sets[name], sets[name].Pods()[0])
				cmd := c.command(ctx, c.args...)
				out, _ := cmd.CombinedOutput()
				if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "outcome=failed") {
					t.Errorf("it exits %d\n%s", cmd.ProcessState.ExitCode(), out)
				}
			})
		}
	})
}

func runs(t *testing.T, homing string, set Set) {
	p := set.Pods()[0]
	c := newContainer(t, homing, set, p)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	log := newWaiting()
	daemon := c.start(t, ctx, log)
	for _, probe := range probes(p.Spec.Containers[0]) {
		if err := succeeds(ctx, probe); err != nil {
			t.Errorf("%v\n%s", err, log)
		}
	}
	const config = "/etc/homing"
	swap(t, c.volumes[config], Mount{Mode: 0o644, Files: map[string]string{"homing.yaml": "records: [other.example.org]\n"}})
	if err := log.contains(ctx, "home.example.org is no longer in the settings"); err != nil {
		t.Errorf("after the ConfigMap was swapped: %v\n%s", err, log)
	}
	// What changes while the settings are being read is for a later look; a round
	// shows that they were.
	if err := log.containsAfter(ctx, "the settings were reloaded", "outcome="); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
	const credentials = "/run/secrets/homing"
	swap(t, c.volumes[credentials], Mount{Mode: 0o440, Files: map[string]string{"CLOUDFLARE_API_TOKEN": token, "HEALTHCHECKS": "no URL"}})
	if err := log.contains(ctx, "CREDENTIALS_DIRECTORY/HEALTHCHECKS"); err != nil {
		t.Errorf("after a key was added to the Secret: %v\n%s", err, log)
	}
	peak, most := peakMemory(t, daemon.Process.Pid), p.Spec.Containers[0].Resources.Limits[corev1.ResourceMemory]
	t.Logf("at most %d KiB of %s were used", peak>>10, most.String())
	if peak > most.Value()/2 {
		t.Errorf("%d bytes of %s were used: too near the limit", peak, most.String())
	}
	ends(t, daemon, p)
	if code := daemon.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it exits %d\n%s", code, log)
	}
}

// start starts homing as the image does.
func (c *container) start(t *testing.T, ctx context.Context, log *waiting) *exec.Cmd {
	t.Helper()
	daemon := c.command(ctx, c.args...)
	daemon.Stderr = log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	return daemon
}

// ends tells a daemon to end, as the kubelet does, and waits for as long.
func ends(t *testing.T, daemon *exec.Cmd, p Pod) {
	t.Helper()
	began := time.Now()
	_ = daemon.Process.Signal(syscall.SIGTERM)
	_ = daemon.Wait()
	grace := time.Duration(*p.Spec.TerminationGracePeriodSeconds) * time.Second
	if took := time.Since(began); took > grace || !daemon.ProcessState.Exited() {
		t.Errorf("it took %s to end, and the kubelet waits for %s: %s", took, grace, daemon.ProcessState)
	}
}

// succeeds asks as the kubelet does, until the answer is a good one.
func succeeds(ctx context.Context, probe *corev1.Probe) error {
	said := "nothing was asked"
	for again := time.NewTicker(100 * time.Millisecond); ; {
		resp, err := http.Get("http://127.0.0.1:8245" + probe.HTTPGet.Path)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			said = resp.Status
		} else {
			said = err.Error()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the probe of %s never succeeds: %s", probe.HTTPGet.Path, said)
		case <-again.C:
		}
	}
}

// peakMemory is the most memory a process has had, in bytes.
func peakMemory(t *testing.T, pid int) (peak int64) {
	t.Helper()
	for line := range strings.Lines(read(t, fmt.Sprintf("/proc/%d/status", pid))) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &peak); err == nil {
			return peak << 10
		}
	}
	t.Fatal("the system does not say how much memory was used")
	return 0
}

// waiting is a log that can be waited for.
type waiting struct {
	grown chan struct{} // holds one when there is more
	text  chan []byte   // holds the whole
}

func newWaiting() *waiting {
	w := &waiting{make(chan struct{}, 1), make(chan []byte, 1)}
	w.text <- nil
	return w
}

func (w *waiting) Write(p []byte) (int, error) {
	w.text <- append(<-w.text, p...)
	select {
	case w.grown <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (w *waiting) String() string {
	text := <-w.text
	w.text <- text
	return string(bytes.Clone(text))
}

func (w *waiting) contains(ctx context.Context, words string) error {
	return w.containsAfter(ctx, "", words)
}

func (w *waiting) containsAfter(ctx context.Context, first, words string) error {
	for {
		_, rest, ok := strings.Cut(w.String(), first)
		if ok && strings.Contains(rest, words) {
			return nil
		}
		select {
		case <-w.grown:
		case <-ctx.Done():
			return fmt.Errorf("it never says %q", words)
		}
	}
}
