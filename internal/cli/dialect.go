package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config/dialect"
)

// recognise reads the settings and arguments as one of the programs homing
// replaces would, if they are such a program's.
func (env *Env) recognise(own grammar) error {
	if len(env.Args) > 0 && env.Args[0] == "migrate" {
		return nil // which reads them itself
	}
	in := env.foreign(own)
	in.Args = env.Args
	reading, err := dialect.Read(in)
	if err == nil { // at a reload the one before stays in force otherwise
		env.settings.Reading = reading
	}
	return err
}

// foreign is the world a predecessor's settings are read from.
func (env *Env) foreign(own grammar) *dialect.Input {
	return &dialect.Input{Input: *env.settings.Input(), Environ: os.Environ(), Service: app.KnownService, Commands: own.commands, Valued: own.valued}
}

// grammar is what homing's own command line consists of.
type grammar struct{ commands, valued []string }

func grammarOf(root *cobra.Command) grammar {
	g := grammar{commands: []string{"help", "completion"}, valued: valued(root.PersistentFlags())}
	for _, c := range root.Commands() {
		g.commands = append(g.commands, c.Name())
		g.valued = append(g.valued, valued(c.Flags())...)
	}
	return g
}

// valued are the flags whose value is the next argument.
func valued(flags *pflag.FlagSet) (names []string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.NoOptDefVal == "" {
			names = append(names, "--"+f.Name)
		}
	})
	return names
}

// args are the arguments that are left for homing's own command line.
func (env *Env) args() []string {
	r := env.settings.Reading
	switch {
	case r == nil && len(env.Args) > 0 && env.Args[0] == "migrate":
		rest, theirs := dialect.Apart(env.Args)
		return append(append(rest, "--"), theirs...)
	case r == nil:
		return preview(env.Args)
	case r.DryRun && (len(r.Args) == 0 || strings.HasPrefix(r.Args[0], "-")):
		return append([]string{"plan"}, r.Args...)
	}
	return r.Args
}

// preview is the arguments of homing plan where they have --dry-run, which is how
// timothymiller/cloudflare-ddns has it, in an environment that both understand.
func preview(args []string) []string {
	i := slices.Index(args, "--dry-run")
	if i < 0 || slices.Contains(args[:i], "--") {
		return args
	}
	rest := slices.Concat(args[:i], args[i+1:])
	switch {
	case len(rest) == 0 || strings.HasPrefix(rest[0], "-"):
		return append([]string{"plan"}, rest...)
	case rest[0] == "run" || rest[0] == "once":
		rest[0] = "plan"
		return rest
	}
	return args // which refuses it
}

func migrateCommand(env *Env) *cobra.Command {
	var from string
	var repeat bool
	c := &cobra.Command{
		Use:   "migrate [--from NAME] [--repeat] [FILE]",
		Short: "Convert another updater's settings to a homing.yaml and print it",
		Long: `Convert another updater's settings to a homing.yaml and print it.

It reads the environment, or FILE: raindrop's credentials, a config.json of
timothymiller/cloudflare-ddns, or an env file of any of them. Dynflare's flags
work as they are:

    homing migrate -r cloudflare:example.org:A:home

FILE may also belong to an updater for many hosts: ddclient.conf, inadyn.conf,
.ddns_go_config.yaml, or a config.json of qdm12/ddns-updater. What homing cannot
convert is listed name by name, on standard error and in comments.

If the exit code is 0, the output was loaded again and is valid.`,
		RunE: func(c *cobra.Command, args []string) error {
			in := env.foreign(grammarOf(c.Root()))
			in.Catalogue = app.CatalogueElsewhere()
			if in.Args = args; repeat {
				in.Args = append([]string{"--repeat"}, args...)
			}
			written, left, err := dialect.Arrive(in, from)
			if err != nil {
				return err
			}
			for _, line := range left {
				if _, err := fmt.Fprintln(env.Stderr, "not taken over: "+line); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(env.Stdout, "%s", written)
			return err
		},
	}
	c.Flags().StringVar(&from, "from", "", "which updater the settings are from, if homing cannot tell: dyncfdns, dynflare, raindrop, oznu, timothymiller, favonia, ddclient, inadyn, ddns-go or qdm12")
	c.Flags().BoolVar(&repeat, "repeat", false, "with a config.json: settings for a daemon that checks every ttl seconds")
	return c
}
