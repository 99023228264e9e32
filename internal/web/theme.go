package web

import (
	"net/http"
	"time"
)

const (
	themeCookie = "homing_theme"
	themeLife   = 365 * 24 * time.Hour
)

// themes are what the page can look like; the first is as the browser wishes.
func themes() []themeView {
	return []themeView{{"auto", "Auto"}, {"light", "Light"}, {"dark", "Dark"}}
}

type themeView struct{ Name, Title string }

// themeOf is what somebody has chosen.
func themeOf(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil {
		return themeNamed(c.Value)
	}
	return themes()[0].Name
}

func themeNamed(name string) string {
	for _, t := range themes() {
		if t.Name == name {
			return name
		}
	}
	return themes()[0].Name
}

// setTheme keeps the choice in the browser that made it.
func (s *Server) setTheme(w http.ResponseWriter, r *http.Request) {
	if !s.formRead(w, r) {
		return
	}
	c := cookie(r, themeNamed(r.PostForm.Get("theme")), themeLife)
	c.Name = themeCookie
	http.SetCookie(w, c)
	redirect(w, "./")
}
