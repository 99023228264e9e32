package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// tokenName is the file in the state folder that keeps the token homing made.
const tokenName = "token"

// PageToken is the token that guards the page, as one configuration has it.
type PageToken struct {
	settings *Settings
	cfg      *config.Config
	setBy    func() string // reads the settings once
}

// PageToken is the one of a configuration that was loaded from s.
func (s *Settings) PageToken(cfg *config.Config) PageToken {
	return PageToken{s, cfg, sync.OnceValue(s.tokenSetBy)}
}

// In is err in the words of these settings.
func (p PageToken) In(err error) error { return text.ErrorIn(err, p.cfg.Words) }

// InForce is what guards the page: the token that is set; the one that was kept;
// or a new one, which is shown this once and kept, by the process where no file can.
func (p PageToken) InForce(log *slog.Logger) secret.String {
	foreign := p.foreign()
	if t := p.Kept(); !t.IsZero() && !foreign {
		p.judge(t, log)
		return t
	}
	if !p.settings.token.IsZero() {
		return p.settings.token
	}
	t, where, err := newToken(), "", errors.New("the state folder is not used")
	if !foreign {
		where, err = p.keep(t)
	}
	if err != nil {
		p.settings.token = t
		log.Warn("generated a login token for the page; it cannot be saved, so it is valid until homing stops", "token", t.Reveal(), "error", err)
		return t
	}
	log.Info("generated a login token for the page (shown only once)", "token", t.Reveal(), "kept in", where)
	return t
}

// judge tells of a token in a file that can be guessed; one in the settings is
// told of with them.
func (p PageToken) judge(t secret.String, log *slog.Logger) {
	if p.cfg.Serve.Token.IsZero() && len(t.Reveal()) < shortToken {
		log.Warn("the page's token is shorter than 16 characters and can be guessed; empty the file to have a new one generated", "file", p.File())
	}
}

// InFolder reports whether the token is kept in the state folder, and neither
// set nor kept where a predecessor would.
func (p PageToken) InFolder() bool {
	r := p.settings.Reading
	return (r == nil || r.Listen == "") && p.SetBy() == ""
}

// foreign reports whether others may have put there what is kept. A token that
// is set is the person's own word.
func (p PageToken) foreign() bool {
	return p.InFolder() && status.Foreign(p.settings.Folder(p.cfg), false) != nil
}

// Renew makes a new token and keeps it.
func (p PageToken) Renew() (t secret.String, path string, err error) {
	t = newToken()
	path, err = p.keep(t)
	return t, path, err
}

func newToken() secret.String {
	made := make([]byte, 32)
	_, _ = rand.Read(made) // it never fails
	return secret.New(base64.RawURLEncoding.EncodeToString(made))
}

// Kept is the token that is set or was kept; zero when there is none.
func (p PageToken) Kept() secret.String {
	if !p.cfg.Serve.Token.IsZero() {
		return p.cfg.Serve.Token
	}
	if r := p.settings.Reading; r != nil && r.Listen != "" {
		return r.Widget.Token
	}
	path := p.File()
	if path == "" {
		return secret.String{}
	}
	b, err := p.settings.ReadSmall(path)
	if err != nil {
		return secret.String{}
	}
	return secret.New(strings.TrimSpace(string(b)))
}

// File is where a token is kept that homing makes; empty where none can be.
func (p PageToken) File() string {
	if r := p.settings.Reading; r != nil && r.Listen != "" {
		return r.Widget.File
	}
	return tokenIn(p.settings.Folder(p.cfg))
}

// tokenIn is the token's file in a folder; without one it is none, and not one
// where homing happens to stand.
func tokenIn(folder string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, tokenName)
}

// SetBy is the setting that holds the token; empty where homing makes it.
func (p PageToken) SetBy() string { return p.setBy() }

func (s *Settings) tokenSetBy() string {
	for _, d := range s.Drafts(s.Input()) {
		for _, path := range []string{"serve.token", "serve.token_file"} {
			e, ok := d.Get(path)
			if r := s.Reading; ok && (r == nil || r.Widget.File == "" || e.Origin.File != r.Widget.File) {
				return strings.TrimSuffix(e.Origin.Name+" in "+e.Origin.File, " in ")
			}
		}
	}
	return ""
}

// Watched is the file of a token that another one may take the place of
// while homing runs; empty where there is none, or the page is not served.
func (p PageToken) Watched() string {
	if p.cfg.Serve.Listen == config.Off || p.SetBy() != "" || p.foreign() {
		return ""
	}
	return p.File()
}

// keep writes a token where the next start finds it.
func (p PageToken) keep(t secret.String) (path string, err error) {
	path = p.File()
	if r := p.settings.Reading; r != nil && r.Listen != "" {
		if path == "" {
			return "", text.Errorf("the file it belongs into cannot be used; set {serve.token}")
		}
		content, err := r.Widget.Keep(t)
		if err != nil {
			return "", err
		}
		return path, readable(writePrivate(path, content), "set {serve.token}")
	}
	const cure text.Hint = "name another with {state}"
	if path == "" {
		return "", text.Errorf("there is no folder for it; %s", cure)
	}
	return path, readable(replacePrivate(path, []byte(t.Reveal()+"\n")), cure)
}
