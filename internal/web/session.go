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

// open makes the value of a cookie that is good until end, or a little longer.
func (s *sessions) open(end time.Time) string { return s.value(s.next(end.Unix())) }

// value is the cookie of the session that ends at this Unix second.
func (s *sessions) value(end int64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(end))
	return base64.RawURLEncoding.EncodeToString(append(b, seal(s.key, b)...))
}

// endOf is when the session of a cookie ends, in Unix seconds, and whether homing
// made it and it is good. It compares with what homing makes instead of what a
// decoder makes of the cookie: several texts decode to the same bytes.
func (s *sessions) endOf(cookie string) (end int64, valid bool) {
	b, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(b) != 8+sha256.Size {
		return 0, false
	}
	end = int64(binary.BigEndian.Uint64(b))
	return end, hmac.Equal([]byte(cookie), []byte(s.value(end))) && time.Now().Before(time.Unix(end, 0)) && !s.closed(end)
}

func (s *sessions) valid(cookie string) bool {
	_, valid := s.endOf(cookie)
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
	if !s.formRead(w, r) {
		return
	}
	c, no := s.guard.judgeToken(r, r.PostForm.Get("token"))
	switch {
	case no != nil:
		s.refuse(w, r, no)
		return
	case c != tokenShown:
		s.tell.refused(clientOf(r), "403", "a wrong token at the log-in")
		s.writeLogin(w, r, http.StatusForbidden)
		return
	}
	http.SetCookie(w, cookie(r, s.guard.sessions.open(time.Now().Add(sessionLife)), sessionLife))
	redirect(w, "./")
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	for _, c := range r.CookiesNamed(sessionCookie) {
		if end, valid := s.guard.sessions.endOf(c.Value); valid && s.guard.hasToken {
			s.guard.sessions.close(end)
		}
	}
	http.SetCookie(w, cookie(r, "", 0))
	redirect(w, "./")
}
