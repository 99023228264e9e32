package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
)

// SetUp is what the set-up page can do. Its methods are called one at a time. No
// secret comes out of any, but the token of Admit.
type SetUp interface {
	// Hosts are the DNS hosts there are, the most usual first.
	Hosts() []SetUpHost
	// Host is one of them by its word, or else the first, with all that it asks
	// for: that may depend on what was said.
	Host(word string, said map[string]string) SetUpHost
	// Account asks the host at once, with the credential of the answers.
	Account(context.Context, SetUpAnswers) (SetUpSeen, []EditProblem)
	// Review makes the settings of the answers, and writes nothing.
	Review(context.Context, SetUpAnswers) (SetUpMade, []EditProblem)
	// Save writes what Review made last.
	Save(context.Context) []EditProblem
	// Admit is the token of the page that comes next, and its sessions.
	Admit() (secret.String, *Sessions)
}

// SetUpHost is a DNS host, and what it wants to know.
type SetUpHost struct {
	Word, Name string
	Get, Link  string // where the credential comes from
	Asks       []SetUpAsk
	ByHand     string // why it cannot be set up here; empty: it can
}

// SetUpAsk is one thing that a host wants to know.
type SetUpAsk struct {
	Key, Label, Doc, Type, Default string
	Secret, Optional               bool
}

// SetUpAnswers is what was said so far.
type SetUpAnswers struct {
	Host     string
	Account  map[string]string // by the keys of what it asks
	Names    []string
	Families []string // of those that were seen
	Every    string
}

// SetUpSeen is what a credential and this place have shown.
type SetUpSeen struct {
	Listed   bool // whether the host lists its zones
	Zones    []SetUpZone
	Warnings []EditProblem
	Families []SetUpFamily
}

// SetUpZone is a zone in which names can be.
type SetUpZone struct {
	Name     string
	ReadOnly bool
}

// SetUpFamily is a family of addresses.
type SetUpFamily struct {
	Name string // IPv4
	Here bool
	Text string // the address, or why there is none
}

// SetUpMade is what would be written.
type SetUpMade struct {
	File, YAML string
	Secrets    []string // files that get the secrets
	Token      string   // the file of the token of the page; may be empty
	Passing    bool     // they go with the container
	Plan       *status.Round
	NoPlan     string
}

// Why a set-up ended that nobody finished.
var (
	ErrWrongCodes = errors.New("five wrong codes were typed at the set-up page, so it was closed; start homing again for a new code")
	ErrSetUpLate  = errors.New("nobody finished the set-up within an hour, so its page was closed; start homing again for a new code")
)

const (
	setUpCookie = "homing_setup"
	setUpLife   = time.Hour
	codesWrong  = 5
	codeLength  = 8
)

// NewCode is a code that is typed once: 40 random bits in letters and digits that
// look like no others.
func NewCode() secret.String {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	some := make([]byte, codeLength)
	_, _ = rand.Read(some) // it never fails
	for i, b := range some {
		some[i] = letters[int(b)%len(letters)] // of which there are 32
	}
	return secret.New(string(some[:codeLength/2]) + "-" + string(some[codeLength/2:]))
}

// bareCode is a code as it is compared: a person may type it in small letters,
// and a program may paste blanks with it.
func bareCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\t", "", "\r", "", "\n", "").Replace(typed))
}

// setUpSite is the page that sets homing up, for whoever has the code.
type setUpSite struct {
	*Server
	does SetUp
	door *handoverListener
	end  context.CancelCauseFunc
	done atomic.Bool

	mu         sync.Mutex
	code       [sha256.Size]byte
	codeUsed   bool // the code was typed
	wrongCodes int  // codes
	session    [sha256.Size]byte

	step sync.Mutex // is held while a step is under way
	at   progress
}

var errSetUpDone = errors.New("the set-up is done")

// ServeSetUp serves nothing but the page that sets homing up, and is nil once that
// is done. It ends with ErrWrongCodes or ErrSetUpLate where nobody finishes it.
func (s *Server) ServeSetUp(ctx context.Context, l net.Listener, does SetUp, code secret.String) error {
	within, cancel := context.WithTimeoutCause(ctx, setUpLife, ErrSetUpLate)
	defer cancel()
	within, end := context.WithCancelCause(within)
	defer end(nil)
	site := &setUpSite{Server: s, does: does, door: &handoverListener{Listener: l, stopped: make(chan struct{}), gone: make(chan struct{})}, end: end, code: sha256.Sum256([]byte(bareCode(code.Reveal())))}
	err := s.serve(within, site.door, site.handler())
	switch {
	case err != nil:
		return err
	case site.done.Load():
		return nil
	}
	return context.Cause(within)
}

