package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/web"
)

// FirstPage is what the page of a first start can do: what homing init does, but
// for what the page may never set (config.Judge).
type FirstPage struct {
	settings *Settings
	setup    *Setup
	cfg      *config.Config // as it is without any setting
	log      *slog.Logger
	made     *SetupMade
}

// FirstPage makes the homing.yaml that is looked for last. cfg is what holds as
// long as nothing is set.
func (s *Settings) FirstPage(cfg *config.Config, log *slog.Logger) (*FirstPage, error) {
	path, _, err := s.Input().File()
	if err == nil && path == "" {
		err = errors.New("there is no folder for homing.yaml")
	}
	if err != nil {
		return nil, err
	}
	return &FirstPage{settings: s, setup: s.Setup(path), cfg: cfg, log: log}, nil
}

// Hosts are the DNS hosts there are.
func (p *FirstPage) Hosts() (all []web.SetUpHost) {
	for _, h := range SetupHosts() {
		all = append(all, p.Host(h.Provider, nil))
	}
	return all
}

// Host is one of them, with what it asks for that a page may take.
func (p *FirstPage) Host(word string, said map[string]string) web.SetUpHost {
	all := SetupHosts()
	h := all[max(0, slices.IndexFunc(all, func(h SetupHost) bool { return h.Provider == word }))]
	out := web.SetUpHost{Word: h.Provider, Name: h.Name, Get: strings.ToUpper(h.Get[:1]) + h.Get[1:] + ".", Link: h.Link}
	for _, a := range SetupAsks(h.Provider, said) {
		switch why := p.barred(a.Key, said[a.Key]); {
		case why == "":
			out.Asks = append(out.Asks, web.SetUpAsk{Key: a.Key, Label: a.Label, Doc: a.Doc, Type: a.Type, Default: a.Default, Secret: a.Secret, Optional: a.Optional})
		case !a.Optional:
			out.ByHand = why
		}
	}
	return out
}

// barred is why the page cannot set a setting of the account to a text.
func (p *FirstPage) barred(key, text string) string {
	in := p.settings.Input()
	for _, bad := range config.Judge(in, nil, []config.Edit{{Path: "accounts." + config.DefaultAccount + "." + key, Items: []string{text}}}) {
		_, why, _ := strings.Cut(bad.Reason, "because it ")
		return "its " + key + " " + why
	}
	return ""
}

// Account asks the host, and meanwhile looks which addresses there are here.
func (p *FirstPage) Account(ctx context.Context, a web.SetUpAnswers) (web.SetUpSeen, []web.EditProblem) {
	for key, text := range a.Account {
		if why := p.barred(key, text); why != "" {
			return web.SetUpSeen{}, []web.EditProblem{{Path: key, Reason: why}}
		}
	}
	var families []SetupFamily
	var looking sync.WaitGroup
	looking.Go(func() { families, _ = p.setup.Families(ctx) }) // what cannot be seen is not offered
	sees, err := p.setup.Account(ctx, p.answers(a))
	looking.Wait()
	if err != nil {
		return web.SetUpSeen{}, p.problems(err, a)
	}
	out := web.SetUpSeen{Listed: sees.Listed}
	for _, z := range sees.Zones {
		out.Zones = append(out.Zones, web.SetUpZone{Name: z.Name.Describe(), ReadOnly: z.ReadOnly})
	}
	for _, w := range sees.Warnings {
		out.Warnings = append(out.Warnings, web.EditProblem{Reason: w.Text, Hint: w.Hint})
	}
	for _, f := range families {
		out.Families = append(out.Families, familySeen(f))
	}
	return out, nil
}

func familySeen(f SetupFamily) web.SetUpFamily {
	out := web.SetUpFamily{Name: f.Family.String(), Text: "this machine does not have it"}
	switch addrs := f.Seen.Addrs(); {
	case len(addrs) > 0:
		out.Here, out.Text = true, "here it is "+addrs[0].String()
	case f.Here:
		out.Text = "it could not be learnt just now"
	}
	return out
}

