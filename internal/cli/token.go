package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

func tokenCommand(env *Env) *cobra.Command {
	var renew bool
	c := &cobra.Command{
		Use:   "token",
		Short: "Show the page's token and where it is stored, or generate a new one",
		Long: `Show the page's token and where it is stored, or generate a new one with --new.

A new token ends all sessions. A running daemon picks it up within a few seconds.
A token from the settings, such as HOMING_TOKEN, is not shown; change it there.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := env.settings.Load(c.Context(), config.ForPage)
			if err != nil {
				return failed(env, err)
			}
			page := env.settings.PageToken(cfg)
			if err := status.Foreign(env.settings.Folder(cfg), true); err != nil && page.InFolder() {
				return failed(env, page.In(err))
			}
			if renew {
				return renewToken(env, page)
			}
			return showToken(env, page)
		},
	}
	c.Flags().BoolVar(&renew, "new", false, "generate a new token, which ends all sessions")
	return c
}

func showToken(env *Env, page app.PageToken) error {
	if by := page.SetBy(); by != "" {
		fmt.Fprintf(env.Stdout, "The page's token is set by %s.\n", by)
		return nil
	}
	path := page.File()
	t := page.Kept()
	if t.IsZero() {
		return failed(env, page.In(noToken(env, path)))
	}
	fmt.Fprintf(env.Stdout, "The page's token is stored in %s:\n%s\n", path, t.Reveal())
	return nil
}

// noToken is why none is found at path.
func noToken(env *Env, path string) error {
	const cure = "homing generates one when it first serves the page; homing token --new does too"
	if path == "" {
		return text.Errorf("there is no folder to store a token in; set one with {state}")
	}
	_, err := env.settings.ReadSmall(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the token in %s: %w", path, err)
	}
	return fmt.Errorf("there is no token in %s yet; %s", path, cure)
}

func renewToken(env *Env, page app.PageToken) error {
	if by := page.SetBy(); by != "" {
		return failed(env, fmt.Errorf("the token is set by %s and must be changed there; that ends all sessions", by))
	}
	t, path, err := page.Renew()
	if err != nil {
		return failed(env, page.In(fmt.Errorf("store the new token: %w", err)))
	}
	fmt.Fprintf(env.Stdout, "The new token is stored in %s. A running daemon picks it up within a few seconds; all sessions end:\n%s\n", path, t.Reveal())
	return nil
}
