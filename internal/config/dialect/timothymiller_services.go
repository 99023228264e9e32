package dialect

import (
	"net/url"
	"path"
	"strings"
)

// The URLs of SHOUTRRR are like shoutrrr's, which homing understands, but for
// these:
//
//	pushover://token@user              pushover://shoutrrr:token@user
//	gotify://host/path?token=…         gotify://host/path/token
//	gotify+http(s)://host/token        gotify://host/token
//	gotify, slack, telegram            where shoutrrr wants other tokens: a webhook
//	generic://…, generic+http(s)://…   JSON with the message alone; messagekey names its field
//	http(s)://…                        the same
//	any unknown scheme                 the same, by https
//
// There the query of a webhook goes along as it is.

// services puts the URLs into homing's form.
func (r *reader) services() {
	for i := range r.Draft.Entries {
		e := &r.Draft.Entries[i]
		if e.Path != "notify.shoutrrr" {
			continue
		}
		lines := strings.Split(e.Text, "\n")
		for n, line := range lines {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				lines[n] = r.service(n+1, line)
			}
		}
		if text := strings.Join(lines, "\n"); text != e.Text {
			e.Text, e.Note = text, "its URLs have to be written in homing's form: docs/migrating.md has it"
		}
	}
}

func (r *reader) service(line int, raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	known, wrong := true, error(nil)
	if r.in.Service != nil {
		known, wrong = r.in.Service(raw)
	}
	kind, inner, _ := strings.Cut(u.Scheme, "+")
	rest := strings.Trim(u.Path, "/")
	token, isToken := u.User.Password()
	switch {
	case kind == "http" || kind == "https":
		return hook(u, u.Scheme, "")
	case kind == "generic":
		return jsonOf(u)
	case kind == "pushover" && !isToken && u.User.Username() != "":
		u.User = url.UserPassword("shoutrrr", u.User.Username())
		return u.String()
	case kind == "gotify":
		return gotify(u, inner)
	case kind == "slack" && wrong != nil && strings.Count(rest, "/") == 1:
		u.Host, u.Path, u.User = "hooks.slack.com", "/services/"+u.Host+"/"+rest, nil
		return hook(u, "https", "text")
	case kind == "telegram" && wrong != nil && u.User != nil && u.Query().Get("chats") != "":
		bot := u.User.Username()
		if isToken {
			bot += ":" + token
		}
		chat, _, _ := strings.Cut(u.Query().Get("chats"), ",")
		u.Host, u.Path, u.RawQuery, u.User = "api.telegram.org", "/bot"+bot+"/sendMessage", url.Values{"chat_id": {chat}}.Encode(), nil
		return hook(u, "https", "text")
	case !known:
		r.notice("SHOUTRRR: line %d names no service homing knows, so messages are posted there as JSON, by https", line)
		return hook(u, "https", "")
	}
	return raw
}

// hook is the webhook at u, whose query is the service's own.
func hook(u *url.URL, scheme, field string) string {
	query := make(url.Values)
	for key, values := range u.Query() {
		query["__"+key] = values
	}
	if field != "" {
		query.Set("messagekey", field)
	}
	u.Scheme, u.RawQuery = "generic+"+scheme, query.Encode()
	return jsonOf(u)
}

// jsonOf has a webhook post an object, with the message alone.
func jsonOf(u *url.URL) string {
	if query := u.Query(); !query.Has("template") {
		query.Set("template", "json")
		query.Set("titlekey", "")
		u.RawQuery = query.Encode()
	}
	return u.String()
}

// gotify puts the token where homing looks for it. One that shoutrrr takes for
// none of Gotify's goes there by a webhook.
func gotify(u *url.URL, inner string) string {
	query := u.Query()
	if token := query.Get("token"); token != "" {
		u = u.JoinPath(token)
		query.Del("token")
	}
	if inner == "http" {
		query.Set("disabletls", "yes")
	}
	u.Scheme, u.RawQuery = "gotify", query.Encode()
	folder, token := path.Split(strings.TrimSuffix(u.Path, "/"))
	if token == "" || len(token) == 15 && token[0] == 'A' || strings.HasPrefix(token, "gtfy") {
		return u.String()
	}
	u.Scheme, u.Path = "generic", path.Join("/", folder, "message")
	query.Set("__token", token)
	query.Set("template", "json")
	u.RawQuery = query.Encode()
	return u.String()
}
