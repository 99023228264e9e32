package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/text"
)

func configCommand(env *Env) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check the settings, show them, or print their JSON Schema", Args: subcommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(
		&cobra.Command{
			Use:   "check [FILE]",
			Short: "Check that the settings are valid; nothing is sent",
			Long:  "Check that the settings are valid; nothing is sent.\n\nFILE is read instead of searching for a homing.yaml, as with --config.",
			Args:  cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				in := env.settings.Input()
				in.Strict = true
				cfg, err := config.Build(in, env.settings.Drafts(in)...)
				if unnamed, ok := errors.AsType[*config.NeedZones](err); ok {
					env.tell(unnamed.Notices)
					_, err = fmt.Fprintf(env.Stdout, "The settings are valid, as far as can be checked before asking %s for the names of %s.\n",
						hostsOf(unnamed), count(len(unnamed.Zones), "zone"))
					return err
				}
				if err != nil {
					env.tellBeside(err)
					return err
				}
				env.tell(cfg.Notices)
				_, err = fmt.Fprintf(env.Stdout, "The settings are valid: %s.\n", scope(cfg))
				return err
			},
		},
		&cobra.Command{
			Use:   "show [FILE]",
			Short: "Print the active settings as homing.yaml, without secrets, and where each comes from",
			Args:  cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				shown, err := config.Show(env.settings.Input(), env.settings.Drafts(env.settings.Input())...)
				if _, failed := env.Stdout.Write(shown); failed != nil {
					return failed
				}
				return err
			},
		},
		&cobra.Command{
			Use:   "schema",
			Short: "Print the JSON Schema of homing.yaml, for editors",
			Args:  cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				_, err := env.Stdout.Write(config.Schema(app.Catalogue()))
				return err
			},
		},
	)
	return c
}

// fileNamed is the arguments with the file that config check or config show is to look
// at behind --config. Only a name that ends as one of YAML does is one: any other is
// the file of a predecessor.
func fileNamed(args []string) []string {
	if len(args) < 3 || args[0] != "config" || args[1] != "check" && args[1] != "show" || slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--config") }) {
		return args
	}
	isYAML := func(a string) bool {
		return !strings.HasPrefix(a, "-") && (strings.HasSuffix(strings.ToLower(a), ".yaml") || strings.HasSuffix(strings.ToLower(a), ".yml"))
	}
	i := slices.IndexFunc(args, isYAML)
	if i < 0 || slices.ContainsFunc(args[i+1:], isYAML) {
		return args
	}
	return slices.Concat(args[:i], []string{"--config=" + args[i]}, args[i+1:])
}

// hostsOf are those that have to be asked for the names of zones.
func hostsOf(unnamed *config.NeedZones) string {
	var accounts []config.Account
	for _, z := range unnamed.Zones {
		accounts = append(accounts, z.Account)
	}
	return text.List(slices.Compact(app.HostNames(accounts...)), 0)
}

// subcommand refuses a word that is none of the commands below c; cobra does so
// for the first word only.
func subcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	c.SuggestionsMinimumDistance = 2 // as cobra has it for the first word
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "\n\nDid you mean this?\n\t" + strings.Join(near, "\n\t") + "\n"
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], c.CommandPath(), hint)
}

// tellBeside prints what a start would tell beside the problems that only a check
// finds; where there are others it would not come to that.
func (env *Env) tellBeside(found error) {
	in := env.settings.Input()
	cfg, err := config.Build(in, env.settings.Drafts(in)...)
	if err != nil {
		return
	}
	problems, _ := errors.AsType[config.Problems](found)
	env.tell(slices.DeleteFunc(cfg.Notices, func(n string) bool {
		return slices.ContainsFunc(problems, func(p *config.Problem) bool { return strings.HasPrefix(n, p.Name+": "+p.Reason) })
	}))
}

// tell prints what a person may have set without meaning it.
func (env *Env) tell(notices []string) {
	for _, n := range notices {
		fmt.Fprintf(env.Stdout, "! %s\n", plain(n))
	}
}

// settingsTopic is "homing help settings", which is written when somebody asks for it.
func settingsTopic() *cobra.Command {
	topic := &cobra.Command{Use: "settings", Short: "Every setting: its values and what it does"}
	topic.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.Long = config.Help(app.Catalogue())
		c.Root().HelpFunc()(c, args)
	})
	return topic
}

// scope is how much there is to keep true.
func scope(cfg *config.Config) string {
	lists := 0
	for _, a := range cfg.Accounts {
		lists += len(a.Spec.Lists)
	}
	switch names := count(len(cfg.Names()), "name"); {
	case lists == 0:
		return names
	case len(cfg.Names()) == 0:
		return count(lists, "list")
	default:
		return names + " and " + count(lists, "list")
	}
}
