package dialect

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/expr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/secret"
)

var update = flag.Bool("update", false, "write the files that tests compare with")

// world is what a configuration is read from: variables, arguments and files.
type world struct {
	env   map[string]string
	args  []string
	files map[string]string // by path; one whose path ends in a slash is a folder
}

func (w world) input() *Input {
	var environ []string
	for name, text := range w.env {
		environ = append(environ, name+"="+text)
	}
	slices.Sort(environ)
	return &Input{
		Input: config.Input{
			Catalogue: catalogue(),
			Getenv:    func(name string) string { return w.env[name] },
			ReadFile:  w.read,
			Stat:      w.stat,
			Now:       time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
			User:      "uid 1000",
			ZoneNames: map[string]string{
				"0123456789abcdef0123456789abcdef": "example.com",
				"fedcba9876543210fedcba9876543210": "example.net",
			},
		},
		Args: w.args, Environ: environ,
		Commands: []string{"run", "once", "plan", "detect", "doctor", "config", "migrate", "clear", "status", "sync", "healthcheck", "demo", "version", "help"},
		Valued:   []string{"--config", "--from"},
	}
}

const unreadable = "(unreadable)"

func (w world) read(path string) ([]byte, error) {
	switch text, ok := w.files[filepath.Clean(path)]; {
	case !ok:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	case strings.TrimSpace(text) == unreadable:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	default:
		return []byte(text), nil
	}
}

func (w world) stat(path string) (fs.FileInfo, error) {
	path = filepath.Clean(path)
	if _, ok := w.files[path]; ok {
		return info{0}, nil
	}
	for file := range w.files {
		if strings.HasPrefix(file, path+"/") {
			return info{fs.ModeDir}, nil
		}
	}
	return nil, &fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}
}

type info struct{ mode fs.FileMode }

func (i info) Name() string       { return "" }
func (i info) Size() int64        { return 0 }
func (i info) Mode() fs.FileMode  { return i.mode | 0o640 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// catalogue has every source homing has, as far as the configuration asks.
func catalogue() *config.Catalogue {
	c := &config.Catalogue{
		Hosts:     []*config.HostKind{testHost()},
		CheckBind: func(string) error { return nil },
	}
	for word, operator := range map[string]string{
		"cloudflare.trace": "cloudflare.com", "cloudflare.doh": "cloudflare.com", "cloudflare.dns": "cloudflare.com", "icanhazip": "cloudflare.com",
		"opendns": "opendns.com", "google.dns": "google.com", "stun": "cloudflare.com", "akamai.dns": "akamai.com", "ipify": "ipify.org", "ifconfig.co": "ifconfig.co",
		"ident.me": "ident.me", "ipinfo": "ipinfo.io", "aws": "amazonaws.com", "myip.com": "myip.com", "seeip": "seeip.org",
		"url": "", "url.via4": "", "url.via6": "", "local": "", "router": "router", "local.iface": "", "local.iface.stable": "", "local.iface.first": "", "file": "", "exec": "",
		"static": "", "literal": "", "static.empty": "",
	} {
		c.Sources = append(c.Sources, config.SourceKind{Word: word, Form: word, Check: func(f addr.Family, arg string, _ bool) (addr.Voter, error) {
			switch {
			case operator != "" && arg != "":
				return addr.Voter{}, errors.New("it takes nothing behind its name")
			case word == "aws" && f == addr.IPv6:
				return addr.Voter{}, errors.New("aws answers over IPv4 only")
			case word == "static" || word == "literal":
				for s := range strings.SplitSeq(arg, ",") {
					if a, err := netip.ParseAddr(s); err != nil || !f.Holds(a) {
						return addr.Voter{}, fmt.Errorf("%q is no %v address", s, f)
					}
				}
			}
			return addr.Voter{Source: word, Operator: cmp.Or(operator, word), Authenticated: true}, nil
		}})
	}
	slices.SortFunc(c.Sources, func(a, b config.SourceKind) int { return strings.Compare(a.Word, b.Word) })
	return c
}

// build makes the Config of a world, whoever's it is.
func build(in *Input) (*Reading, *config.Config, error) {
	r, err := Read(in)
	if err != nil {
		return nil, nil, err
	}
	d := config.FromEnvironment(&in.Input)
	if r != nil {
		d = &r.Draft
	}
	cfg, err := config.Build(&in.Input, d)
	return r, cfg, err
}

// worldOf reads a world from an archive: env, args, and files whose names have
// a dot or a slash. What has "want" in front is compared with.
func worldOf(t *testing.T, archive *txtar.Archive) world {
	t.Helper()
	w := world{env: map[string]string{}, files: map[string]string{}}
	for _, f := range archive.Files {
		switch {
		case f.Name == "env":
			for line := range strings.Lines(string(f.Data)) {
				name, text, _ := strings.Cut(strings.TrimRight(line, "\n"), "=")
				w.env[name] = text
			}
		case f.Name == "args":
			for line := range strings.Lines(string(f.Data)) {
				w.args = append(w.args, strings.TrimRight(line, "\n"))
			}
		case !strings.HasPrefix(f.Name, "want"):
			w.files[filepath.Clean(f.Name)] = string(f.Data)
		}
	}
	return w
}

// golden compares a part of an archive; with -update it is written.
func golden(t *testing.T, path string, archive *txtar.Archive, part, got string) {
	t.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == part })
	if *update {
		if i < 0 {
			archive.Files = append(archive.Files, txtar.File{Name: part})
			i = len(archive.Files) - 1
		}
		archive.Files[i].Data = []byte(got)
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if i < 0 || string(archive.Files[i].Data) != got {
		t.Errorf("%s is now\n%s", part, got)
	}
}

