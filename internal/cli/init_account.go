package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

func (i *initiation) asks() []app.SetupAsk { return app.SetupAsks(i.answers.Host, i.answers.Account) }

// fromFiles takes the secrets of --token-file and of --set KEY_file=FILE.
func (i *initiation) fromFiles() error {
	if i.tokenFile != "" {
		n := slices.IndexFunc(i.asks(), func(a app.SetupAsk) bool { return a.Secret })
		if n < 0 {
			return errors.New("--token-file: this DNS host needs no secret, or needs other settings first; use --set")
		}
		if err := i.fromFile("--token-file", i.asks()[n].Key, i.tokenFile); err != nil {
			return err
		}
	}
	for _, one := range i.hostChosen().Settings {
		if err := i.fromHere(one); err != nil {
			return err
		}
		if path := i.answers.Account[one.Key+"_file"]; one.Secret && path != "" && !filepath.IsAbs(path) {
			if err := i.fromFile("--set "+one.Key+"_file", one.Key, path); err != nil {
				return err
			}
		}
	}
	return nil
}

// fromHere makes a path that was said whole: in homing.yaml it would be one beside
// that.
func (i *initiation) fromHere(one app.AboutOne) (err error) {
	if path := i.answers.Account[one.Key]; one.Type == "path" && path != "" && i.target.refers {
		i.answers.Account[one.Key], err = filepath.Abs(path)
	}
	return err
}

// fromFile has a secret be in the file at path, or takes it from there where homing
// will not run among the files of this machine.
func (i *initiation) fromFile(flag, key, path string) error {
	i.given[key] = true
	if path != "-" && i.target.refers {
		abs, err := filepath.Abs(path)
		i.answers.Account[key+"_file"] = abs
		return err
	}
	from, err := i.env.Stdin, error(nil)
	if path != "-" {
		b, err := i.env.settings.ReadSmall(path)
		if err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		from = strings.NewReader(string(b))
	}
	b, err := io.ReadAll(io.LimitReader(from, 64<<10))
	if i.answers.Account[key] = strings.TrimSpace(string(b)); err == nil && i.answers.Account[key] == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	delete(i.answers.Account, key+"_file")
	return nil
}

// fromEnvironment takes what the variables of the DNS host say.
func (i *initiation) fromEnvironment() {
	for _, a := range i.asks() {
		if a.Env == "" || i.given[a.Key] {
			continue
		}
		key, variable := a.Key, a.Env
		value := strings.TrimSpace(i.env.Getenv(variable))
		if value == "" && a.File {
			key, variable = a.Key+"_file", a.Env+"_FILE"
			value = strings.TrimSpace(i.env.Getenv(variable))
		}
		if value != "" {
			i.answers.Account[key], i.given[a.Key] = value, true
			i.good("%s is taken from %s.", a.Key, variable)
		}
	}
}

// missing is what nobody said, where nobody is asked.
func (i *initiation) missing() error {
	for _, a := range i.asks() {
		if a.Secret && i.answers.Account[a.Key] != "" && slices.ContainsFunc(i.set, func(s string) bool { return strings.HasPrefix(s, a.Key+"=") }) {
			i.warn("--set "+a.Key+"=… shows the secret to everybody who can list the programs on this machine, and your shell may keep it", "use --token-file, or "+a.Env)
		}
	}
	if i.ask != nil {
		return nil
	}
	var lines []string
	secrets := 0
	for _, a := range i.asks() {
		if a.Secret {
			secrets++
		}
		if i.given[a.Key] || a.Optional {
			continue
		}
		how := "--set " + a.Key + "=…"
		switch {
		case a.Secret && secrets == 1:
			how = "--token-file FILE"
		case a.Secret:
			how = "--set " + a.Key + "_file=FILE"
		}
		if a.Env != "" {
			how += ", or " + a.Env
		}
		lines = append(lines, "    "+how+"\n        "+wrapped(a.Doc, 8, 8))
	}
	if len(i.answers.Names) == 0 {
		lines = append(lines, "    --name NAME\n        A name that should point here.")
	}
	if lines == nil {
		return nil
	}
	return errors.New("there is no terminal to ask in, so you must give:\n\n" + strings.Join(lines, "\n") + "\n")
}

// credential asks for what the account needs, until the DNS host accepts it. Where
// that could not be asked, the answers may be right.
func (i *initiation) credential(ctx context.Context) error {
	same := false
	for try := 1; ; try++ {
		if !same {
			if err := i.askAccount(ctx, try > 1); err != nil {
				return err
			}
		}
		sees, err := i.setup.Account(ctx, i.answers)
		if err == nil {
			i.sees = sees
			i.tellSeen()
			return nil
		}
		if err := i.again(ctx, try, err); err != nil {
			return err
		}
		if bad, online := errors.AsType[*provider.Error](err); online && (bad.Kind == provider.Unavailable || bad.Kind == provider.Throttled) {
			if same, err = i.ask.yes(ctx, "Try again with the same answers?", true); err != nil {
				return err
			}
		}
	}
}

// askAccount asks for the settings of the account: those that nothing says, or all
// of them again.
func (i *initiation) askAccount(ctx context.Context, again bool) error {
	if i.ask == nil {
		return nil
	}
	h, told := i.hostChosen(), again
	for n := 0; n < len(i.asks()); n++ {
		a := i.asks()[n]
		if !again && i.given[a.Key] {
			continue
		}
		if !told {
			told = true
			i.say("\n%s", wrapped(capital(h.Get)+". More: "+h.Documents, 0, 0))
		}
		if err := i.askSetting(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (i *initiation) askSetting(ctx context.Context, a app.SetupAsk) (err error) {
	before := i.answers.Account[a.Key]
	var said string
	i.say("%s", wrapped(a.Doc, 0, 0))
	if a.Secret {
		how := " (hidden)"
		if before != "" {
			how = " (hidden; Enter keeps the previous one)"
		}
		said, err = i.ask.hidden(ctx, a.Label+how)
		said = cmp.Or(said, before)
	} else {
		said, err = i.ask.line(ctx, a.Label, cmp.Or(before, a.Default))
	}
	if err != nil {
		return err
	}
	delete(i.answers.Account, a.Key+"_file")
	i.answers.Account[a.Key] = said
	return i.fromHere(a.AboutOne)
}

func (i *initiation) hostChosen() app.SetupHost {
	hosts := app.SetupHosts()
	return hosts[slices.IndexFunc(hosts, func(h app.SetupHost) bool { return h.Provider == i.answers.Host })]
}

// tellSeen says what the credential can see.
func (i *initiation) tellSeen() {
	var zones []string
	for _, z := range i.sees.Zones {
		zones = append(zones, z.Name.Describe())
	}
	switch {
	case len(zones) > 0:
		i.good("Accepted. It can see %s.", text.List(zones, 5))
	case !i.sees.Listed && len(i.sees.Warnings) == 0:
		i.say("This DNS host does not list its zones; whether this is accepted will show with the names.")
	}
	for _, w := range i.sees.Warnings {
		i.warn(w.Text, w.Hint)
	}
}
