package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"
)

const (
	sessionCookie = "homing_session"
	sessionLife   = 30 * 24 * time.Hour
)

// sessions are cookies that carry their end and a proof that homing made them.
// Nothing is kept: they outlive a restart and end with the token.
type sessions struct{ key []byte }

func newSessions(token string) *sessions {
	return &sessions{seal([]byte(token), []byte("homing session key"))}
}

func seal(key, what []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(what)
	return h.Sum(nil)
}

// open makes the value of a cookie that is good until end.
func (s *sessions) open(end time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(end.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, seal(s.key, b)...))
}

// valid compares with what open makes instead of what a decoder makes of the
// cookie: several texts decode to the same bytes.
func (s *sessions) valid(cookie string) bool {
	b, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(b) != 8+sha256.Size {
		return false
	}
	end := time.Unix(int64(binary.BigEndian.Uint64(b)), 0)
	return hmac.Equal([]byte(cookie), []byte(s.open(end))) && time.Now().Before(end)
}

// cookie is the session that r asked for; a life of nothing ends it.
func cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{Name: sessionCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.URL.Scheme == "https", MaxAge: int(life.Seconds())}
	if life == 0 {
		c.MaxAge = -1
	}
	return c
}

// login takes the token of the form and opens a session.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	client := clientOf(r)
	if no := s.guard.throttle.wait(r.Context(), client); no != nil {
		s.refuse(w, r, *no)
		return
	}
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, refusal{status: http.StatusBadRequest, detail: "The form cannot be read"})
		return
	}
	if !s.guard.isToken(r.PostForm.Get("token")) {
		s.guard.throttle.failed(client)
		s.tell.refused(client, "403", "a wrong token at the log-in")
		s.writeLogin(w, r, http.StatusForbidden)
		return
	}
	http.SetCookie(w, cookie(r, s.guard.sessions.open(time.Now().Add(sessionLife)), sessionLife))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, cookie(r, "", 0))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
