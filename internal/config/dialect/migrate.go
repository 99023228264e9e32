package dialect

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// Migrate writes the homing.yaml that means the same as a predecessor's
// configuration, or as variables that are homing's own. from is a name that
// HOMING_DIALECT takes; empty: the anchors tell.
//
// The only argument of in may be a file, which then stands for everything that
// is set: credentials, a config.json (with --repeat beside it for a daemon), or
// lines of NAME=value as Docker takes with --env-file.
//
// No secret is in what it writes; a comment says which variable takes its
// place. What it writes was loaded: the error is config.Problems, which are what
// cannot be written, or read, or taken.
func Migrate(in *Input, from string) ([]byte, error) {
	written, _, err := Arrive(in, from)
	return written, err
}

// Arrive is Migrate, also from the file of a program that homing is not started
// in the place of. left are the names and settings of that which are not in
// what is written, and why; a comment there says so too.
func Arrive(in *Input, from string) (written []byte, left []string, err error) {
	if no := in.noFile(); no != nil {
		return nil, nil, no
	}
	if n, path := in.arriving(from); n != nil {
		return in.arrive(n, path)
	}
	written, err = migrate(in, from)
	return written, nil, err
}

func migrate(in *Input, from string) ([]byte, error) {
	path := in.credentials()
	in, err := in.withFile()
	if err != nil {
		return nil, err
	}
	if from != "" {
		in = in.forced(from)
	}
	reading, err := Read(in)
	if problems, ok := errors.AsType[config.Problems](err); ok && from != "" {
		for i := range problems {
			if problems[i].Name == force {
				problems[i].Name = "--from"
			}
		}
	}
	if err != nil {
		return nil, err
	}
	if reading == nil {
		d := config.FromEnvironment(&in.Input)
		if len(d.Problems)+len(d.Entries) == 0 {
			return nil, nothing(path)
		}
		return loadable(&in.Input, d)
	}
	d := &reading.Draft
	d.Notices[0] = "the configuration of " + reading.Title + " as homing has it\n" + reading.precedence()
	reading.tellTheRest(d)
	for i := range d.Entries {
		if e := &d.Entries[i]; e.Note == "" && e.Origin.Name == reading.Title && e.Origin.File == "" {
			e.Note = "as " + reading.Title + " does it"
		}
	}
	return loadable(&in.Input, d)
}

// precedence says which of the two is read once d is written as homing.yaml.
func (r *Reading) precedence() string {
	if r.yields != "" {
		return "where this is the homing.yaml, " + r.yields + " is not read any more"
	}
	return "while " + r.Why + ", that is read and goes before this file"
}

// loadable is d as a homing.yaml, which was loaded to see that it means
// something. What is wrong is told in the words of d.
func loadable(in *config.Input, d *config.Draft) ([]byte, error) {
	_, err := config.Build(in, d)
	if err = elsewhere(err); err != nil {
		return nil, err
	}
	text, variables := config.Written(in.Catalogue, d)
	const name = "homing.yaml"
	read, then := in.ReadFile, *in
	then.ConfigPath, then.Getenv = name, func(v string) string { return variables[v] }
	then.ReadFile = func(path string) ([]byte, error) {
		switch {
		case path == name:
			return text, nil
		case read == nil:
			return nil, fs.ErrNotExist
		}
		return read(path)
	}
	_, err = config.Build(&then, config.FromFile(&then))
	if err = elsewhere(err); err != nil {
		return nil, fmt.Errorf("read what these settings would become: %w", err)
	}
	return text, nil
}

// elsewhere is what of err is wrong wherever the configuration is used.
func elsewhere(err error) error {
	if problems, ok := errors.AsType[config.Problems](err); ok {
		if problems = problems.Elsewhere(); len(problems) == 0 {
			return nil
		}
		return problems
	}
	if _, online := errors.AsType[*config.NeedZones](err); online {
		return nil
	}
	return err
}

// noFile is what is wrong with a word that can only be meant as a file, and is
// none.
func (in *Input) noFile() error {
	_, args := in.split()
	for i, a := range args {
		if strings.HasPrefix(a, "-") || in.isRecord(args, i) || in.namesFile(i) {
			continue
		}
		return config.Problems{{Origin: *originOf(a), Reason: "there is no such file",
			Hint: "check the path; homing migrate takes an env file, or a predecessor's JSON file"}}
	}
	return nil
}

// nothing says that there is nothing to be migrated: in a file, or where path
// is empty in the environment.
func nothing(path string) config.Problems {
	if path == "" {
		return config.Problems{{Origin: *originOf("the environment"), Reason: "none of the settings of homing or of its predecessors is in it",
			Hint: "name a file, such as homing migrate ./.env, or set the variables first"}}
	}
	return config.Problems{{Origin: *originOf(path), Reason: "none of the settings of homing or of its predecessors is in it",
		Hint: "give lines of NAME=value, as in an env file, or a predecessor's JSON file"}}
}

// tellTheRest adds what no homing.yaml can say.
func (r *Reading) tellTheRest(d *config.Draft) {
	if r.DryRun {
		d.Notice("nothing was to be written; for that start it as: homing plan")
	}
}

// forced is in with HOMING_DIALECT set.
func (in *Input) forced(name string) *Input {
	getenv, out := in.Getenv, *in
	out.Getenv = func(v string) string {
		if v == force {
			return name
		}
		if getenv == nil {
			return ""
		}
		return getenv(v)
	}
	return &out
}

// withFile is in without the variables that have nothing to do with the file
// that its argument names. Those of an env file are all there is then.
func (in *Input) withFile() (*Input, error) {
	path := in.credentials()
	if path == "" {
		return in, nil
	}
	data, err := in.read(path)
	if err != nil {
		reason, hint := in.Unreadable(path, err)
		return nil, config.Problems{{Origin: *originOf(path), Reason: reason, Hint: hint}}
	}
	out, environ, text := *in, in.Environ, strings.TrimPrefix(string(data), "\ufeff")
	if strings.HasSuffix(strings.ToLower(path), ".json") || strings.HasPrefix(strings.TrimSpace(text), "{") {
		environ = slices.DeleteFunc(slices.Clone(environ), func(e string) bool {
			return !strings.HasPrefix(e, "CF_DDNS_") && !strings.HasPrefix(e, "HOMING_") && !strings.HasPrefix(e, "CLOUDFLARE_BASE_URL=") && !strings.HasPrefix(e, "TZ=")
		})
	} else {
		out.Args, environ = nil, envFile(text)
		out.Input = *in.AsWritten()
	}
	out.Environ = environ
	out.Getenv = func(name string) string {
		for i := len(environ) - 1; i >= 0; i-- {
			if n, text, _ := strings.Cut(environ[i], "="); n == name {
				return text
			}
		}
		return ""
	}
	return &out, nil
}
