package dialect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
)

// api reads where DynCFDNS's page is served and what guards it. It is there
// unless API_PORT is 0 or less; an API_PORT that is set but empty turns it off
// too.
func (r *reader) api() {
	text, set := r.in.lookup("API_PORT")
	o := config.Variable("API_PORT")
	port, ok := r.number("serve.listen", o.Name, "write a port, such as 5000, or 0 for none")
	switch {
	case !set:
		port, o = 5000, r.implied()
	case text == "":
		r.notice("API_PORT is set but empty, so nothing is served; without it there would be a page on port 5000")
	case !ok:
		return
	case port > 65535:
		r.Draft.Wrong("serve.listen", o, text, "there is no such port", "write a port, such as 5000, or 0 for none")
		return
	}
	if port <= 0 {
		r.set("serve.listen", config.Off, o)
		return
	}
	r.Listen = fmt.Sprintf("0.0.0.0:%d", port)
	r.set("serve.listen", r.Listen, o)
	r.Widget.File, r.Widget.kept = r.keptToken()
	by := config.Variable("API_TOKEN")
	token := r.in.Env(by.Name)
	if token == "" {
		token, by = r.Widget.token(r), &config.Origin{Name: "api_token", File: r.Widget.File}
	}
	if token != "" {
		r.set("serve.token", token, by)
		r.Widget.Token = secret.New(token)
	}
}

// keptToken is the file in which DynCFDNS keeps its token: the first there is,
// else the first that has a folder.
func (r *reader) keptToken() (file string, kept []byte) {
	const name = "/.config.json"
	if r.in.ReadFile == nil {
		return "", nil
	}
	folders := []string{"./config", "/app/config"}
	for _, folder := range folders {
		b, err := r.in.ReadFile(folder + name)
		if err == nil {
			return folder + name, b
		}
		if !errors.Is(err, fs.ErrNotExist) {
			reason, hint := r.in.Unreadable(folder+name, err)
			r.notice("%s: %s, so no token is taken from it and none is kept in it; %s, or set API_TOKEN", folder+name, reason, hint)
			return "", nil // what else is in it would be lost
		}
	}
	for _, folder := range folders {
		if r.in.isFolder(folder) {
			return folder + name, nil
		}
	}
	return folders[0] + name, nil
}

// token is what the file holds. One that cannot be read is left alone.
func (w *Widget) token(r *reader) string {
	if len(w.kept) == 0 {
		return ""
	}
	doc, err := parseJSON(w.File, w.kept)
	if err != nil || doc.root.kind != jsonObject {
		r.notice("%s does not hold a JSON object, so no token is taken from it and none is kept in it; mend it or remove it, or set API_TOKEN", w.File)
		w.File, w.kept = "", nil
		return ""
	}
	if token := doc.root.field("api_token"); token != nil && token.kind == jsonText {
		return token.text
	}
	return ""
}

// Keep is what File is to hold so that token is found there at the next start,
// by homing or by DynCFDNS; whatever else is in it stays.
func (w Widget) Keep(token secret.String) ([]byte, error) {
	all := make(map[string]json.RawMessage)
	if len(w.kept) > 0 {
		if err := json.Unmarshal(w.kept, &all); err != nil {
			return nil, fmt.Errorf("read %s: %w", w.File, err)
		}
	}
	quoted, err := json.Marshal(token.Reveal())
	if err != nil {
		return nil, fmt.Errorf("write the token as JSON: %w", err)
	}
	all["api_token"] = quoted
	return json.MarshalIndent(all, "", "  ")
}

func (in *Input) isFolder(path string) bool {
	if in.Stat == nil {
		return false
	}
	info, err := in.Stat(path)
	return err == nil && info.IsDir()
}
