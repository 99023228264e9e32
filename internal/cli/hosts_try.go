package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/trial"
)

// byProgram is the word of accounts whose records a program keeps.
const byProgram = "exec"

func hostsTestCommand(env *Env) *cobra.Command {
	var account, zone string
	c := &cobra.Command{
		Use:   "test",
		Short: "Try a program of yours (provider: exec) on a real zone",
		Long: `Try a program of yours (provider: exec) on a real zone.

It makes, changes and deletes records below ` + trial.Label + ` of the zone and nowhere else,
looks each time at what stands there then, and deletes them at the end.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := env.settings.Build(c.Context(), config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			return env.tryHost(c.Context(), a, account, zone)
		},
	}
	c.Flags().StringVar(&account, "account", "", "the account, where several have a program")
	c.Flags().StringVar(&zone, "zone", "", "the zone, where the account has several; else the first")
	return c
}

// tryHost tries the program of an account, and prints what it keeps of its promises.
func (env *Env) tryHost(ctx context.Context, a *app.App, account, zone string) error {
	name, p, err := accountToTry(a, account)
	if err != nil {
		return err
	}
	z, err := zoneToTry(ctx, a, p, zone)
	if err != nil {
		return err
	}
	paint := painter(env, env.Stdout)
	fmt.Fprintf(env.Stdout, "%s: names below %s.%s\n", plain(cmp.Or(name, config.DefaultAccount)), trial.Label, plain(z.Name.Describe()))
	kept, err := trial.Run(ctx, p, z, func(s trial.Step) {
		if s.Err == nil {
			fmt.Fprintf(env.Stdout, "%s %s\n", paint.green("✓"), s.Promise)
			return
		}
		fmt.Fprintf(env.Stdout, "%s %s\n    %s\n", paint.red("✗"), s.Promise, plain(s.Err.Error()))
	})
	switch {
	case err != nil:
		return err
	case !kept:
		fmt.Fprintln(env.Stdout, "\nThe program does not keep what it has to: docs/hosts/exec.md.")
		return exitCode(exitFailed)
	}
	fmt.Fprintln(env.Stdout, "\nThe program keeps all of it.")
	return nil
}

// accountToTry is the account with a program of this name, or the only one.
func accountToTry(a *app.App, account string) (string, provider.Provider, error) {
	var words []string // accounts with a program
	for _, c := range a.Config.Accounts {
		for _, m := range append(slices.Clip(c.Among), c) {
			if m.Provider == byProgram && (account == "" || account == cmp.Or(m.Name, config.DefaultAccount)) {
				words = append(words, m.Name)
			}
		}
	}
	slices.Sort(words)
	switch words = slices.Compact(words); {
	case len(words) == 0 && account != "":
		return "", nil, fmt.Errorf("no account %s with provider: %s is in use; a record has to belong to it", account, byProgram)
	case len(words) == 0:
		return "", nil, fmt.Errorf("no account in use has provider: %s; other hosts need no such test", byProgram)
	case len(words) > 1:
		return "", nil, fmt.Errorf("several accounts have a program: %s; choose one with --account", strings.Join(words, ", "))
	}
	var found provider.Provider
	a.Each(func(e engine.Account, _ app.Advice) {
		if e.Name == words[0] {
			found = e.Provider
		}
	})
	return words[0], found, nil
}

// zoneToTry is the zone of this name, or the first of those that the names of the
// configuration are in.
func zoneToTry(ctx context.Context, a *app.App, p provider.Provider, zone string) (provider.Zone, error) {
	placed, unplaced, err := p.Zones(ctx, a.Config.Names())
	if err != nil {
		return provider.Zone{}, err
	}
	for _, z := range placed {
		if zone == "" || z.Zone.Name.String() == strings.TrimSuffix(strings.ToLower(zone), ".") {
			return z.Zone, nil
		}
	}
	switch {
	case zone != "":
		return provider.Zone{}, fmt.Errorf("no name of the configuration is in a zone %s of the program", zone)
	case len(unplaced) > 0:
		return provider.Zone{}, unplaced[0].Err
	}
	return provider.Zone{}, errors.New("the program has no zone of a name of the configuration")
}
