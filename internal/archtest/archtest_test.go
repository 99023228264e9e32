package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/homing-dns/homing"

// allowed is the import table of docs/design/principles.md: who may import
// whom, beside the standard library. A package without a row may not exist.
func allowed() map[string][]string {
	const (
		yaml      = "go.yaml.in/yaml/v4"
		idna      = "golang.org/x/net/idna"
		messages  = "golang.org/x/net/dns/dnsmessage"
		routes    = "golang.org/x/net/route"
		cobra     = "github.com/spf13/cobra"
		pflag     = "github.com/spf13/pflag"
		terminal  = "golang.org/x/term"
		fsnotify  = "github.com/fsnotify/fsnotify"
		tint      = "github.com/lmittmann/tint"
		shoutrrr  = "github.com/nicholas-fedor/shoutrrr/" // and what lies below it
		systemd   = "github.com/coreos/go-systemd/v22/daemon"
		everybody = "*"
	)
	return map[string][]string{
		"internal/addr":                                   {},
		"internal/secret":                                 {},
		"internal/text":                                   {},
		"internal/scaletest":                              {},
		"internal/dns":                                    {idna},
		"internal/expr":                                   {"dns", "addr"},
		"internal/schedule":                               {},
		"internal/httpx":                                  {"secret", "text"},
		"internal/httpx/httpxtest":                        {"httpx"},
		"internal/plan":                                   {"dns", "addr", "expr", "text"},
		"internal/resolve":                                {"addr", "dns", "httpx", messages},
		"internal/router":                                 {"httpx"},
		"internal/detect":                                 {"addr", "httpx", "resolve", "router", "text", routes},
		"internal/provider":                               {"dns", "plan", "text"},
		"internal/provider/rest":                          {"provider", "dns", "plan", "httpx", "secret", "text"},
		"internal/provider/cloudflare":                    {"provider", "provider/rest", "dns", "plan", "httpx", "secret", "text"},
		"internal/provider/powerdns":                      {"provider", "provider/rest", "dns", "plan", "httpx", "secret", "text"},
		"internal/provider/powerdns/pdnstest":             {},
		"internal/provider/azure":                         {"provider", "provider/rest", "dns", "plan", "httpx", "secret", "text"},
		"internal/provider/azure/azuretest":               {"provider/rest/resttest"},
		"internal/provider/google":                        {"provider", "provider/rest", "dns", "plan", "httpx", "secret", "text"},
		"internal/provider/google/googletest":             {},
		"internal/provider/hetzner":                       {"provider", "provider/rest", "dns", "plan", "secret", "text"},
		"internal/provider/hetzner/hetznertest":           {"provider/rest/resttest"},
		"internal/provider/desec":                         {"provider", "provider/rest", "dns", "plan", "secret", "text"},
		"internal/provider/desec/desectest":               {"provider/rest/resttest"},
		"internal/provider/porkbun":                       {"provider", "provider/rest", "dns", "plan", "secret", "text"},
		"internal/provider/porkbun/porkbuntest":           {"provider/rest/resttest", "dns"},
		"internal/provider/gandi":                         {"provider", "provider/rest", "dns", "plan", "secret", "text"},
		"internal/provider/gandi/ganditest":               {"provider/rest/resttest"},
		"internal/provider/rest/resttest":                 {"dns", "httpx"},
		"internal/provider/digitalocean":                  {"provider", "provider/rest", "dns", "plan", "secret", "text"},
		"internal/provider/digitalocean/digitaloceantest": {"provider/rest/resttest"},
		"internal/provider/route53":                       {"provider", "provider/rest", "dns", "plan", "httpx", "secret", "text"},
		"internal/provider/route53/route53test":           {},
		"internal/provider/rfc2136":                       {"provider", "dns", "plan", "httpx", "secret", "text", messages},
		"internal/provider/dyndns2":                       {"provider", "provider/rest", "dns", "plan", "httpx", "resolve", "secret", "text"},
		"internal/provider/dyndns2/dyntest":               {messages},
		"internal/provider/program":                       {"provider", "provider/rest", "dns", "plan", "secret", "text"},
		"internal/provider/trial":                         {"provider", "provider/rest", "dns", "plan"},
		"internal/provider/memory":                        {"provider", "dns", "plan", "text"},
		"internal/provider/hostbench":                     {"provider", "dns", "addr", "plan", "detect", "engine", "schedule", "status"},
		"internal/provider/union":                         {"provider", "dns", "plan", "text"},
		"internal/provider/providertest":                  {"provider", "dns", "addr", "plan", "scaletest", "text"},
		"internal/status":                                 {"dns", "addr", "plan", "text"},
		"internal/engine":                                 {"dns", "addr", "plan", "detect", "provider", "status", "schedule", "text"},
		"internal/notify":                                 {"status", "httpx", "secret", "text", shoutrrr},
		"internal/web":                                    {"dns", "addr", "plan", "status", "secret", "text"},
		"internal/web/webtest":                            {"dns", "addr", "plan", "status", "text"},
		"internal/web/webtest/serve":                      {"addr", "status", "secret", "web", "web/webtest"},
		"internal/config":                                 {"dns", "addr", "plan", "schedule", "expr", "secret", "text", yaml},
		"internal/config/dialect":                         {"config", "dns", "plan", "secret", "text"},
		"internal/sim":                                    {"dns", "addr", messages},
		"internal/archtest":                               {},
		"internal/year": {"addr", "detect", "dns", "engine", "httpx", "plan", "provider", "provider/cloudflare", "provider/dyndns2", "provider/dyndns2/dyntest",
			"provider/memory", "router", "schedule", "secret", "sim", "status", messages},
		"internal/app":    {everybody, tint},
		"internal/daemon": {"addr", "app", "config", "engine", "notify", "provider", "schedule", "secret", "status", "text", "web", fsnotify, systemd},
		"internal/cli": {"addr", "app", "config", "config/dialect", "daemon", "detect", "engine", "httpx", "notify", "plan", "provider", "provider/trial", "secret",
			"sim", "status", "text", cobra, pflag, terminal},
		".": {"cli"},
	}
}

