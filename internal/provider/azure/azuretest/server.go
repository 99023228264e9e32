// Package azuretest is Azure DNS for tests: the part of the Resource Manager's API
// that is about DNS, what hands out tokens, and the metadata service of a machine.
// It is written from armdns v1.2.0 (API version 2018-05-01), from Microsoft's pages
// on error codes of Entra, and from refusals that people reported (external-dns 4855
// and 5358). It refuses fields, paths and parameters that these do not know.
package azuretest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// Who may ask for tokens, and what for.
const (
	Tenant       = "11111111-1111-1111-1111-111111111111"
	Client       = "22222222-2222-2222-2222-222222222222"
	Subscription = "33333333-3333-3333-3333-333333333333"
	Secret       = "canary-client-secret"
	Federated    = "canary.federated.token"
	Group        = "dns"
)

// Server is the API with one subscription.
type Server struct {
	*resttest.Front

	mu     sync.Mutex
	state  State
	zones  []*zone
	tokens map[string]time.Time
	given  int
	etags  int
	writes []time.Time
	calls  []Call
}

// State is how the server is at the moment.
type State struct {
	Page      int           // entries of a page
	Skew      time.Duration // by which its clock is ahead
	Refuse    string        // the code of Entra by which tokens are refused: "AADSTS7000215"; empty: they are not
	Deny      string        // the code by which every call is refused: "AuthorizationFailed"; empty: none is
	Writes    int           // changes within an hour that it takes; 0: any
	NoMachine bool          // the machine has no identity
	Values    int           // of a set
}

// Call is a call of the API that was answered.
type Call struct {
	Method, Path, Condition string
	Status                  int
}

// New is a server without zones.
func New() *Server {
	s := &Server{tokens: map[string]time.Time{}, state: State{Page: 100, Values: 20}}
	s.Front = &resttest.Front{Host: s.serve, Writes: func(r *http.Request) bool { return r.Method == http.MethodPut || r.Method == http.MethodDelete }}
	return s
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

// Calls is those since it was asked last.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(s.state.Skew).UTC().Format(http.TimeFormat))
	switch {
	case strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token"):
		s.token(w, r)
	case r.URL.Path == "/metadata/identity/oauth2/token":
		s.machine(w, r)
	default:
		status, body := s.answer(w, r)
		s.calls = append(s.calls, Call{r.Method, r.URL.Path, r.Header.Get("If-Match") + r.Header.Get("If-None-Match"), status})
		reply(w, status, body)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	if v == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// refusals of Entra, by their codes.
func refusals() map[string]string {
	return map[string]string{
		"AADSTS7000215": "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '" + Client + "'.",
		"AADSTS7000222": "The provided client secret keys for app '" + Client + "' are expired.",
		"AADSTS700016":  "Application with identifier '" + Client + "' was not found in the directory 'Example'.",
		"AADSTS90002":   "Tenant 'nothing' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
		"AADSTS700024":  "Client assertion is not within its valid time range.",
		"AADSTS70021":   "No matching federated identity record found for presented assertion.",
	}
}

func (s *Server) refuse(w http.ResponseWriter, code string) {
	reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_codes": []int{7000215},
		"error_description": code + ": " + refusals()[code] + " Trace ID: 0a1b Correlation ID: 2c3d Timestamp: 2026-11-29 20:00:00Z"})
}

// token is the token endpoint of Entra (OAuth 2.0 client credentials).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	form, err := url.ParseQuery(string(body))
	known := map[string]bool{"client_id": true, "client_secret": true, "grant_type": true, "scope": true, "client_assertion": true, "client_assertion_type": true}
	for name := range form {
		if !known[name] {
			err = fmt.Errorf("AADSTS90014: an unknown field %s", name)
		}
	}
	secret, assertion := form.Get("client_secret"), form.Get("client_assertion")
	switch {
	case err != nil, r.Method != http.MethodPost, r.Header.Get("Content-Type") != "application/x-www-form-urlencoded", form.Get("grant_type") != "client_credentials",
		form.Get("scope") != "https://management.azure.com/.default", secret == "" && form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": "AADSTS900144: The request body is not as it must be."})
	case s.state.Refuse != "":
		s.refuse(w, s.state.Refuse)
	case r.URL.Path != "/"+Tenant+"/oauth2/v2.0/token":
		s.refuse(w, "AADSTS90002")
	case form.Get("client_id") != Client:
		s.refuse(w, "AADSTS700016")
	case secret != "" && secret != Secret:
		s.refuse(w, "AADSTS7000215")
	case secret == "" && assertion != Federated:
		s.refuse(w, "AADSTS70021")
	default:
		reply(w, http.StatusOK, map[string]any{"access_token": s.hand(), "expires_in": 3599, "ext_expires_in": 3599, "token_type": "Bearer"})
	}
}

func (s *Server) hand() string {
	s.given++
	t := fmt.Sprintf("eyJ0.canary-bearer-%d", s.given)
	s.tokens[t] = time.Now().Add(time.Hour)
	return t
}

// machine is the metadata service (learn.microsoft.com, "how to use managed identities
// to acquire an access token", 2026): its numbers are texts.
func (s *Server) machine(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.Header.Get("Metadata") != "true", q.Get("api-version") != "2018-02-01", q.Get("resource") != "https://management.azure.com/":
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": "Required metadata header not specified"})
	case s.state.NoMachine, q.Has("client_id") && q.Get("client_id") != Client:
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": "Identity not found"})
	default:
		reply(w, http.StatusOK, map[string]any{"access_token": s.hand(), "expires_in": "86399", "expires_on": "1764460800", "resource": q.Get("resource"), "token_type": "Bearer"})
	}
}
