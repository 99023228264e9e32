package dialect

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// read is the contents of a file.
func (in *Input) read(path string) ([]byte, error) {
	if in.ReadFile == nil {
		return nil, fs.ErrNotExist
	}
	return in.ReadFile(path)
}

// fileWins reports whether what variable+"_FILE" names is there to be read, and
// so goes before the variable. Where there is neither, it is tried all the same
// and the problem told.
func (r *reader) fileWins(variable string) (path string, wins bool) {
	path = r.in.Env(variable + "_FILE")
	if path == "" {
		return "", false
	}
	_, err := r.in.read(path)
	if errors.Is(err, fs.ErrNotExist) && r.in.Env(variable) != "" {
		r.notice("%s_FILE names %s, which is not there; %s is taken instead", variable, path, variable)
		return "", false
	}
	return path, true
}

// oneOf is the text of a variable, or of the file that it may name instead. ok
// is false when that file could not be read, which is a problem with path.
func (r *reader) oneOf(variable, path string) (text string, o *config.Origin, ok bool) {
	file, wins := r.fileWins(variable)
	if !wins {
		return r.in.Env(variable), config.Variable(variable), true
	}
	o = config.Variable(variable + "_FILE")
	data, err := r.in.read(file)
	if err != nil {
		reason, hint := r.in.Unreadable(file, err)
		r.Draft.Wrong(path, o, file, reason, hint)
		return "", o, false
	}
	r.Draft.Files = append(r.Draft.Files, file)
	return strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff")), o, true
}

// configJSON is where the file is looked for.
func (in *Input) configJSON() string {
	folder := in.Env("CONFIG_PATH")
	if strings.HasSuffix(folder, ".json") {
		return folder
	}
	return path.Join(folder, "config.json")
}

// isConfigJSON reports whether a file has zones in it, as far as that shows.
func (in *Input) isConfigJSON(path string) bool {
	data, err := in.read(path)
	if err != nil {
		return false
	}
	f, err := parseJSON(path, data)
	if err != nil {
		return bytes.Contains(data, []byte(`"cloudflare"`)) // a mistake in it is to be told, not passed over
	}
	zones := f.root.field("cloudflare")
	return zones != nil && zones.kind == jsonArray
}
