package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"sync"
	"time"
)

const (
	sessionCookie = "homing_session"
	sessionLife   = 30 * 24 * time.Hour
)

// sessions are cookies that carry their end and a proof that homing made them.
// Nothing is kept: they outlive a restart and end with the token.
type sessions struct {
	key []byte

	mu    sync.Mutex
	ended map[string]time.Time // logged out, and when they would have ended
}

// endedMost bounds the sessions that are remembered as logged out.
const endedMost = 1000

func newSessions(token string) *sessions {
	return &sessions{key: seal([]byte(token), []byte("homing session key")), ended: make(map[string]time.Time)}
}

// close ends a session before its time, as long as this process runs.
func (s *sessions) close(cookie string) {
	if !s.valid(cookie) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, end := range s.ended {
		if len(s.ended) >= endedMost || !time.Now().Before(end) {
			delete(s.ended, c)
		}
	}
	s.ended[cookie] = time.Now().Add(sessionLife)
}

func (s *sessions) isClosed(cookie string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, closed := s.ended[cookie]
	return closed
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
	return hmac.Equal([]byte(cookie), []byte(s.open(end))) && time.Now().Before(end) && !s.isClosed(cookie)
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
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, refusal{status: http.StatusBadRequest, detail: "The form cannot be read"})
		return
	}
	c, no := s.guard.judgeToken(r, r.PostForm.Get("token"))
	switch {
	case no != nil:
		s.refuse(w, r, *no)
		return
	case c != tokenShown:
		s.tell.refused(clientOf(r), "403", "a wrong token at the log-in")
		s.writeLogin(w, r, http.StatusForbidden)
		return
	}
	http.SetCookie(w, cookie(r, s.guard.sessions.open(time.Now().Add(sessionLife)), sessionLife))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	for _, c := range r.CookiesNamed(sessionCookie) {
		s.guard.sessions.close(c.Value)
	}
	http.SetCookie(w, cookie(r, "", 0))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
