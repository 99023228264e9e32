package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config/dialect"
)

func TestTheSetUpPageIsServedOnlyWhereNothingIsSetAndItCanBeKept(t *testing.T) {
	image, terminal := FirstStart{Image: true}, FirstStart{Terminal: true}
	for what, c := range map[string]struct {
		f    FirstStart
		with func(*FirstStart)
		want bool
	}{
		"in the image":              {image, func(*FirstStart) {}, true},
		"on a terminal":             {terminal, func(*FirstStart) {}, true},
		"both":                      {image, func(f *FirstStart) { f.Terminal = true }, true},
		"neither":                   {FirstStart{}, func(*FirstStart) {}, false},
		"not wanted":                {image, func(f *FirstStart) { f.Unwanted = true }, false},
		"flags":                     {terminal, func(f *FirstStart) { f.Flags = true }, false},
		"something is set":          {image, func(f *FirstStart) { f.Said = "DOMAINS" }, false},
		"under systemd":             {terminal, func(f *FirstStart) { f.Systemd = true }, false},
		"under systemd, the image":  {image, func(f *FirstStart) { f.Systemd = true }, false},
		"in Kubernetes":             {image, func(f *FirstStart) { f.Kubernetes = true }, false},
		"nothing can be kept":       {image, func(f *FirstStart) { f.Closed = errors.New("read-only") }, false},
		"on a terminal, not kept":   {terminal, func(f *FirstStart) { f.Closed = errors.New("full") }, false},
		"in Kubernetes, a terminal": {terminal, func(f *FirstStart) { f.Kubernetes = true }, false},
	} {
		c.with(&c.f)
		if got := c.f.Applies(); got != c.want {
			t.Errorf("%s: %t", what, got)
		}
	}
}

// What is looked at, in a world in which nothing else is.
func TestWhatIsSetAndWhereHomingRunsIsSeen(t *testing.T) {
	const inImage, own = "HOMING_CONTAINER=1 ", "SYSTEMD_EXEC_PID="
	pid := strconv.Itoa(os.Getpid())
	for _, c := range []struct {
		env      string // with blanks between
		terminal bool
		file     string // a file that is there, and what is in it
		want     bool
	}{
		{env: inImage, want: true},
		{terminal: true, want: true},
		{want: false},
		{env: inImage + "TZ=Europe/Berlin PATH=/bin LANG=C", want: true},
		{env: inImage + "DOMAINS=home.example.org"},
		{env: inImage + "DOMAIN=home.example.org"}, // DOMAINS, nearly
		{env: inImage + "HOMING_SOMETHING=1"},
		{env: inImage + "HOMING_LISTEN=off"},
		{env: inImage + "UPDATE_CRON=@once"},
		{env: inImage + "CLOUDFLARE_API_TOKEN_FILE=/run/secrets/token"},
		{env: inImage + "DOMAINS=", want: true}, // as Compose makes of ${DOMAINS:-}
		{env: inImage + "HOST_LIST=home.example.org"},
		{env: inImage + "API_KEY=x ZONE=example.org"},
		{env: inImage + "ZONE=example.org"},
		{env: inImage + "RECORDS=x"},
		{env: inImage + "REJECT_CLOUDFLARE_IPS=true"},
		{env: inImage + "HCLOUD_TOKEN=x"},
		{env: "AWS_PROFILE=work", terminal: true},
		{env: inImage + "HOMING_PORT=tcp://10.0.0.1:80", want: true}, // a service's, in a pod or by --link
		{env: inImage + "KUBERNETES_SERVICE_HOST=10.96.0.1"},
		{env: inImage + "NOTIFY_SOCKET=/run/systemd/notify"},
		{env: inImage + "INVOCATION_ID=ab"},
		{env: "INVOCATION_ID=ab", terminal: true},
		{env: "INVOCATION_ID=ab " + own + pid, terminal: true},
		{env: "INVOCATION_ID=ab " + own + "1", terminal: true, want: true}, // of the terminal's own service
		{env: "NOTIFY_SOCKET=/x INVOCATION_ID=ab " + own + "1", terminal: true},
		{env: inImage, file: "config/homing/homing.yaml"},
		{env: inImage, file: "state/homing.yaml"},
		{env: inImage, file: "state/history.jsonl", want: true},
		{env: "HOMING_STATE=/somewhere", terminal: true},
	} {
		folder := t.TempDir()
		env := map[string]string{"HOME": folder, "XDG_CONFIG_HOME": filepath.Join(folder, "config"), "STATE_DIRECTORY": filepath.Join(folder, "given")}
		if strings.Contains(c.env, "HOMING_CONTAINER") {
			env["HOMING_STATE"] = filepath.Join(folder, "state")
		}
		for pair := range strings.FieldsSeq(c.env) {
			name, text, _ := strings.Cut(pair, "=")
			env[name] = text
		}
		if c.file != "" {
			path := filepath.Join(folder, c.file)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("records: [home.example.org]\n"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		f := firstStart(t, env, c.terminal)
		if got := f.Applies(); got != c.want {
			t.Errorf("%q, on a terminal: %t, with %q: %t, %+v", c.env, c.terminal, c.file, got, f)
		}
		if got := f.Why(); got != "" && (f.Applies() || !f.Variable || !strings.HasPrefix(got, f.Said+" is set")) {
			t.Errorf("%q: %s", c.env, got)
		}
	}
}

func TestTheSetUpPageIsNotServedWhereNothingCanBeWritten(t *testing.T) {
	folder := t.TempDir()
	inTheWay := filepath.Join(folder, "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f := firstStart(t, map[string]string{"HOMING_CONTAINER": "1", "HOMING_STATE": filepath.Join(inTheWay, "state")}, false); f.Applies() || f.Closed == nil || !strings.Contains(f.Why(), "kept in "+inTheWay) {
		t.Errorf("%+v: %s", f, f.Why())
	}
	open := filepath.Join(folder, "open")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o777)); err != nil {
		t.Fatal(err)
	}
	if f := firstStart(t, map[string]string{"HOMING_CONTAINER": "1", "HOMING_STATE": open}, false); f.Applies() || f.Closed == nil {
		t.Errorf("a folder that everybody may write into: %+v", f)
	}
}

func firstStart(t *testing.T, env map[string]string, terminal bool) FirstStart {
	t.Helper()
	t.Chdir(t.TempDir())
	s := &Settings{Getenv: func(name string) string { return env[name] }, Stat: func(path string) (fs.FileInfo, error) {
		if strings.HasPrefix(path, "/etc/homing/") || strings.HasPrefix(path, "/config/") { // of this machine
			return nil, fs.ErrNotExist
		}
		return os.Stat(path)
	}}
	in := &dialect.Input{Input: *s.Input()}
	for name, text := range env {
		in.Environ = append(in.Environ, name+"="+text)
	}
	in.Input.Environ = in.Environ
	return s.FirstStart(in, terminal, false, false)
}
