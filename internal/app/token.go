package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
)

// tokenName is the file in the state folder that keeps the token homing made.
const tokenName = "token"

// PageToken is the token that guards the page, as one configuration has it.
type PageToken struct {
	settings *Settings
	cfg      *config.Config
}

// PageToken is the one of a configuration that was loaded from s.
func (s *Settings) PageToken(cfg *config.Config) PageToken { return PageToken{s, cfg} }

// InForce is what guards the page: the token that is set; the one that was kept;
// or a new one, which is shown this once and kept, by the process where no file can.
func (p PageToken) InForce(log *slog.Logger) secret.String {
	if t := p.Kept(); !t.IsZero() {
		return t
	}
	if !p.settings.token.IsZero() {
		return p.settings.token
	}
	t, where, err := p.Renew()
	if err != nil {
		p.settings.token = t
		log.Warn("a token for the page was made; it cannot be kept, so it holds until homing ends", "token", t.Reveal(), "error", err)
		return t
	}
	log.Info("a token for the page was made; it is shown only now", "token", t.Reveal(), "kept in", where)
	return t
}

// Renew makes a new token and keeps it; where that fails it is still one.
func (p PageToken) Renew() (t secret.String, path string, err error) {
	made := make([]byte, 32)
	_, _ = rand.Read(made) // it never fails
	t = secret.New(base64.RawURLEncoding.EncodeToString(made))
	path, err = p.keep(t)
	return t, path, err
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
	if folder := p.settings.Folder(p.cfg); folder != "" {
		return filepath.Join(folder, tokenName)
	}
	return ""
}

// SetBy is the setting that holds the token; empty where homing makes it.
func (p PageToken) SetBy() string {
	for _, d := range p.settings.Drafts(p.settings.Input()) {
		for _, path := range []string{"serve.token", "serve.token_file"} {
			e, ok := d.Get(path)
			if r := p.settings.Reading; ok && (r == nil || r.Widget.File == "" || e.Origin.File != r.Widget.File) {
				return strings.TrimSuffix(e.Origin.Name+" in "+e.Origin.File, " in ")
			}
		}
	}
	return ""
}

// Watched is the file of a token that another one may take the place of
// while homing runs; empty where there is none, or the page is not served.
func (p PageToken) Watched() string {
	if p.cfg.Serve.Listen == config.Off || p.SetBy() != "" {
		return ""
	}
	return p.File()
}

// keep writes a token where the next start finds it.
func (p PageToken) keep(t secret.String) (path string, err error) {
	path = p.File()
	if r := p.settings.Reading; r != nil && r.Listen != "" {
		if path == "" {
			return "", errors.New("the file it belongs into cannot be used; set API_TOKEN")
		}
		content, err := r.Widget.Keep(t)
		if err != nil {
			return "", err
		}
		return path, readable(writePrivate(path, content), "set API_TOKEN")
	}
	const cure = "name another with HOMING_STATE"
	if path == "" {
		return "", errors.New("there is no folder for it; " + cure)
	}
	return path, readable(replacePrivate(path, []byte(t.Reveal()+"\n")), cure)
}
