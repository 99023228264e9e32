package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

func hostsCommand(env *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "hosts [HOST]",
		Short: "List the DNS hosts: what each one can do and needs",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			hosts := app.Hosts()
			if len(args) > 0 {
				if err := app.Catalogue().CheckHost(args[0]); err != nil {
					var advice interface{ Hint() text.Hint }
					if errors.As(err, &advice) {
						err = fmt.Errorf("%w; %s", err, advice.Hint())
					}
					return err
				}
				hosts = slices.DeleteFunc(hosts, func(h app.About) bool { return h.Provider != args[0] })
			}
			if asJSON {
				e := json.NewEncoder(env.Stdout)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				return e.Encode(map[string]any{"schema": status.Schema, "hosts": hosts})
			}
			var b strings.Builder
			for i := range hosts {
				writeHost(&b, painter(env, env.Stdout), &hosts[i])
			}
			writeWrapped(&b, "", hostsFoot)
			_, err := fmt.Fprint(env.Stdout, b.String())
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.AddCommand(hostsTestCommand(env))
	return c
}

const hostsFoot = "In homing.yaml: accounts: {NAME: {provider: WORD, …}}, and account: NAME at a record. In the environment: " +
	"HOMING_PROVIDER=WORD and the variables in brackets; for a secret, append _FILE to name a file that holds it."

const (
	widest = 100 // columns of a line
	indent = 11  // before what is said of a host
)

// writeHost is a paragraph on one host.
func writeHost(b *strings.Builder, p paint, h *app.About) {
	fmt.Fprintf(b, "%s  %s\n", p.bold(h.Provider), h.Name)
	say := func(what, said string) { writeWrapped(b, fmt.Sprintf("  %-*s", indent-2, what), said) }
	say("keeps", keeps(h))
	say("TTL", ttl(h.TTL))
	say("writes", writes(h))
	say("owners", owners(h.Mark))
	for i, s := range h.Bounds {
		say([]string{"limits", ""}[min(i, 1)], s)
	}
	if !h.Finds {
		say("names", "it cannot list its names, so set it in homing.yaml and give each record account: NAME")
	}
	say("needs", h.Needs)
	for _, s := range h.Settings {
		writeWrapped(b, strings.Repeat(" ", indent), settingOf(s))
	}
	say("more", h.Documents)
	b.WriteString("\n")
}

// owners is how a record is marked as somebody's.
func owners(mark string) string {
	switch mark {
	case "comment":
		return "policy.owner_id is stored in the comment"
	case "txt":
		return "policy.owner_id is stored in a TXT record beside the name"
	}
	return "not supported"
}

// keeps is what a host keeps.
func keeps(h *app.About) string {
	var types, more []string
	for _, t := range h.Types {
		types = append(types, string(t))
	}
	add := func(has bool, what string) {
		if has {
			more = append(more, what)
		}
	}
	add(h.Lists, "IP lists")
	add(h.Proxied, "proxied records")
	add(h.Comment > 0, fmt.Sprintf("comments (%d characters)", h.Comment))
	add(h.Tags > 0, fmt.Sprintf("tags (%d)", h.Tags))
	said := text.List(types, 0) + " records"
	if more != nil {
		said += "; " + text.List(more, 0)
	}
	return said
}

func ttl(t app.TTLs) string {
	switch {
	case t.Max <= 1:
		return "the host's own"
	case t.Automatic > 0:
		return fmt.Sprintf("%d to %d s; automatic is %d s", t.Min, t.Max, t.Automatic)
	}
	return fmt.Sprintf("automatic, or %d to %d s", t.Min, t.Max)
}

// writes is what one write is, and whether the host compares.
func writes(h *app.About) string {
	unit := "one request per name"
	switch h.Unit {
	case "record":
		unit = "single records, many per call"
	case "set":
		unit = "all records of a name and type at once"
	}
	switch h.Compares {
	case "set":
		return unit + "; rejected if a set changed since it was read"
	case "batch":
		return unit + "; rejected if anything changed since it was read"
	}
	return unit + "; nothing is compared, so a change another program makes to that name at the same moment may be lost"
}

// settingOf is a setting, its variable and what it is.
func settingOf(s app.AboutOne) string {
	names := s.Key
	if s.File {
		names += ", " + s.Key + "_file"
	}
	if s.Env != "" {
		names += " (" + s.Env + ")"
	}
	said := names + ": " + s.Doc
	if s.Default != "" {
		said = strings.TrimSuffix(said, ".") + "; default: " + s.Default
	}
	return said
}

// writeWrapped writes words behind what stands in front, in lines that fit.
func writeWrapped(b *strings.Builder, front, words string) {
	line, empty := front, true
	for word := range strings.FieldsSeq(words) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > widest {
			b.WriteString(line + "\n")
			line, empty = strings.Repeat(" ", utf8.RuneCountInString(front)+2), true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	b.WriteString(line + "\n")
}
