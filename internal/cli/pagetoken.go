package cli

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
)

// tokenName is the file in the state folder that keeps the token homing made.
const tokenName = "token"

// token is what guards the page: the one that is set; the one that was kept; or
// a new one, which is shown this once and kept, by the witness where no file can.
func (a *session) token(env Env, log *slog.Logger, w *witness) secret.String {
	if t := a.keptToken(env); !t.IsZero() {
		return t
	}
	if !w.token.IsZero() {
		return w.token
	}
	t := newToken()
	where, err := a.keep(env, t)
	if err != nil {
		w.token = t
		log.Warn("a token for the page was made; it cannot be kept, so it holds until homing ends", "token", t.Reveal(), "error", err)
		return t
	}
	log.Info("a token for the page was made; it is shown only now", "token", t.Reveal(), "kept in", where)
	return t
}

func newToken() secret.String {
	made := make([]byte, 32)
	_, _ = rand.Read(made) // it never fails
	return secret.New(base64.RawURLEncoding.EncodeToString(made))
}

// keptToken is the token that is set or was kept; zero when there is none.
func (a *session) keptToken(env Env) secret.String {
	if !a.Config.Serve.Token.IsZero() {
		return a.Config.Serve.Token
	}
	if r := env.settings.Reading; r != nil && r.Listen != "" {
		return r.Widget.Token
	}
	path := a.tokenFile(env)
	if path == "" {
		return secret.String{}
	}
	b, err := env.settings.ReadSmall(path)
	if err != nil {
		return secret.String{}
	}
	return secret.New(strings.TrimSpace(string(b)))
}

// tokenFile is where a token is kept that homing makes; empty where none can be.
func (a *session) tokenFile(env Env) string {
	if r := env.settings.Reading; r != nil && r.Listen != "" {
		return r.Widget.File
	}
	if folder := stateFolder(env, a.Config); folder != "" {
		return filepath.Join(folder, tokenName)
	}
	return ""
}

// tokenSetBy is the setting that holds the token; empty where homing makes it.
func (a *session) tokenSetBy(env Env) string {
	for _, d := range env.settings.Drafts(env.settings.Input()) {
		for _, path := range []string{"serve.token", "serve.token_file"} {
			e, ok := d.Get(path)
			if r := env.settings.Reading; ok && (r == nil || r.Widget.File == "" || e.Origin.File != r.Widget.File) {
				return strings.TrimSuffix(e.Origin.Name+" in "+e.Origin.File, " in ")
			}
		}
	}
	return ""
}

// watchedToken is the file of a token that another one may take the place of
// while homing runs; empty where there is none, or the page is not served.
func (a *session) watchedToken(env Env) string {
	if a.Config.Serve.Listen == config.Off || a.tokenSetBy(env) != "" {
		return ""
	}
	return a.tokenFile(env)
}

// keep writes a token where the next start finds it.
func (a *session) keep(env Env, t secret.String) (path string, err error) {
	path = a.tokenFile(env)
	if r := env.settings.Reading; r != nil && r.Listen != "" {
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

// writePrivate writes a file that nobody else may read.
func writePrivate(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

// replacePrivate puts a file that nobody else may read in the place of whatever
// stands there: a link is not followed, and a FIFO keeps nobody waiting. It
// belongs to whom the folder does, or what root makes the daemon could not read.
func replacePrivate(path string, content []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, "."+tokenName+"-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		if info, e := os.Stat(folder); e == nil && os.Geteuid() == 0 {
			if uid, gid, ok := status.OwnerOf(info); ok {
				err = os.Chown(f.Name(), uid, gid)
			}
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// readable adds who homing runs as to what went wrong with a file, and what
// else would do.
func readable(err error, cure string) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; %s may not write there: give it that folder, or %s", err, cmp.Or(app.WhoRuns(), "homing"), cure)
	}
	return err
}