// pure packages decide with values: they reach for nothing around them.
func pure() map[string][]string {
	forbidden := []string{"os", "net/http", "log/slog", "log", "math/rand", "math/rand/v2", "crypto/rand"}
	return map[string][]string{
		"internal/addr": forbidden, "internal/dns": forbidden, "internal/expr": forbidden,
		"internal/schedule": forbidden, "internal/plan": forbidden, "internal/text": forbidden,
	}
}

// source is one Go file that is not a test.
type source struct {
	folder string
	path   string
	file   *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d files were found: the walk is broken", len(all))
	}
	return all
}

// parsed is every source of the module; they are read once for all tests.
var parsed = sync.OnceValues(func() (out []source, err error) {
	root := filepath.Join("..", "..")
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (rel == "tools" || rel == "companion" || rel == "dist" || rel != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		out = append(out, source{filepath.ToSlash(filepath.Dir(rel)), rel, f})
		return err
	})
	return out, err
})

func imports(s source) []string {
	var out []string
	for _, i := range s.file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		out = append(out, path)
	}
	return out
}

func TestEveryImportIsInTheTable(t *testing.T) {
	table := allowed()
	for _, s := range sources(t) {
		row, ok := table[s.folder]
		if !ok {
			t.Errorf("%s: the package %s has no row in the import table", s.path, s.folder)
			continue
		}
		for _, path := range imports(s) {
			if !permitted(row, path) {
				t.Errorf("%s: %s may not import %s", s.path, s.folder, path)
			}
		}
	}
}

func permitted(row []string, path string) bool {
	if own, ok := strings.CutPrefix(path, module+"/internal/"); ok {
		return slices.Contains(row, own) || slices.Contains(row, "*")
	}
	standard := !strings.Contains(strings.Split(path, "/")[0], ".")
	return standard || slices.ContainsFunc(row, func(r string) bool {
		return path == r || strings.HasSuffix(r, "/") && strings.HasPrefix(path, r)
	})
}

