package googletest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// refuse is a refusal of a token (RFC 6749, 5.2).
func refuse(w http.ResponseWriter, kind, description string) {
	reply(w, http.StatusBadRequest, map[string]string{"error": kind, "error_description": description})
}

const notBelieved = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."

// token exchanges an assertion for a token (RFC 7523).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	form, err := url.ParseQuery(string(body))
	switch {
	case r.Method != http.MethodPost, r.Header.Get("Content-Type") != "application/x-www-form-urlencoded", err != nil:
		refuse(w, "invalid_request", "Bad Request")
		return
	case form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || len(form) != 2:
		refuse(w, "unsupported_grant_type", "Invalid grant_type: "+form.Get("grant_type"))
		return
	}
	parts := strings.Split(form.Get("assertion"), ".")
	if len(parts) != 3 {
		refuse(w, "invalid_grant", "Invalid JWT: Failed audience check.")
		return
	}
	var header struct {
		Algorithm string `json:"alg"`
		Type      string `json:"typ"`
		Key       string `json:"kid"`
	}
	var claims struct {
		Issuer, Scope, Audience string
		Issued, Ends            int64
	}
	var said map[string]any
	read(parts[0], &header)
	read(parts[1], &said)
	for name, v := range said {
		switch n, _ := v.(float64); name {
		case "iss":
			claims.Issuer, _ = v.(string)
		case "scope":
			claims.Scope, _ = v.(string)
		case "aud":
			claims.Audience, _ = v.(string)
		case "iat":
			claims.Issued = int64(n)
		case "exp":
			claims.Ends = int64(n)
		default:
			refuse(w, "invalid_request", "an unknown claim: "+name)
			return
		}
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	now := time.Now().Add(s.state.Skew).Unix()
	switch {
	case s.state.Account == "gone" || claims.Issuer != Email:
		refuse(w, "invalid_grant", "Invalid grant: account not found")
	case s.state.Account == "disabled":
		refuse(w, "invalid_grant", "Account disabled: "+claims.Issuer)
	case s.state.Account == "unknown key", header.Algorithm != "RS256", header.Type != "JWT", header.Key != KeyID,
		rsa.VerifyPKCS1v15(&s.private.PublicKey, crypto.SHA256, sum[:], signature) != nil:
		refuse(w, "invalid_grant", "Invalid JWT Signature.")
	case claims.Issued > now+300 || claims.Ends < now-300 || claims.Ends-claims.Issued > 3600:
		refuse(w, "invalid_grant", notBelieved)
	case claims.Audience != "http://"+r.Host+"/token":
		refuse(w, "invalid_grant", "Invalid JWT: Failed audience check.")
	case !slices.ContainsFunc(strings.Fields(claims.Scope), enough):
		refuse(w, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
	default:
		s.hand(w)
	}
}

// enough says whether a token with this scope may change records.
func enough(scope string) bool {
	return scope == Scope || scope == "https://www.googleapis.com/auth/cloud-platform"
}

func (s *Server) hand(w http.ResponseWriter) {
	s.given++
	t := fmt.Sprintf("ya29.canary-bearer-%d", s.given)
	s.tokens[t] = time.Now().Add(s.state.Life)
	reply(w, http.StatusOK, map[string]any{"access_token": t, "expires_in": int(s.state.Life / time.Second), "token_type": "Bearer"})
}

func read(part string, v any) {
	b, _ := base64.RawURLEncoding.DecodeString(part)
	_ = json.Unmarshal(b, v)
}

// machine is the metadata server (cloud.google.com/compute/docs/metadata, 2026).
func (s *Server) machine(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Metadata-Flavor", "Google")
	switch {
	case r.Header.Get("Metadata-Flavor") != "Google", r.Header.Get("X-Forwarded-For") != "":
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/computeMetadata/v1/project/project-id":
		w.Header().Set("Content-Type", "application/text")
		_, _ = io.WriteString(w, s.project)
	case r.URL.Path == "/computeMetadata/v1/instance/service-accounts/default/token" && !s.state.NoMachine:
		s.hand(w)
	default:
		http.Error(w, "Not Found", http.StatusNotFound)
	}
}
