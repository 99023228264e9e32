package web

import (
	"net/http"
	"time"
)

const (
	themeCookie = "homing_theme"
	themeLife   = 365 * 24 * time.Hour
)

// themes are what the page can look like; the first is as the browser wishes. They
// are never changed.
var themes = []choice{{"auto", "Auto"}, {"light", "Light"}, {"dark", "Dark"}}

// themeOf is what somebody has chosen.
func themeOf(r *http.Request) string {
	name := ""
	if c, err := r.Cookie(themeCookie); err == nil {
		name = c.Value
	}
	return themeNamed(name)
}

func themeNamed(name string) string {
	if among(themes, name) {
		return name
	}
	return themes[0].Name
}

// setTheme keeps the choice in the browser that made it.
func (s *Server) setTheme(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	c := cookie(r, themeNamed(r.PostForm.Get("theme")), themeLife)
	c.Name = themeCookie
	http.SetCookie(w, c)
	redirect(w, "./")
}
