//go:build image || size

package cli_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// image is a container image in a folder, as "buildah push dir:" leaves it.
type image struct {
	settings struct {
		User        string
		Env         []string
		Entrypoint  []string
		Cmd         []string
		Volumes     map[string]struct{}
		Healthcheck struct {
			Test                           []string
			Interval, Timeout, StartPeriod int64
		}
		Labels map[string]string
	}
	files       []*tar.Header
	size, small int64  // of its layers, uncompressed and with gzip
	root        string // where its files are
}

// unpack reads an image and lays its files out, with their owners.
func unpack(t *testing.T, folder string) *image {
	t.Helper()
	blob := func(digest string) []byte {
		return must(os.ReadFile(filepath.Join(folder, strings.TrimPrefix(digest, "sha256:"))))
	}
	var manifest struct {
		Config struct{ Digest string }
		Layers []struct{ Digest string }
	}
	decode(t, must(os.ReadFile(filepath.Join(folder, "manifest.json"))), &manifest)
	i := &image{root: t.TempDir()}
	if err := os.Chmod(i.root, 0o755); err != nil {
		t.Fatal(err)
	}
	var config struct{ Config any }
	config.Config = &i.settings
	decode(t, blob(manifest.Config.Digest), &config)
	for _, layer := range manifest.Layers {
		b := blob(layer.Digest)
		i.size += int64(len(b))
		i.small += int64(len(zipped(t, b)))
		for files := tar.NewReader(bytes.NewReader(b)); ; {
			h, err := files.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			i.files = append(i.files, h)
			i.lay(t, h, must(io.ReadAll(files)))
		}
	}
	return i
}

func decode(t *testing.T, b []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (i *image) lay(t *testing.T, h *tar.Header, content []byte) {
	t.Helper()
	path := filepath.Join(i.root, h.Name)
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		err = os.MkdirAll(path, 0o755)
	case tar.TypeSymlink:
		err = os.Symlink(h.Linkname, path)
	case tar.TypeReg:
		err = os.WriteFile(path, content, 0o644)
	default:
		t.Fatalf("%s is a file of kind %q", h.Name, h.Typeflag)
	}
	if err == nil {
		err = os.Lchown(path, h.Uid, h.Gid)
	}
	if err == nil && h.Typeflag != tar.TypeSymlink {
		err = os.Chmod(path, h.FileInfo().Mode())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// put adds what a person mounts: a file that everybody may read and run.
func (i *image) put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(i.root+path), 0o755), os.WriteFile(i.root+path, content, 0o755)); err != nil {
		t.Fatal(err)
	}
}

// container is how a runtime starts an image with --read-only, --cap-drop=ALL
// and --security-opt=no-new-privileges, as far as homing can tell: its files
// read-only, a /proc and /sys, the first process of its PID namespace, the
// user of the image. $1 is the root, $2 the user, $3 a folder for /state, or
// nothing. Capabilities go with the user.
const container = `set -e
root=$1 user=$2 state=$3
shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --bind /dev/null "$root/dev/null"
[ -z "$state" ] || mount --bind "$state" "$root/state"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" "$@"`

// run starts the image with this behind its name, and in its environment, with a
// token.
func (w *internet) run(i *image, state string, args []string, env ...string) *program {
	w.t.Helper()
	return w.runBare(i, state, args, append([]string{"CLOUDFLARE_API_TOKEN=" + goodToken}, env...)...)
}

// runBare is run without a token.
func (w *internet) runBare(i *image, state string, args []string, env ...string) *program {
	w.t.Helper()
	for _, path := range []string{"/etc/hosts", "/etc/resolv.conf"} { // they are the runtime's
		i.put(w.t, path, must(os.ReadFile(path)))
	}
	i.put(w.t, "/dev/null", nil)
	if err := errors.Join(os.MkdirAll(i.root+"/proc", 0o755), os.MkdirAll(i.root+"/sys", 0o755)); err != nil {
		w.t.Fatal(err)
	}
	p := &program{w: w, done: make(chan error, 1)}
	p.cmd = exec.Command("sh", slices.Concat([]string{"-c", container, "sh", i.root, i.settings.User, state}, i.settings.Entrypoint, args)...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	p.cmd.Env = slices.Concat(i.settings.Env, env)
	p.launch()
	return p
}

// inside runs the image's healthcheck as the runtime does: beside the first
// process, with the same environment. It gives the exit code.
func (w *internet) inside(i *image, p *program) int {
	w.t.Helper()
	user, group, _ := strings.Cut(i.settings.User, ":")
	check := i.settings.Healthcheck.Test[1:] // behind CMD
	args := []string{"--target", fmt.Sprint(p.cmd.Process.Pid), "--mount", "--pid", "--root", "--wd=/", "--setuid", user, "--setgid", group}
	c := exec.Command("nsenter", append(args, check...)...)
	c.Env = p.cmd.Env
	out, err := c.CombinedOutput()
	if exit, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		w.t.Fatalf("%v\n%s", err, out)
	} else if ended {
		return exit.ExitCode()
	}
	return 0
}
