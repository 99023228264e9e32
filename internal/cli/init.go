package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// initFlags are the answers that stand on the command line.
type initFlags struct {
	host, tokenFile, every, listen, way string
	set, names, families                []string
	force, sure                         bool
}

func initCommand(env *Env) *cobra.Command {
	f := &initFlags{}
	c := &cobra.Command{
		Use:   "init",
		Short: "Create a homing.yaml: ask, check each answer, show what would change, and write it",
		Long: `Create a homing.yaml: ask, check each answer, show what would change, and write it.

In a terminal it asks for everything the flags leave open. Elsewhere, or with --yes,
it asks nothing, and you must give the names and the credential:

    homing init --token-file token --name home.example.org

The secret is saved in its own file beside homing.yaml. You can also pass it in the
DNS host's usual variable, such as CLOUDFLARE_API_TOKEN. Nothing is written before
the end, and nothing is overwritten unless you say so. "homing hosts" lists the DNS
hosts and what each needs; --config says where to write homing.yaml.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			i := &initiation{env: env, initFlags: f, paint: painter(env, env.Stdout)}
			if !f.sure {
				i.ask = newAsker(env)
			}
			err := i.run(c.Context())
			if errors.Is(err, errGivenUp) || c.Context().Err() != nil {
				fmt.Fprintln(env.Stdout, "\nNothing was written.")
				return exitCode(exitFailed)
			}
			return err
		},
	}
	c.Flags().StringVar(&f.host, "host", "", "the DNS host, a `word` from homing hosts (default cloudflare)")
	c.Flags().StringVar(&f.tokenFile, "token-file", "", "a `file` with the token or other secret; - is standard input")
	c.Flags().StringArrayVar(&f.set, "set", nil, "a setting of the account, as `KEY=VALUE`, such as base_url=http://127.0.0.1:8081; repeatable")
	c.Flags().StringArrayVar(&f.names, "name", nil, "a `name` that should point here; repeatable, or comma-separated")
	c.Flags().StringSliceVar(&f.families, "families", nil, "ipv4, ipv6 or both (default: those found here)")
	c.Flags().StringVar(&f.every, "every", "", "how often to check, such as 5m or a cron schedule")
	c.Flags().StringVar(&f.listen, "listen", "", "where to serve the page, like serve.listen; off for none")
	c.Flags().StringVar(&f.way, "for", "", "how homing will run: systemd, compose or other")
	c.Flags().BoolVar(&f.force, "force", false, "overwrite existing files, keeping each old one as .bak")
	c.Flags().BoolVar(&f.sure, "yes", false, "ask nothing and write the files")
	return c
}

// errGivenUp ends homing init where the person does not go on.
var errGivenUp = errors.New("given up")

// tries is how often a question is asked whose answer is wrong.
const tries = 3

// initiation is a homing.yaml in the making, and what was said of it so far.
type initiation struct {
	env *Env
	*initFlags
	paint
	ask *asker // nil: nobody is asked

	setup   *app.Setup
	target  target
	answers app.SetupAnswers
	given   map[string]bool // settings of the account that nobody has to be asked for
	sees    app.SetupSees
	made    *app.SetupMade
}

func (i *initiation) run(ctx context.Context) error {
	if r := i.env.settings.Reading; r != nil {
		return errors.New("the settings here belong to " + r.Draft.From + ", so a homing.yaml would not be read; \"homing migrate\" turns them into one")
	}
	if err := i.read(); err != nil {
		return err
	}
	if i.ask != nil {
		i.say("A few questions. Press Enter to accept the answer in brackets. Nothing is written before you\nconfirm it at the end; Ctrl-C stops and leaves everything as it is.")
	}
	for _, step := range []func(context.Context) error{i.chooseTarget, i.chooseHost, i.credential, i.names, i.chooseFamilies, i.schedule, i.page, i.show, i.write} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// say prints a paragraph.
func (i *initiation) say(format string, args ...any) {
	fmt.Fprintf(i.env.Stdout, format+"\n", args...)
}

func (i *initiation) good(format string, args ...any) {
	i.say("%s %s", i.green("✓"), wrapped(plain(fmt.Sprintf(format, args...)), 2, 2))
}

func (i *initiation) warn(said, hint string) { i.told(i.yellow("!"), said, hint) }

func (i *initiation) told(mark, said, hint string) {
	i.say("%s %s", mark, wrapped(plain(said), 2, 4))
	if hint != "" {
		i.say("    → %s", wrapped(plain(hint), 6, 6))
	}
}

// wrong tells what speaks against an answer, and what to do.
func (i *initiation) wrong(err error) {
	problems, ok := errors.AsType[config.Problems](err)
	for _, p := range problems {
		i.told(i.red("✗"), i.about(p.Path())+p.Reason, strings.NewReplacer(`"@every 5m"`, "5m", inAccount, "").Replace(p.Hint))
	}
	if bad, online := errors.AsType[*provider.Error](err); online {
		i.told(i.red("✗"), bad.Error(), bad.Hint.String())
	} else if !ok {
		i.told(i.red("✗"), err.Error(), "")
	}
}

// inAccount is where the settings of the account are.
const inAccount = "accounts." + config.DefaultAccount + "."

// about is the question that a problem of the setting at path is about; that of a
// question with one setting has been asked just now.
func (i *initiation) about(path string) string {
	key, account := strings.CutPrefix(path, inAccount)
	n := slices.IndexFunc(i.asks(), func(a app.SetupAsk) bool { return a.Key == key || a.Key+"_file" == key })
	switch {
	case n >= 0:
		return i.asks()[n].Label + ": "
	case account:
		return key + ": "
	}
	return ""
}

// again is how a wrong answer goes on: with the question again, three times in all,
// or with the end where nobody is asked.
func (i *initiation) again(ctx context.Context, try int, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		i.wrong(err)
	}
	switch {
	case i.ask == nil:
		return errGivenUp
	case try >= tries:
		i.say("That was the third try. \"homing init\" starts over.")
		return errGivenUp
	}
	return nil
}

// read takes what the command line and the environment say.
func (i *initiation) read() error {
	i.answers = app.SetupAnswers{Host: i.host, Account: make(map[string]string), Every: i.every, Listen: i.listen}
	i.given = make(map[string]bool)
	for _, said := range i.initFlags.names {
		i.answers.Names = append(i.answers.Names, words(said)...)
	}
	for _, said := range i.families {
		f := slices.IndexFunc(families(), func(f addr.Family) bool { return strings.EqualFold(f.String(), said) })
		if f < 0 {
			return fmt.Errorf("--families %s: the choices are ipv4 and ipv6", said)
		}
		i.answers.Families = append(i.answers.Families, families()[f])
	}
	for _, said := range i.set {
		key, value, ok := strings.Cut(said, "=")
		if !ok {
			return fmt.Errorf("--set %s: write KEY=VALUE", said)
		}
		i.answers.Account[key], i.given[key] = value, true
		i.given[strings.TrimSuffix(key, "_file")] = true
	}
	return nil
}

func families() []addr.Family { both := addr.Families(); return both[:] }

// words are those of a text with commas or blanks between.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

// show makes homing.yaml and shows what it would do.
func (i *initiation) show(ctx context.Context) (err error) {
	if i.made, err = i.setup.Make(ctx, i.answers); err != nil {
		return i.again(ctx, tries, err)
	}
	for _, n := range i.made.Config.Notices {
		i.warn(n, "")
	}
	if over := i.made.Overriding(); len(over) > 0 {
		i.warn(text.List(over, 0)+" in this environment override homing.yaml", "set them the same way where homing will run, or unset them and run homing init again")
	}
	i.say("\nThis is what homing would do:\n")
	r, err := i.made.Plan(ctx)
	if err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	sum := fmt.Sprintf("%s would be made; %s right already. Nothing has been changed yet.", count(r.Pending(), "change"), records(r.Right()))
	if r.Outcome() == status.Failed {
		sum += " There are problems (above); once running, homing retries by itself."
	}
	return writeRound(i.env.Stdout, i.paint, &r, 10, sum)
}

// write asks once more, and writes.
func (i *initiation) write(ctx context.Context) error {
	if i.target.beside != nil {
		i.made.Beside = i.target.beside(i)
	}
	if err := i.mayWrite(ctx); err != nil {
		return err
	}
	if err := i.made.Save(true); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			i.wrong(fmt.Errorf("%w; choose another place with --config, or run homing init as a user who may write there", err))
			return errGivenUp
		}
		i.wrong(err)
		return errGivenUp
	}
	for _, path := range i.made.Files() {
		i.good("%s", path)
	}
	i.say("\n%s", i.target.next(i))
	return nil
}

// mayWrite reports, as nil, that the files may be written.
func (i *initiation) mayWrite(ctx context.Context) error {
	there := i.made.There()
	switch {
	case i.ask == nil && len(there) > 0 && !i.force:
		return fmt.Errorf("nothing was written: %s already exists; --force overwrites it and keeps the old one as .bak", text.List(there, 0))
	case i.ask == nil:
		return nil
	}
	i.say("\nTo be written:")
	for _, path := range i.made.Files() {
		note := ""
		if slices.Contains(there, path) && !i.force {
			note = i.yellow("  (exists already; the old one is kept as .bak)")
		}
		i.say("    %s%s", path, note)
	}
	ok, err := i.ask.yes(ctx, "Write it?", len(there) == 0 || i.force)
	if err == nil && !ok {
		err = errGivenUp
	}
	return err
}
