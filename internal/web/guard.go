package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/text"
)

// access is who may ask for something. Its zero value is the strictest.
type access uint8

const (
	toWrite    access = iota // with the token or a session
	toRead                   // the same, or anybody where reading is public
	asDynCFDNS               // the same in DynCFDNS's words
	byAnybody                // without any credential, by a name that is ours
	byAnyHost                // without any credential, by any name
)

// credential is what a request has to show for itself.
type credential uint8

const (
	noCredential credential = iota
	tokenShown
	sessionShown
	wrongToken
)

// guard says who may come in.
type guard struct {
	token        [sha256.Size]byte
	hasToken     bool
	unguessable  bool
	publicRead   bool
	settingWords text.Words
	hosts        []string
	sessions     *sessions
	throttle     *throttle
}

func newGuard(cfg Config) *guard {
	token := cfg.Token.Reveal()
	g := &guard{token: sha256.Sum256([]byte(token)), hasToken: token != "", unguessable: len(token) >= guessable, publicRead: cfg.PublicRead, settingWords: cfg.Words,
		sessions: newSessions(token, cfg.Sessions), throttle: newThrottle()}
	for _, h := range cfg.Hosts {
		g.hosts = append(g.hosts, strings.ToLower(strings.TrimSuffix(h, ".")))
	}
	return g
}

// isToken compares in a time that tells nothing.
func (g *guard) isToken(s string) bool {
	sum := sha256.Sum256([]byte(s))
	return subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1 && g.hasToken
}

// authenticate returns the credential of r. Who guessed wrong too often is kept waiting.
func (g *guard) authenticate(r *http.Request, take func(header string) string) (credential, *refusal) {
	if header := r.Header.Get("Authorization"); header != "" {
		return g.checkToken(r, take(header))
	}
	for _, c := range r.CookiesNamed(sessionCookie) { // a browser sends all it has of the name
		if g.hasToken && g.sessions.valid(c.Value) {
			return sessionShown, nil
		}
	}
	return noCredential, nil
}

// checkToken returns what a token is worth. One that nobody can guess is let in at
// once, whoever else guesses, behind this address or elsewhere.
func (g *guard) checkToken(r *http.Request, token string) (credential, *refusal) {
	client, right := clientOf(r), g.isToken(token)
	if right && g.unguessable {
		return tokenShown, nil
	}
	if no := g.throttle.waitTurn(r.Context(), client); no != nil {
		return wrongToken, no
	}
	if !right {
		return wrongToken, nil
	}
	g.throttle.succeeded(client)
	return tokenShown, nil
}

// guessable is a token so short that guesses have to be slowed down even where
// they are right.
const guessable = 16 // characters

// bearer is the token in an Authorization header; the scheme may be left out.
func bearer(header string) string {
	if scheme, token, ok := strings.Cut(header, " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return strings.TrimSpace(header)
}

type credentialKey struct{}

// credentialOf returns the credential with which r was let in.
func credentialOf(r *http.Request) credential {
	c, _ := r.Context().Value(credentialKey{}).(credential)
	return c
}

// admit lets in who may come.
func (s *Server) admit(to *route) http.HandlerFunc {
	g := s.guard
	return func(w http.ResponseWriter, r *http.Request) {
		if to.access == byAnyHost {
			s.answer(to, w, r)
			return
		}
		take := bearer
		if to.access == asDynCFDNS {
			take = bareToken
		}
		c, no := g.authenticate(r, take)
		if no == nil {
			no = g.authorize(r, to.access, c)
		}
		switch {
		case no == nil:
			s.answer(to, w, r.WithContext(context.WithValue(r.Context(), credentialKey{}, c)))
		case no.status == http.StatusUnauthorized && to.isPage():
			redirect(w, "login")
		default:
			s.refuse(w, r, no)
		}
	}
}

// authorize returns a refusal, or nil. Credentials are judged first, so that a host by
// another name is told apart from a wrong token.
func (g *guard) authorize(r *http.Request, a access, c credential) *refusal {
	open := a == byAnybody || g.publicRead && a != toWrite
	switch {
	case c == wrongToken && !g.hasToken, c == noCredential && !g.hasToken && a == toWrite:
		return newRefusal(http.StatusServiceUnavailable, "No API token configured")
	case c == wrongToken && a != byAnybody:
		return &refusal{status: http.StatusForbidden, detail: "Unauthorized", note: "a wrong token"}
	case c != tokenShown && !g.isKnownHost(r.Host) && !isDirectBySocket(r):
		return unknownHost(r.Host, g.settingWords)
	case c == sessionShown && lacksOrigin(r):
		return cookieWithoutOrigin()
	case c == noCredential && !open:
		return newRefusal(http.StatusUnauthorized, "Authorization header required")
	}
	return nil
}

// isKnownHost reports whether host is a name that a stranger cannot point at this
// machine (DNS rebinding): an address, localhost, a name below a suffix that is
// kept out of the DNS, or one that the settings name. A name of one label and
// one below local are neither: whoever is on the network answers for them
// (multicast DNS, LLMNR, NetBIOS), or the search domain does.
//
// Sources: RFC 6761 (localhost), RFC 6762 section 21 (local), RFC 4795 section 5
// (LLMNR), RFC 8375 (home.arpa), ICANN's reservation of internal (2024).
func (g *guard) isKnownHost(host string) bool {
	host = hostWithoutPort(host)
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	if host == "" || strings.ContainsAny(host, "/\\@:%# ") {
		return false
	}
	return host == "localhost" || slices.Contains(g.hosts, host) ||
		slices.ContainsFunc([]string{".localhost", ".home.arpa", ".internal"}, func(s string) bool { return strings.HasSuffix(host, s) })
}

// isDirectBySocket reports whether r came by the unix socket itself, by a name of one
// label: a browser cannot be led there.
func isDirectBySocket(r *http.Request) bool {
	return clientOf(r) == local && !strings.Contains(hostWithoutPort(r.Host), ".")
}

// hostWithoutPort returns a Host header without its port, as names are compared.
func hostWithoutPort(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// unknownHost is the answer to a request by a name that is not known.
func unknownHost(host string, words text.Words) *refusal {
	setting := text.The("serve.hosts")
	note := text.Advise("a host name that others can point here; %s allows it", setting)
	if name := hostWithoutPort(host); name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == "" {
		setting = setting.To(name)
	}
	detail := text.Advise("Without a token homing answers only by names that nobody else can point here, such as its address; to come by this one, set %s", setting)
	return &refusal{status: http.StatusMisdirectedRequest, note: note.In(words), detail: detail.In(words)}
}