// archives runs a test for each archive of a folder.
func archives(t *testing.T, folder string, least int, test func(t *testing.T, path string, archive *txtar.Archive)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) < least {
		t.Fatalf("%d files in testdata/%s, %v", len(paths), folder, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			test(t, path, archive)
		})
	}
}

// same compares two Configs in all that has an effect.
func same(a, b *config.Config) string {
	clear := func(c *config.Config) config.Config {
		out := *c
		out.Words, out.Notices, out.Doubts, out.Files = nil, nil, nil, nil
		return out
	}
	return gocmp.Diff(clear(a), clear(b),
		gocmp.Comparer(func(a, b secret.String) bool { return a.Reveal() == b.Reveal() }),
		gocmp.Comparer(func(a, b schedule.Schedule) bool { return a.String() == b.String() }),
		gocmp.Comparer(func(a, b expr.Addrs) bool { return a.String() == b.String() }),
		gocmp.Comparer(func(a, b addr.Rule) bool { return a == b }),
		gocmp.Comparer(func(a, b plan.HostID) bool { return a.String() == b.String() }),
		gocmp.Comparer(func(a, b dns.Name) bool { return a == b }),
		gocmp.Comparer(func(a, b plan.Template) bool { return a == b }),
		gocmp.Comparer(func(a, b *regexp.Regexp) bool {
			return (a == nil) == (b == nil) && (a == nil || a.String() == b.String())
		}),
		gocmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }))
}

// secretsOf are the variables that a migrated configuration takes its secrets
// from.
func secretsOf(c *config.Config) map[string]string {
	env := map[string]string{"HOMING_TOKEN": c.Serve.Token.Reveal()}
	for _, a := range c.Accounts {
		suffix := ""
		if a.Name != "" && a.Name != "default" {
			suffix = "_" + strings.ToUpper(a.Name)
		}
		env["CLOUDFLARE_API_TOKEN"+suffix] = a.Text("token")
		env["CLOUDFLARE_API_KEY"+suffix] = a.Text("key")
	}
	maps.DeleteFunc(env, func(_, text string) bool { return text == "" })
	return env
}
