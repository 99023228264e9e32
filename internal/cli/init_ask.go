package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
)

// chooseHost asks where the records are, and takes what is known of the account.
func (i *initiation) chooseHost(ctx context.Context) error {
	hosts := app.SetupHosts()
	if i.answers.Host == "" {
		i.answers.Host = cmp.Or(i.env.Getenv("HOMING_PROVIDER"), hosts[0].Provider)
		if i.ask != nil {
			i.say("\nWhich DNS host has your records?")
			var names []string
			for _, h := range hosts {
				names = append(names, h.Name)
			}
			n, err := i.choose(ctx, names, max(0, slices.IndexFunc(hosts, func(h app.SetupHost) bool { return h.Provider == i.answers.Host })))
			if err != nil {
				return err
			}
			i.answers.Host = hosts[n].Provider
		}
	}
	if err := app.Catalogue().CheckHost(i.answers.Host); err != nil {
		return fmt.Errorf("--host: %w", err)
	}
	if err := i.fromFiles(); err != nil {
		return err
	}
	i.fromEnvironment()
	return i.missing()
}

// choose asks for one of several, by number.
func (i *initiation) choose(ctx context.Context, all []string, usual int) (int, error) {
	for n, name := range all {
		i.say("  %2d  %s", n+1, wrapped(name, 6, 6))
	}
	for try := 1; ; try++ {
		said, err := i.ask.line(ctx, "Number", strconv.Itoa(usual+1))
		if err != nil {
			return 0, err
		}
		if n, bad := strconv.Atoi(said); bad == nil && n >= 1 && n <= len(all) {
			return n - 1, nil
		}
		if err := i.again(ctx, try, fmt.Errorf("write a number from 1 to %d", len(all))); err != nil {
			return 0, err
		}
	}
}

// names asks for the names, until each is in a zone of the credential.
func (i *initiation) names(ctx context.Context) error {
	given := len(i.answers.Names) > 0
	for try := 1; ; try++ {
		if i.ask != nil && (!given || try > 1) {
			if try == 1 {
				i.say("\nWhich names should point here? Separate several with commas, such as\nhome.example.org, *.home.example.org.")
			}
			said, err := i.ask.line(ctx, "Names", cmp.Or(strings.Join(i.answers.Names, ","), i.sees.Below()))
			if err != nil {
				return err
			}
			i.answers.Names = words(said)
		}
		done, err := i.placed(ctx)
		if done && err == nil {
			return nil
		}
		if bad, online := errors.AsType[*provider.Error](err); online && bad.Kind == provider.Auth && !i.sees.Listed && i.ask != nil && try < tries {
			i.wrong(err)
			if err := i.askAccount(ctx, true); err != nil {
				return err
			}
			given = true // they may be right
			continue
		}
		if err := i.again(ctx, try, err); err != nil {
			return err
		}
	}
}

// placed says which zones the names are in. done is false where one is in none, and
// the person does not take it all the same.
func (i *initiation) placed(ctx context.Context) (done bool, err error) {
	found, err := i.setup.Names(ctx, i.answers)
	if err != nil {
		return false, err
	}
	bad := 0
	for _, n := range found {
		if n.Text != "" {
			bad++
			i.told(i.red("✗"), n.Name.Describe()+": "+n.Text, n.Hint)
		} else if len(found) <= 10 {
			i.good("%s is in the zone %s.", n.Name.Describe(), n.Zone.Describe())
		}
	}
	if bad == 0 || i.ask == nil {
		return bad == 0, nil
	}
	return i.ask.yes(ctx, "Use these names anyway?", false)
}

// chooseFamilies looks which there are here, and asks about those that are not.
func (i *initiation) chooseFamilies(ctx context.Context) error {
	if len(i.answers.Families) > 0 {
		return nil
	}
	i.say("\nDetecting your public addresses …")
	found, err := i.setup.Families(ctx)
	if err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	var kept []addr.Family
	for _, f := range found {
		keep := f.Here || f.Seen.Known()
		switch {
		case f.Seen.Known():
			i.good("%s  %s", f.Family, f.Seen.Describe())
		case f.Here:
			i.warn(f.Family.String()+": "+f.Seen.Describe(), "homing detect shows what each source answers")
		default:
			i.say("%s %s: this machine has none", i.dim("-"), f.Family)
			if i.ask != nil {
				if keep, err = i.ask.yes(ctx, "Check for "+f.Family.String()+" anyway, in case you get it later?", false); err != nil {
					return err
				}
			}
		}
		if keep {
			kept = append(kept, f.Family)
		}
	}
	if len(kept) < len(found) {
		i.answers.Families = kept // none: both
	}
	return nil
}

// schedule asks how often to look.
func (i *initiation) schedule(ctx context.Context) error {
	return i.optional(ctx, &i.answers.Every, "schedule.every", "\nHow often should homing check for a new address? 5m is every five minutes; a cron\nschedule such as */5 * * * * works too.", "Every", usualEvery)
}

// page asks where the page is served.
func (i *initiation) page(ctx context.Context) error {
	return i.optional(ctx, &i.answers.Listen, "serve.listen", "\nhoming has a page that shows what is published and why. Who may open it?\n127.0.0.1:8245: this machine only; 0.0.0.0:8245: your network too; off: nobody.\nEvery visitor needs a token.", "Page", usualPage)
}

// What is written where nobody says another thing, so that it stands there to be changed.
const (
	usualEvery = "5m"
	usualPage  = "127.0.0.1:8245"
)

// optional asks for a setting of homing's own that may stay as it is.
func (i *initiation) optional(ctx context.Context, to *string, path, about, question, usual string) error {
	given := *to != ""
	for try := 1; ; try++ {
		if i.ask != nil && (!given || try > 1) {
			if try == 1 {
				i.say("%s", about)
			}
			said, err := i.ask.line(ctx, question, usual)
			if err != nil {
				return err
			}
			*to = said
		} else if *to == "" {
			*to = usual
		}
		_, err := i.setup.Make(ctx, i.answers)
		problems, _ := errors.AsType[config.Problems](err)
		n := slices.IndexFunc(problems, func(p *config.Problem) bool { return p.Path() == path })
		if n < 0 {
			return nil // what else is wrong is told later
		}
		if err := i.again(ctx, try, problems[n:n+1]); err != nil {
			return err
		}
	}
}

// capital is a sentence of words that begin one.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
