package app

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
)

// Setup makes a homing.yaml of what somebody answers: for homing init, and for the
// page of a first start. Nothing is written before Save. What comes of the answers
// is read, checked and planned like what a person writes with an editor.
//
// The errors of its steps are config.Problems, at the settings they are about, or
// *provider.Error where a DNS host said so, with its advice in a person's words.
type Setup struct {
	Path string // of the homing.yaml to make
	// Service says that the homing.yaml is for the unit of systemd, which hands on
	// the secrets beside it: docs/systemd.md.
	Service bool

	settings Settings // of its own
}

// Setup is how a homing.yaml at path is made, which need not be there.
func (s *Settings) Setup(path string) *Setup {
	u := &Setup{Path: path, settings: *s}
	u.settings.hosts, u.settings.beside = s.table(), s.neighbours()
	return u
}

// SetupPath is where a homing.yaml belongs that somebody makes: this person's, or
// the machine's where they are the superuser.
func (s *Settings) SetupPath() string { return s.Input().Belongs(os.Geteuid() == 0) }

// SetupAnswers is what somebody said so far. Each step takes it half filled in.
type SetupAnswers struct {
	Host     string            // as accounts.*.provider has it; empty: the first
	Account  map[string]string // settings of the account by key, secrets too; KEY_file names a file that holds one
	Names    []string
	Families []addr.Family // that are kept; none: both
	Every    string        // schedule.every, or a duration; empty: what holds by itself
	Listen   string        // serve.listen; empty: what holds by itself
	Edit     bool          // serve.edit
}

// SetupMade is a homing.yaml that was made of answers, and loaded.
type SetupMade struct {
	Path    string
	YAML    []byte
	Secrets map[string]string // by the path of the file each is to be in
	Beside  map[string][]byte // further files that Save writes, by path; no secret is in them
	Config  *config.Config

	setup *Setup
}

// Make makes the homing.yaml of answers and loads it, as every start will.
func (u *Setup) Make(ctx context.Context, a SetupAnswers) (*SetupMade, error) {
	m := &SetupMade{Path: u.Path, setup: u}
	var err error
	if m.YAML, m.Secrets, err = u.written(a); err != nil {
		return nil, err
	}
	if m.Config, err = m.settings().Load(ctx, config.ForRecords); err != nil {
		return nil, err
	}
	return m, nil
}

// settings is the settings of this process with the homing.yaml that was made.
func (m *SetupMade) settings() *Settings {
	next := m.setup.settings
	next.Path, next.unsaved = m.Path, map[string][]byte{m.Path: m.YAML}
	for path, text := range m.Secrets {
		next.unsaved[path] = []byte(text)
		if m.setup.Service {
			next.unsaved[unitCredentials+"/"+filepath.Base(path)] = []byte(text)
		}
	}
	if getenv := next.Getenv; m.setup.Service {
		next.Getenv = func(name string) string {
			if name == credentialsFolder {
				return filepath.Dir(m.Path)
			}
			return getenv(name)
		}
	}
	return &next
}

// Where systemd puts what a unit loads, and the variable by which it says so; see
// systemd.exec(5). Only secrets that no variable is called like are named by path.
const (
	credentialsFolder = "CREDENTIALS_DIRECTORY"
	unitCredentials   = "/run/credentials/homing.service"
)

// App is the parts of what was made.
func (m *SetupMade) App() (*App, error) { return m.settings().Make(m.Config, config.ForRecords) }

// Plan is what the first round would do. Nothing is changed.
func (m *SetupMade) Plan(ctx context.Context) (status.Round, error) {
	a, err := m.App()
	if err != nil {
		return status.Round{}, err
	}
	defer a.CloseIdle()
	return a.Engine(QuietLog(), nil).Plan(ctx), nil
}

// Overriding are the settings from elsewhere that have more weight than what was
// made, as whoever set them calls them: variables, mostly.
func (m *SetupMade) Overriding() (names []string) {
	s := m.settings()
	for _, d := range s.Drafts(s.Input()) {
		if d.From == fileDraft {
			break
		}
		for _, e := range d.Entries {
			if !strings.HasPrefix(e.Origin.Name, "$"+credentialsFolder) && !slices.Contains(names, e.Origin.Name) {
				names = append(names, e.Origin.Name)
			}
		}
	}
	return names
}

// fileDraft is how config calls what homing.yaml says.
const fileDraft = "homing.yaml"

// written is the homing.yaml of answers, and the files of its secrets.
func (u *Setup) written(a SetupAnswers) (yaml []byte, secrets map[string]string, err error) {
	in := u.settings.Input()
	h, err := hostOf(u.settings.table(), config.Account{Provider: cmp.Or(a.Host, u.settings.table()[0].Word)})
	if err != nil {
		return nil, nil, at("accounts.default.provider", in.Catalogue.CheckHost(a.Host))
	}
	edits, secrets := u.account(h, a.Account)
	for i, name := range a.Names {
		of := fmt.Sprintf("records[%d].", i)
		edits = append(edits, config.Edit{Path: of + "name", Items: []string{name}})
		if h.Named {
			edits = append(edits, config.Edit{Path: of + "account", Items: []string{config.DefaultAccount}})
		}
	}
	if len(a.Names) == 0 {
		return nil, nil, atHinted("records[0].name", "there is no name", "write at least one, such as home.example.org")
	}
	for _, f := range addr.Families() {
		if len(a.Families) > 0 && !slices.Contains(a.Families, f) {
			edits = append(edits, config.Edit{Path: fmt.Sprintf("detect.ipv%d.sources", f), Items: []string{"none"}})
		}
	}
	for _, e := range []config.Edit{{Path: "schedule.every", Items: []string{every(a.Every)}}, {Path: "serve.listen", Items: []string{a.Listen}}} {
		if e.Items[0] != "" {
			edits = append(edits, e)
		}
	}
	if a.Edit {
		edits = append(edits, config.Edit{Path: "serve.edit", Items: []string{"true"}})
	}
	yaml, err = config.Edited(in, u.Path, []byte(u.frame(edits, secrets)), edits)
	return yaml, secrets, err
}