// What happened is a value: whoever logs or sends it is elsewhere.
func TestWhatHappenedIsNeitherLoggedNorSentWhereItIsWorkedOut(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range imports(s) {
			if s.folder == "internal/status" && slices.Contains([]string{"log", "log/slog", "net", "net/http"}, i) {
				t.Errorf("%s imports %s", s.path, i)
			}
		}
	}
}

// What is simulated stays out of the program, but for the demo, which lives in
// package sim.
func TestNoPartOfTheProgramImportsTheSimulatedYear(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range imports(s) {
			for _, tests := range []string{"year", "provider/memory", "provider/providertest"} {
				if i == module+"/internal/"+tests && s.folder != "internal/year" {
					t.Errorf("%s imports %s", s.path, i)
				}
			}
			if i == module+"/internal/sim" && s.folder != "internal/year" && s.folder != "internal/cli" {
				t.Errorf("%s imports %s", s.path, i)
			}
		}
	}
}

func TestPurePackagesReachForNothing(t *testing.T) {
	for _, s := range sources(t) {
		forbidden := pure()[s.folder]
		for _, path := range imports(s) {
			if slices.Contains(forbidden, path) {
				t.Errorf("%s: a pure package imports %s", s.path, path)
			}
		}
		if forbidden == nil {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" &&
				slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "NewTimer", "NewTicker", "Tick", "AfterFunc"}, sel.Sel.Name) {
				t.Errorf("%s: a pure package reads the clock: time.%s", s.path, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestOnlyConfigAppAndCLIReadTheEnvironment(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains([]string{"internal/app", "internal/cli", "internal/config"}, s.folder) || s.path == "internal/daemon/systemd.go" {
			continue // systemd says by a variable where it hears
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" &&
				slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, sel.Sel.Name) {
				t.Errorf("%s: reads the environment", s.path)
			}
			return true
		})
	}
}

func TestEachPackageHasOneComment(t *testing.T) {
	comments := map[string][]string{}
	folders := map[string]bool{}
	for _, s := range sources(t) {
		folders[s.folder] = true
		if s.file.Doc != nil {
			comments[s.folder] = append(comments[s.folder], s.path)
		}
	}
	for f := range folders {
		if len(comments[f]) != 1 {
			t.Errorf("%s: the package comment stands in %v, want exactly one file", f, comments[f])
		}
	}
}

func TestNothingRunsAtInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: has an init function", s.path)
			}
		}
	}
}

// What a DNS host calls things, where its API is and how a credential of it is
// set stands in its package and in its row in internal/app.
func TestOnlyItsRowKnowsAHost(t *testing.T) {
	for _, s := range sources(t) {
		if !slices.Contains([]string{"internal/config", "internal/daemon", "internal/engine", "internal/plan", "internal/status", "internal/notify", "internal/web"}, s.folder) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			for _, theirs := range []string{"CLOUDFLARE_", "api.cloudflare", "dash.cloudflare", "client/v4"} {
				if ok && strings.Contains(text.Value, theirs) {
					t.Errorf("%s: says %s", s.path, theirs)
				}
			}
			return true
		})
	}
}

// What a package has a library for stands in one file, or in few.
func TestLibrariesStandWhereTheyBelong(t *testing.T) {
	for path, files := range map[string][]string{
		"github.com/coreos/go-systemd/v22/daemon": {"internal/daemon/systemd.go"}, // it reads NOTIFY_SOCKET
		"github.com/fsnotify/fsnotify":            {"internal/daemon/folders_other.go"},
		"github.com/lmittmann/tint":               {"internal/app/log.go"},
	} {
		for _, s := range sources(t) {
			if slices.Contains(imports(s), path) && !slices.Contains(files, filepath.ToSlash(s.path)) {
				t.Errorf("%s: imports %s", s.path, path)
			}
		}
	}
}
