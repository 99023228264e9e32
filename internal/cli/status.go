package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/status"
)

func statusCommand(env Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show what the running daemon knows: what is published, and what is wrong",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := call(c.Context(), env)
			if err != nil {
				return failed(env, err)
			}
			body, err := daemon.ask(c.Context(), http.MethodGet, "/api/v1/status", 10*time.Second)
			if err != nil {
				return failed(env, err)
			}
			if asJSON {
				_, err = env.Stdout.Write(append(body, '\n'))
				return err
			}
			return writeStatus(env.Stdout, painter(env, env.Stdout), daemon.place, body)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// daemonStatus is what of /api/v1/status a person sees in a terminal.
type daemonStatus struct {
	Level     string     `json:"level"`
	Sentence  string     `json:"sentence"`
	LastCheck *time.Time `json:"last_check"`
	Next      *time.Time `json:"next"`
	Families  []struct {
		Family    string     `json:"family"`
		Known     bool       `json:"known"`
		Addresses []string   `json:"addresses"`
		Since     *time.Time `json:"since"`
	} `json:"families"`
	Conditions []status.Condition `json:"conditions"`
}

func writeStatus(w io.Writer, p paint, place *time.Location, body []byte) error {
	var s daemonStatus
	if err := json.Unmarshal(body, &s); err != nil {
		return fmt.Errorf("read the daemon's answer: %w", err)
	}
	at := func(t *time.Time) string { return t.In(place).Format(time.DateTime) }
	var b strings.Builder
	colour := map[string]func(string) string{"good": p.green, "bad": p.red}[s.Level]
	if colour == nil {
		colour = p.yellow
	}
	fmt.Fprintln(&b, colour(plain(s.Sentence)))
	for _, f := range s.Families {
		line := "not known"
		if f.Known {
			line = strings.Join(f.Addresses, ", ")
		}
		if f.Known && f.Since != nil {
			line += p.dim(" since " + at(f.Since))
		}
		fmt.Fprintf(&b, "%s  %s\n", p.bold(f.Family), line)
	}
	writeCauses(&b, p, s.Conditions)
	if s.LastCheck != nil {
		fmt.Fprintf(&b, "last round %s", at(s.LastCheck))
		if s.Next != nil {
			fmt.Fprintf(&b, ", the next %s", at(s.Next))
		}
		fmt.Fprintln(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
