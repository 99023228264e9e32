package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/config"
)

func configCommand(env Env) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check the settings, show them, or print their JSON Schema"}
	c.AddCommand(
		&cobra.Command{
			Use:   "check",
			Short: "Say whether the settings are valid; nothing is sent",
			Args:  cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				cfg, err := load(env, forRecords)
				if err != nil {
					return err
				}
				for _, n := range cfg.Notices {
					fmt.Fprintf(env.Stdout, "! %s\n", plain(n))
				}
				_, err = fmt.Fprintf(env.Stdout, "The settings are valid: %s.\n", count(len(cfg.Names()), "name"))
				return err
			},
		},
		&cobra.Command{
			Use:   "show",
			Short: "Print the settings in force as homing.yaml, without secrets, and where each comes from",
			Args:  cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				shown, err := config.Show(env.input(), catalogue())
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
				_, err := env.Stdout.Write(config.Schema())
				return err
			},
		},
	)
	return c
}
