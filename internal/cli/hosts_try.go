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
		Short: "Test your own program (provider: exec) on a real zone",
		Long: `Test your own program (provider: exec) on a real zone.

It creates, changes and deletes records below ` + trial.Label + ` in the zone and nowhere else,
reads them back after each step, and deletes them at the end.`,
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
	c.Flags().StringVar(&account, "account", "", "the account, if several use a program")
	c.Flags().StringVar(&zone, "zone", "", "the zone, if the account has several (default: the first)")
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
		fmt.Fprintln(env.Stdout, "\nThe program does not meet the requirements: docs/hosts/exec.md.")
		return exitCode(exitFailed)
	}
	fmt.Fprintln(env.Stdout, "\nThe program meets all requirements.")
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
		return "", nil, fmt.Errorf("no account %s with provider: %s is in use; at least one record must belong to it", account, byProgram)
	case len(words) == 0:
		return "", nil, fmt.Errorf("no account in use has provider: %s; other hosts do not need this test", byProgram)
	case len(words) > 1:
		return "", nil, fmt.Errorf("several accounts use a program: %s; choose one with --account", strings.Join(words, ", "))
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
		return provider.Zone{}, fmt.Errorf("none of the configured names is in the program's zone %s", zone)
	case len(unplaced) > 0:
		return provider.Zone{}, unplaced[0].Err
	}
	return provider.Zone{}, errors.New("the program has no zone for any of the configured names")
}
