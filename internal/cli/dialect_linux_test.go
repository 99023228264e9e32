//go:build check

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/homing-dns/homing/internal/sim"
)

// promised is where each example of a predecessor's documentation is said to
// bring the records; what is in brackets is not an address of the home. The
// examples are those of package dialect.
func promised() map[string][]string {
	home, server := "home.example.com A", "server.example.com A"
	apex := []string{"example.com A", "example.com AAAA"}
	return map[string][]string{
		"dyncfdns-compose":               {home, server},
		"dyncfdns-key":                   {home},
		"dyncfdns-readme":                {home, server},
		"dyncfdns-token-alone":           {home},
		"dynflare-article":               {"example-subdomain.example.com A"},
		"dynflare-article-token":         {"example-subdomain.example.com A"},
		"dynflare-records":               {"example.com A", "*.lab.example.net A"},
		"favonia-compose":                {"example.org A", "example.org AAAA", "www.example.org A", "example.io A", "example.io AAAA"},
		"favonia-ipv4-only":              {"example.org A"},
		"favonia-once":                   {"example.org A"},
		"oznu-compose":                   {"subdomain.example.com A"},
		"oznu-interface":                 {"vpn.example.com A [10.8.0.6]"}, // a VPN's address, which is private
		"oznu-parameters":                {"example.com AAAA"},
		"oznu-quick":                     {"subdomain.example.com A"},
		"oznu-secrets":                   {home},
		"raindrop":                       {home},
		"raindrop-plan":                  {home},
		"timothymiller-environment":      append(apex, "www.example.com A", "www.example.com AAAA"),
		"timothymiller-environment-full": {"example.com A [192.0.2.1 192.0.2.2]", "api.example.com A [192.0.2.1 192.0.2.2]"},
		"timothymiller-example":          append(apex, home, "home.example.com AAAA"),
		"timothymiller-python":           append(apex, "subdomain.example.com A", "subdomain.example.com AAAA"),
		"timothymiller-substitution":     {"home.lan.example.com A", "home2.example.com A", "example.com A"},
		"timothymiller-systemd":          {"example.com A", home},
		"timothymiller-zones":            {"example.com A [192.0.2.1]", "*.example.net A [192.0.2.1]", "x.example.net AAAA [2a02:8070:5::1]"},
	}
}

// Those programs only show what they would do, or need what is not here.
func onlyShown() []string {
	return []string{"dyncfdns-plan", "dynflare-list", "dynflare-readme", "timothymiller-argument", "timothymiller-environment-once"}
}

// Starting homing in the place of a predecessor is the whole migration.
func TestEveryExampleOfAPredecessorBringsItsRecordsHome(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.furnish()
		for name, records := range promised() {
			t.Run(name, func(t *testing.T) {
				x := w.example(t, name)
				for _, r := range records {
					w.stale(strings.Fields(r)[0])
				}
				arrived := func() bool {
					return !slices.ContainsFunc(records, func(r string) bool { return !w.holds(r) })
				}
				p := x.start()
				if x.once {
					if code := p.wait(); code != 0 {
						t.Errorf("exit code %d", code)
					}
				} else {
					w.until("the records of "+name+" point home", 20*time.Second, arrived)
				}
				for _, r := range records {
					if !w.holds(r) {
						t.Errorf("%s is not so; the zone holds %v", r, w.cloud.Contents(zoneOf(r), strings.Fields(r)[0]))
					}
				}
				if code, _ := p.end(syscall.SIGTERM); code != 0 && !x.once {
					t.Errorf("exit code %d", code)
				}
			})
		}
	})
}

// What is only shown is not done.
func TestExamplesThatOnlyShowChangeNothing(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.furnish()
		for _, name := range onlyShown() {
			w.stale("home.example.com")
			p := w.example(t, name).start()
			if code := p.wait(); code > 1 {
				t.Errorf("%s: exit code %d:\n%s", name, code, p.said())
			}
		}
		if n := len(w.cloud.Calls(sim.IsWrite)); n > 0 {
			t.Errorf("%d calls that write", n)
		}
	})
}