// Review makes the settings, asks where the names are, and plans.
func (p *FirstPage) Review(ctx context.Context, a web.SetUpAnswers) (web.SetUpMade, []web.EditProblem) {
	answers := p.answers(a)
	m, err := p.setup.Make(ctx, answers)
	if err != nil {
		return web.SetUpMade{}, p.problems(err, a)
	}
	names, err := p.setup.Names(ctx, answers)
	if err != nil {
		return web.SetUpMade{}, p.problems(err, a)
	}
	var problems []web.EditProblem
	for _, n := range names {
		if n.Text != "" {
			problems = append(problems, web.EditProblem{Path: "names", Reason: n.Name.Describe() + ": " + n.Text, Hint: n.Hint})
		}
	}
	if len(problems) > 0 {
		return web.SetUpMade{}, problems
	}
	p.made = m
	out := web.SetUpMade{File: m.Path, YAML: string(m.YAML), Token: p.settings.PageToken(m.Config).File()}
	out.Passing = p.settings.Getenv(imageVariable) != "" && passes(filepath.Dir(m.Path))
	for path := range m.Secrets {
		out.Secrets = append(out.Secrets, path)
	}
	slices.Sort(out.Secrets)
	plan, err := m.Plan(ctx)
	switch {
	case ctx.Err() != nil:
		out.NoPlan = "the plan took too long"
	case err != nil:
		out.NoPlan = err.Error()
	default:
		out.Plan = &plan
	}
	return out, nil
}

// Save writes what was made last, where nothing stands yet.
func (p *FirstPage) Save(context.Context) []web.EditProblem {
	err := p.made.Save(false)
	if errors.Is(err, fs.ErrExist) {
		return []web.EditProblem{{Reason: err.Error(), Hint: "Nothing is overwritten here: move it away, or start homing again to run with it."}}
	}
	if err != nil {
		return p.problems(err, web.SetUpAnswers{})
	}
	p.log.Info("homing was set up", "settings", p.made.Path, "names", len(p.made.Config.Names()))
	return nil
}

// Admit makes the token of the page, as a start does, and says who is logged in.
func (p *FirstPage) Admit() (secret.String, *web.Sessions) {
	var file web.SessionFile // a nil *SessionFile in it would be none
	if f := p.settings.SessionFile(p.made.Config); f != nil {
		file = f
	}
	return p.settings.PageToken(p.made.Config).InForce(p.log), web.NewSessions(file, p.log)
}

// answers is what was said, in the words of the set-up. The page can be edited
// afterwards.
func (p *FirstPage) answers(a web.SetUpAnswers) SetupAnswers {
	out := SetupAnswers{Host: a.Host, Account: a.Account, Names: a.Names, Every: a.Every, Edit: true}
	for _, f := range addr.Families() {
		if slices.Contains(a.Families, f.String()) {
			out.Families = append(out.Families, f)
		}
	}
	return out
}

// problems is an error at the questions it is about.
func (p *FirstPage) problems(err error, a web.SetUpAnswers) (out []web.EditProblem) {
	const account = "accounts." + config.DefaultAccount + "."
	if bad, ok := errors.AsType[*provider.Error](err); ok {
		return []web.EditProblem{{Reason: bad.Error(), Hint: bad.Hint.In(p.cfg.Words)}}
	}
	for _, one := range problemsOf(err) {
		switch key, ofAccount := strings.CutPrefix(one.Path, account); {
		case ofAccount:
			one.Path = key
		case strings.HasPrefix(one.Path, "records["):
			text, _, _ := strings.Cut(one.Path[len("records["):], "]")
			if i, err := strconv.Atoi(text); err == nil && i < len(a.Names) {
				one.Reason = a.Names[i] + ": " + one.Reason
			}
			one.Path = "names"
		case one.Path == "schedule.every":
			one.Path = "every"
		}
		out = append(out, one)
	}
	return out
}
