// Package googletest is Google Cloud DNS for tests: its API, what hands out tokens,
// and the metadata server of a machine. It is written from the discovery document
// (dns v1, revision 20261009), from Google's pages on service accounts (OAuth 2.0)
// and on error messages of Cloud DNS, and from refusals that people reported
// (certbot 6036 and 8523, external-dns 3311 and 3885, bridgy-fed 1072). It refuses
// fields, paths and parameters that these do not know.
package googletest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Scope is what a token has to be good for.
const Scope = "https://www.googleapis.com/auth/ndev.clouddns.readwrite"

// Email is the one service account there is, and KeyID its key.
const (
	Email = "homing@my-project.iam.gserviceaccount.com"
	KeyID = "0123456789abcdef"
)

// Server is the API with one project.
type Server struct {
	project string
	private *rsa.PrivateKey

	mu      sync.Mutex
	state   State
	zones   []*zone
	tokens  map[string]time.Time // until when each holds
	given   int
	changes int
	status  map[string]int // by the id of a change: questions until it is done
	calls   []Call
	fault   Fault
	after   func()
}

// State is how the server is at the moment.
type State struct {
	Quota     Quota
	Page      int           // sets and zones of a page
	Skew      time.Duration // by which its clock is ahead
	Life      time.Duration // of a token
	Account   string        // why tokens are refused: "unknown key", "gone", "disabled"; empty: they are not
	Deny      string        // the reason for which every call of the API is refused; empty: none is
	Blind     bool          // the account may not read the project
	Unlisted  bool          // the account may not list zones
	Pending   int           // questions after which a change is done
	NoMachine bool          // the machine has no service account
}

// Quota is what the project may change at once.
type Quota struct {
	Kind      string `json:"kind"`
	Additions int    `json:"rrsetAdditionsPerChange"`
	Deletions int    `json:"rrsetDeletionsPerChange"`
	Octets    int    `json:"totalRrdataSizePerChange"`
	Values    int    `json:"resourceRecordsPerRrset"`
	Sets      int    `json:"rrsetsPerManagedZone"`
}

// Call is a call of the API that was answered by a server that works.
type Call struct {
	Method, Path string
	Sets         int // of a change: additions and deletions
	Status       int
}

// Fault is how a Server fails.
type Fault uint8

// None is the lack of one. Of Lose the answer to a change is lost.
const (
	None Fault = iota
	Lose
	Down
	Hang
)

// New is a server with this project and no zones.
func New(project string) *Server {
	private, err := rsa.GenerateKey(rand.Reader, 1024) // short, so that tests are
	if err != nil {
		panic(err)
	}
	return &Server{project: project, private: private, tokens: map[string]time.Time{}, status: map[string]int{},
		state: State{Page: 100, Life: time.Hour, Quota: Quota{Kind: "dns#quota", Additions: 1000, Deletions: 1000, Octets: 100_000, Values: 100, Sets: 10_000}}}
}

// KeyFile is the key of the account, as its file has it, where tokens are had at
// this address.
func (s *Server) KeyFile(tokens string) string {
	der, err := x509.MarshalPKCS8PrivateKey(s.private)
	if err != nil {
		panic(err)
	}
	b, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": s.project, "private_key_id": KeyID, "client_email": Email, "token_uri": tokens,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "universe_domain": "googleapis.com",
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Be changes how the server is.
func (s *Server) Be(edit func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit(&s.state)
}

// Revoke takes all tokens back.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// Given is how many tokens were handed out.
func (s *Server) Given() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given
}

// Fail makes calls fail from now on, those for tokens too.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// After has then run once, when the sets of a zone were read.
func (s *Server) After(then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = then
}

// Calls is those since it was asked last.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// ServeHTTP answers with the faults there are.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fault, after, skew := s.fault, s.after, s.state.Skew
	s.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
	write := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/changes")
	switch {
	case fault == Down:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case fault == Hang:
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	case fault == Lose && write:
		s.Serve(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		s.Serve(w, r)
		if after != nil && strings.HasSuffix(r.URL.Path, "/rrsets") {
			s.mu.Lock()
			s.after = nil
			s.mu.Unlock()
			after()
		}
	}
}

// Serve answers as a server that works.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.URL.Path == "/token":
		s.token(w, r)
	case strings.HasPrefix(r.URL.Path, "/computeMetadata/"):
		s.machine(w, r)
	default:
		status, body, sets := s.answer(r)
		s.calls = append(s.calls, Call{r.Method, r.URL.Path, sets, status})
		reply(w, status, body)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