// furnish makes the accounts, zones and lines that the examples speak of.
func (w *internet) furnish() {
	w.point(cloud4, cloud6, echoes()...)
	for _, token := range []string{"a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0", "another"} {
		w.cloud.AddToken(sim.Token{Value: token})
	}
	for _, email := range []string{"me@example.com", "your-email@example.com"} {
		w.cloud.AddKey(email, "c2547eb745079dac9320b638f5e225cf483cc")
	}
	w.cloud.AddZone(sim.Zone{Name: "example.com", ID: "0123456789abcdef0123456789abcdef"})
	w.cloud.AddZone(sim.Zone{Name: "example.net", ID: "fedcba9876543210fedcba9876543210"})
	w.cloud.AddZone(sim.Zone{Name: "example.org"})
	w.cloud.AddZone(sim.Zone{Name: "example.io"})
	for name, at := range map[string]string{"tun0": "10.8.0.6/24", "eth0": "2a02:8070:5::1/64 nodad"} {
		ip(w.t, "link add "+name+" type veth peer name far-"+name)
		ip(w.t, "link set "+name+" up")
		ip(w.t, "link set far-"+name+" up")
		ip(w.t, "addr add "+at+" dev "+name)
	}
}

// stale gives a name the records of another place, and nothing else.
func (w *internet) stale(name string) {
	zone := zoneOf(name)
	for _, r := range w.cloud.Records(zone) {
		if r.Name == name {
			w.cloud.RemoveRecord(zone, r.ID)
		}
	}
	for _, content := range []string{"198.51.100.7", "2001:db8::7"} {
		r := sim.Address(name, content)
		r.Comment = "Managed by cloudflare-ddns" // as one of the examples owns them
		w.cloud.AddRecord(zone, r)
	}
}

// zoneOf is the zone of a record as promised writes it.
func zoneOf(record string) string {
	labels := strings.Split(strings.Fields(record)[0], ".")
	return strings.Join(labels[len(labels)-2:], ".")
}

// holds reports whether a promise is kept: exactly those addresses, of that type.
func (w *internet) holds(promise string) bool {
	words := strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(promise))
	name, typ, want := words[0], words[1], words[2:]
	if len(want) == 0 {
		want = []string{map[string]string{"A": home4, "AAAA": home6}[typ]}
	}
	var got []string
	for _, r := range w.cloud.Records(zoneOf(promise)) {
		if r.Name == name && r.Type == typ {
			got = append(got, r.Content)
		}
	}
	slices.Sort(got)
	return slices.Equal(got, want)
}

// example is a predecessor's configuration, on a disk and in an environment.
type example struct {
	w    *internet
	root string // what stands for / in its paths
	args []string
	env  []string
	once bool
}

func (w *internet) example(t *testing.T, name string) *example {
	t.Helper()
	archive, err := txtar.ParseFile("../config/dialect/testdata/examples/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	x := &example{w: w, root: t.TempDir()}
	for _, f := range archive.Files {
		switch text := string(f.Data); {
		case f.Name == "args":
			x.args = strings.Fields(text)
		case f.Name == "env":
			x.env = slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), func(e string) bool {
				return strings.HasPrefix(e, "CLOUDFLARE_BASE_URL=") || strings.HasPrefix(e, "CF_API=") // the API is at its own place here
			})
		case f.Name == "want.reading":
			x.once = strings.Contains(text, "\nonce\n")
		case strings.HasPrefix(f.Name, "want."):
		default:
			path := filepath.Join(x.root, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	x.once = x.once || slices.Contains(x.args, "once") || slices.ContainsFunc(x.env, func(e string) bool { return e == "UPDATE_CRON=@once" })
	for i := range x.args {
		x.args[i] = x.moved(x.args[i])
	}
	for i := range x.env {
		name, value, _ := strings.Cut(x.env[i], "=")
		x.env[i] = fmt.Sprintf("%s=%s", name, x.moved(value))
	}
	return x
}

// moved is a path as it is on this disk.
func (x *example) moved(path string) string {
	if strings.HasPrefix(path, "/") {
		return x.root + path
	}
	return path
}

func (x *example) start() *program {
	return x.w.startIn(x.root, x.args, x.env)
}

// Advice names the settings that are read, not homing's own.
func TestAdviceIsInTheWordsOfThePredecessor(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		p := w.startIn("/", []string{"once"}, []string{"HOST_LIST=missing.example.org", "CLOUDFLARE_API_TOKEN=" + goodToken, "API_PORT=0"})
		if code := p.wait(); code != 1 || !strings.Contains(p.said(), "let homing create missing ones with ALLOW_CREATE_HOSTS") || strings.Contains(p.said(), "HOMING_CREATE") {
			t.Errorf("exit code %d\n%s", code, p.said())
		}
	})
}
