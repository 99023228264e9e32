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
// Of those that are open nothing is kept; they end with the token.
type sessions struct {
	*Sessions
	key []byte
}

func newSessions(token string, s *Sessions) *sessions {
	return &sessions{s, seal(seal([]byte(token), []byte("homing session key")), s.salt)}
}

func seal(key, what []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(what)
	return h.Sum(nil)
}

// issue returns the value of a new cookie that is good until end, or a little longer.
func (s *sessions) issue(end time.Time) string { return s.cookieValue(s.uniqueExpiry(end.Unix())) }

// cookieValue returns the cookie of the session that ends at this Unix second.
func (s *sessions) cookieValue(end int64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(end))
	return base64.RawURLEncoding.EncodeToString(append(b, seal(s.key, b)...))
}

// expiry returns when the session of a cookie ends, in Unix seconds, and whether homing
// made it and it is good. It compares with what homing makes instead of what a
// decoder makes of the cookie: several texts decode to the same bytes.
func (s *sessions) expiry(cookie string) (end int64, valid bool) {
	b, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(b) != 8+sha256.Size {
		return 0, false
	}
	end = int64(binary.BigEndian.Uint64(b))
	return end, hmac.Equal([]byte(cookie), []byte(s.cookieValue(end))) && time.Now().Before(time.Unix(end, 0)) && !s.isRevoked(end)
}

func (s *sessions) valid(cookie string) bool {
	_, valid := s.expiry(cookie)
	return valid
}

// cookie is the session that r asked for; a life of nothing ends it.
func cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{Name: sessionCookie, Value: value, Path: mountOf(r).path + "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.URL.Scheme == "https", MaxAge: int(life.Seconds())}
	if life == 0 {
		c.MaxAge = -1
	}
	return c
}

// login takes the token of the form and opens a session.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	c, no := s.guard.checkToken(r, r.PostForm.Get("token"))
	switch {
	case no != nil:
		s.refuse(w, r, no)
		return
	case c != tokenShown:
		s.accessLog.refused(clientOf(r), "403", "a wrong token at the log-in")
		s.writeLogin(w, r, http.StatusForbidden)
		return
	}
	http.SetCookie(w, cookie(r, s.guard.sessions.issue(time.Now().Add(sessionLife)), sessionLife))
	redirect(w, "./")
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	for _, c := range r.CookiesNamed(sessionCookie) {
		if end, valid := s.guard.sessions.expiry(c.Value); valid && s.guard.hasToken {
			s.guard.sessions.revoke(end)
		}
	}
	http.SetCookie(w, cookie(r, "", 0))
	redirect(w, "./")
}
