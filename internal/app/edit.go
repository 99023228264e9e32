package app

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// Editing changes the homing.yaml that is in use, for the page. It is the only
// place where settings are written. What may be changed is what config.Judge
// says; what comes of it is read, checked and planned like what a person writes
// with an editor, before it is saved.
type Editing struct {
	mu       sync.Mutex // of whoever saves
	settings Settings   // of its own
	cfg      *config.Config
	key      []byte                 // of the tags: a hash alone would let a short secret in the file be guessed
	saved    func(who, what string) // is told of each change
}

// Editing is what changes settings, as cfg allows; nil where it does not. saved
// is called after each change: with who made it, and which settings it changed.
func (s *Settings) Editing(cfg *config.Config, saved func(who, what string)) *Editing {
	if !cfg.Serve.Edit {
		return nil
	}
	e := &Editing{settings: *s, cfg: cfg, key: make([]byte, sha256.Size), saved: saved}
	e.settings.hosts = s.table()
	_, _ = rand.Read(e.key) // it never fails
	return e
}

// tag is what a file is told apart by.
func (e *Editing) tag(path string, content []byte) string {
	h := hmac.New(sha256.New, e.key)
	h.Write([]byte(path + "\x00"))
	h.Write(content)
	return `"` + hex.EncodeToString(h.Sum(nil)[:16]) + `"`
}

// Editable is what can be set, and what is.
func (e *Editing) Editable() *web.Editable {
	in := e.settings.Input()
	drafts := e.settings.Drafts(in)
	path, content, err := in.File()
	out := &web.Editable{Tag: e.tag(path, content), File: path, ReadOnly: e.refusal(path, err), Settings: []web.EditableRow{}, Said: []web.EditableSaid{}}
	rows, said := config.Editable(in, drafts)
	for _, r := range rows {
		out.Settings = append(out.Settings, web.EditableRow{Path: r.Path, Form: formOf(r.Form), Type: r.Type, Words: r.Words, Default: r.Default, Doc: r.Doc, Hosts: r.Hosts, Secret: r.Secret, Locked: r.Locked})
	}
	for _, s := range said {
		out.Said = append(out.Said, web.EditableSaid{Path: s.Path, Items: s.Items, Secret: s.Secret, Locked: s.Locked})
	}
	moved, _ := config.Moved(in, drafts)
	out.Movable = len(moved) > 0
	all, _ := config.Show(in, drafts...) // what is wrong is told elsewhere
	out.YAML = string(all)
	return out
}

func formOf(f config.Form) string {
	switch f {
	case config.List:
		return "list"
	case config.Boolean:
		return "boolean"
	case config.Number:
		return "number"
	}
	return "text"
}

// Propose says what changes would do, and makes them where that is asked for and
// nothing speaks against it.
func (e *Editing) Propose(ctx context.Context, p web.Proposal) web.Verdict {
	e.mu.Lock()
	defer e.mu.Unlock()
	in := e.settings.Input()
	path, before, err := in.File()
	v := web.Verdict{Tag: e.tag(path, before)}
	switch reason := e.refusal(path, err); {
	case reason != "":
		v.Problems = []web.EditProblem{{Reason: reason}}
		return v
	case p.Tag != v.Tag:
		v.Conflict = true
		v.Problems = []web.EditProblem{{Reason: path + " was changed meanwhile", Hint: "load it anew and make the change again"}}
		return v
	}
	edits, what := e.editsOf(in, p, &v)
	if len(v.Problems) > 0 {
		return v
	}
	apart, secrets := config.KeptApart(in, edits, e.secretFile)
	after, err := config.Edited(in, path, before, apart)
	if err != nil {
		v.Problems = problemsOf(err)
		return v
	}
	next := e.with(path, after, secrets)
	cfg, err := next.Load(ctx, config.ForRecords)
	if err != nil {
		v.Problems = problemsOf(err)
		return v
	}
	for _, line := range config.Differences(in, before, after) {
		v.Diff = append(v.Diff, web.DiffLine{Added: line.Added, Text: line.Text})
	}
	if !p.Save {
		v.Plan, v.NoPlan = planOf(ctx, next, cfg)
		return v
	}
	if err := e.save(path, before, after, secrets); err != nil {
		v.Problems = []web.EditProblem{{Reason: err.Error()}}
		return v
	}
	v.Saved, v.Tag = true, e.tag(path, after)
	e.saved(p.Who, strings.Join(what, ", "))
	return v
}

// editsOf is what is proposed, and which settings these are. What speaks against
// it stands in v.
func (e *Editing) editsOf(in *config.Input, p web.Proposal, v *web.Verdict) (edits []config.Edit, what []string) {
	drafts := e.settings.Drafts(in)
	if p.Move {
		edits, v.Variables = config.Moved(in, drafts)
		return edits, v.Variables
	}
	for _, c := range p.Changes {
		edits = append(edits, config.Edit{Path: c.Path, Items: c.Items, Remove: c.Remove})
		what = append(what, c.Path)
	}
	v.Problems = problemsOf(config.Judge(in, drafts, edits))
	return edits, what
}

// planOf is what the next round would do with these settings, or why that is not known.
func planOf(ctx context.Context, s *Settings, cfg *config.Config) (plan *status.Round, why string) {
	if ctx.Err() != nil {
		return nil, "nobody waits for a plan any more"
	}
	a, err := s.Make(cfg, config.ForRecords)
	if err != nil {
		return nil, err.Error()
	}
	defer a.CloseIdle()
	r := a.Engine(QuietLog(), nil).Plan(ctx)
	if ctx.Err() != nil {
		return nil, "the plan took too long"
	}
	return &r, ""
}

// with is the settings as they would be with another homing.yaml and further
// files of secrets, none of which is written yet.
func (e *Editing) with(path string, content []byte, secrets map[string]string) *Settings {
	next := e.settings
	next.unsaved = map[string][]byte{path: content}
	for name, text := range secrets {
		next.unsaved[name] = []byte(text)
	}
	return &next
}

// secretFile is a new file for a secret, in the state folder.
func (e *Editing) secretFile(path string) string {
	some := make([]byte, 6)
	_, _ = rand.Read(some)
	return filepath.Join(e.secretFolder(), path+"-"+hex.EncodeToString(some))
}

func (e *Editing) secretFolder() string {
	folder := e.settings.Folder(e.cfg)
	if abs, err := filepath.Abs(folder); err == nil && folder != "" {
		folder = abs
	}
	return filepath.Join(folder, "secrets")
}

// problemsOf is an error at the settings it is about. A secret is set by its own
// name, and not by that of its file.
func problemsOf(err error) (out []web.EditProblem) {
	problems, ok := errors.AsType[config.Problems](err)
	if !ok && err != nil {
		return []web.EditProblem{{Reason: err.Error()}}
	}
	for _, p := range problems {
		path := strings.TrimSuffix(cmp.Or(p.Path(), p.Name), "_file")
		one := web.EditProblem{Path: path, Reason: p.Reason, Hint: p.Hint}
		if p.Line > 0 && p.Path() == "" {
			one.Reason = fmt.Sprintf("%s (line %d)", p.Reason, p.Line)
		}
		out = append(out, one)
	}
	return out
}
