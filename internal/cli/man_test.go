package cli

import (
	"bytes"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
)

var update = flag.Bool("update", false, "write the man pages anew")

// The man pages are made of the texts of "homing help" and of the table of
// settings; go test -update writes them anew.
func TestTheManPagesSayWhatHelpSays(t *testing.T) {
	for path, got := range map[string]string{"../../docs/man/homing.1": manHoming(), "../../docs/man/homing.yaml.5": manSettings()} {
		committed, err := os.ReadFile(path)
		if err != nil && !*update {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(undated(string(committed)), got); diff != "" && *update {
			if err := os.WriteFile(path, []byte(dated(got)), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if diff != "" {
			t.Errorf("%s (go test ./internal/cli -update writes it anew): %s", path, diff)
		}
	}
}

// The date of a page is when it was last written anew; it makes no difference.
func undated(page string) string {
	return regexp.MustCompile(`(?m)^(\.TH \S+ \d) \S+`).ReplaceAllString(page, `$1 ""`)
}

func dated(page string) string {
	return strings.Replace(page, ` ""`, time.Now().UTC().Format(" 2006-01-02"), 1)
}

func manHoming() string {
	env := &Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, settings: new(app.Settings)}
	root := newRoot(env)
	root.InitDefaultCompletionCmd("homing") // or it has none before it is executed
	r := new(roff)
	r.title("homing", 1)
	r.section("Name")
	r.WriteString("homing \\- " + strings.TrimPrefix(root.Short, "homing ") + "\n")
	r.section("Synopsis")
	r.WriteString(".B homing\n[\\fIcommand\\fR] [\\fIflags\\fR]\n")
	r.section("Description")
	r.prose(root.Long)
	r.section("Commands")
	r.commands(root)
	r.section("Options")
	r.flags(root.PersistentFlags())
	r.section("Exit status")
	for _, c := range exitCodes() {
		r.term(c[0], c[1])
	}
	r.section("Files")
	r.term("/etc/homing/homing.yaml", "The settings; `homing.yaml`(5) says where else they are looked for.")
	r.term("/var/lib/homing", "The history and the token of the page, where homing runs as a service of the system.")
	r.section("See also")
	r.WriteString(".BR homing.yaml (5)\n")
	return r.page()
}

func exitCodes() [][2]string {
	return [][2]string{
		{"0", "Done."},
		{"1", "Something failed or is not known."},
		{"2", "The command line or the settings are wrong. Nothing was sent anywhere."},
		{"3", "Something would change (homing plan --exit-code)."},
	}
}

// commands are those below c, with their flags, and those below them.
func (r *roff) commands(c *cobra.Command) {
	for _, sub := range c.Commands() {
		switch {
		case sub.Name() == "help", sub.Name() == "settings": // the other page is this one
			continue
		case sub.Name() == "completion":
			r.term("homing completion bash|fish|powershell|zsh", sub.Short+".")
			continue
		case sub.HasSubCommands():
			r.commands(sub)
			continue
		}
		r.term(strings.TrimSuffix(sub.UseLine(), " [flags]"), sub.Short+".")
		r.WriteString(".RS\n")
		if _, rest, more := strings.Cut(sub.Long, "\n\n"); more { // it begins with what Short says
			r.prose(rest)
		}
		r.flags(sub.LocalNonPersistentFlags())
		r.WriteString(".RE\n")
	}
}

func (r *roff) flags(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		term := "--" + f.Name
		if f.Shorthand != "" {
			term = "-" + f.Shorthand + ", " + term
		}
		if value != "" {
			term += " " + value
			if f.DefValue != "" {
				usage += "; unless it is set: " + f.DefValue
			}
		}
		r.term(term, strings.ToUpper(usage[:1])+usage[1:]+".")
	})
}

func manSettings() string {
	r := new(roff)
	r.title("homing.yaml", 5)
	r.section("Name")
	r.WriteString("homing.yaml \\- the settings of homing\n")
	r.section("Description")
	first, _, _ := strings.Cut(config.Help(app.Catalogue()), "\n")
	r.prose(first)
	head, _, _ := bytes.Cut(config.Markdown(app.Catalogue()), []byte("\n## accounts"))
	_, text, _ := strings.Cut(string(head), "anew.\n") // what is said before is about that document
	text, _, _ = strings.Cut(text, "\nSchema for editors")
	for i, part := range strings.Split(text, "\n## ") {
		if i > 0 {
			title, rest, _ := strings.Cut(part, "\n")
			r.section(title)
			part = rest
		}
		r.prose(part)
	}
	section := ""
	for _, s := range config.Settings(app.Catalogue()) {
		if now, _, _ := strings.Cut(s.Path, "."); now != section {
			section = now
			r.section(section)
		}
		r.setting(s)
	}
	r.section("Sources")
	list := "What `detect.ipv4.sources` and `detect.ipv6.sources` may have:\n"
	for _, s := range app.Catalogue().Sources {
		list += "\n    " + s.Form
	}
	r.prose(list)
	r.section("See also")
	r.WriteString(".BR homing (1)\n")
	return r.page()
}

func (r *roff) setting(s config.Setting) {
	names := s.Path
	if s.File {
		names += ", " + s.Path + "_file"
	}
	if env := s.Variable(); env != "" {
		names += "  (" + env
		if s.File {
			names += ", " + env + "_FILE"
		}
		names += ")"
	}
	value := s.Type
	if s.Default != "" {
		value += "; unless it is set: " + s.Default
	}
	r.term(names, s.Doc+" ("+value+")")
}