func (s *setUpSite) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.requireKnownHost(func(w http.ResponseWriter, r *http.Request) {
		s.withinQuota(w, r, s.answers, answerWait, func() { s.serveStep(w, r) })
	}))
	mux.HandleFunc("POST "+setUpPath, s.requireKnownHost(s.post))
	mux.HandleFunc("POST /theme", s.requireKnownHost(s.setTheme))
	mux.HandleFunc("GET /assets/{name}", s.requireKnownHost(s.serveAsset))
	for _, path := range []string{"/healthz", "/readyz", "/health"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, "homing is not set up yet") })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, notFound()) })
	return s.prepare(mux)
}

const setUpPath = "/setup"

// requireKnownHost lets in who comes by a name that nobody else can point here.
func (s *setUpSite) requireKnownHost(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.done.Load() {
			w.Header().Set("Connection", "close") // the next one is the daemon's
			redirect(w, daemonLink(r))
			return
		}
		if !s.guard.isKnownHost(r.Host) && !isDirectBySocket(r) {
			s.refuse(w, r, &refusal{status: http.StatusMisdirectedRequest, note: "a host name that others can point here",
				detail: "Until homing is set up it answers only by names that nobody else can point here, such as localhost or its address"})
			return
		}
		serve(w, r)
	}
}

// daemonLink returns where a browser finds at the daemon what it asks for here.
func daemonLink(r *http.Request) string {
	if name, ok := strings.CutPrefix(r.URL.Path, "/assets/"); ok {
		return name
	}
	return "./"
}

// hasSession reports whether r comes from the browser in which the code was typed.
func (s *setUpSite) hasSession(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range r.CookiesNamed(setUpCookie) {
		sum := sha256.Sum256([]byte(c.Value))
		if s.codeUsed && subtle.ConstantTimeCompare(sum[:], s.session[:]) == 1 {
			return true
		}
	}
	return false
}

// submitCode takes a code. The right one opens the page once; after so many wrong ones
// it is closed.
func (s *setUpSite) submitCode(w http.ResponseWriter, r *http.Request) {
	key, left, err := s.tryCode(sha256.Sum256([]byte(bareCode(r.PostForm.Get("code")))))
	switch {
	case errors.Is(err, errCodeWrong):
		s.cfg.Log.Warn("a wrong code was typed at the set-up page", "from", clientOf(r), "left", left)
		writeSetUp(w, r, http.StatusForbidden, s.codeView(r, left))
		if left == 0 {
			s.end(ErrWrongCodes)
		}
	case errors.Is(err, errCodeSpent):
		writeSetUp(w, r, http.StatusConflict, s.codeView(r, codesWrong))
	case err != nil:
		s.refuseWith(w, r, http.StatusGone, "The set-up is closed")
	default:
		s.cfg.Log.Info("the code of the set-up page was typed; it goes on in that browser", "from", clientOf(r))
		c := cookie(r, key, setUpLife)
		c.Name = setUpCookie
		http.SetCookie(w, c)
		redirect(w, "./")
	}
}

var (
	errCodeWrong   = errors.New("the code is wrong")
	errCodeSpent   = errors.New("the code was typed in another browser")
	errSetUpClosed = errors.New("the set-up is closed")
)

// tryCode returns the key of the session that a code opens, or how many wrong ones are left.
func (s *setUpSite) tryCode(typed [sha256.Size]byte) (key string, left int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.wrongCodes >= codesWrong || s.done.Load():
		return "", 0, errSetUpClosed
	case subtle.ConstantTimeCompare(typed[:], s.code[:]) != 1:
		s.wrongCodes++
		return "", codesWrong - s.wrongCodes, errCodeWrong
	case s.codeUsed:
		return "", 0, errCodeSpent
	}
	key = randomHex(sha256.Size)
	s.codeUsed, s.session = true, sha256.Sum256([]byte(key))
	return key, 0, nil
}
