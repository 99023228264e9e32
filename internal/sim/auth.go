package sim

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// Token is an API token. Its zero value but for Value may do everything.
type Token struct {
	Value   string
	Account bool   // owned by the account rather than by a user: a rate limit of its own
	User    string // whose it is; the tokens of one user share a rate limit

	Listing    Listing
	Zones      map[string]Access // by zone name or id; nil means EditDNS everywhere
	NoBatch    bool              // the batch endpoint is refused to it
	Lists      ListAccess
	AllowedIPs []netip.Prefix // the addresses it may be used from; none means everywhere

	Disabled  bool
	NotBefore time.Time // zero: from ever
	ExpiresOn time.Time // zero: for ever
}

// Access is what a token may do in a zone. Its zero value is nothing at all:
// the zone cannot be seen.
type Access uint8

const (
	NoAccess Access = iota
	SeeZone
	ReadDNS
	EditDNS
)

// permissions returns how an answer about a zone lists what the token may do there:
// each access has what those below it have.
func (a Access) permissions() []string {
	return []string{"#zone:read", "#dns_records:read", "#dns_records:edit"}[:a]
}

// verifyToken answers a user's token about itself (reference, section 2).
func (c *Cloudflare) verifyToken(q *request) (reply, *refusal) {
	if q.token.Account || q.Header.Get("Authorization") == "" {
		return reply{}, newRefusal(http.StatusUnauthorized, 1000, "Invalid API Token")
	}
	v := map[string]any{"id": "ed17574386854bf78a67040be0a770b0", "status": "active"}
	if t := q.token.ExpiresOn; !t.IsZero() {
		v["expires_on"] = t.UTC().Format(time.RFC3339)
	}
	return okReply(v), nil
}

// Listing is what a token gets from GET /zones. Which of these the real API
// does, and when, is unsettled (reference, section 3).
type Listing uint8

const (
	ListScope   Listing = iota // the zones it may see
	ListByName                 // those it may see and names; refused without ?name=
	ListNothing                // the same, but empty instead of refused
	ListNever                  // refused, and so is GET /zones/{id}: Zone Read is missing
)

// ListAccess is what a token may do with the lists of its accounts.
type ListAccess uint8

const (
	EditLists ListAccess = iota
	ReadLists
	NoLists
)

// AddToken makes a token known, in place of one with the same value.
func (c *Cloudflare) AddToken(t Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removeToken(t.Value)
	c.tokens = append(c.tokens, &t)
}

// RevokeToken makes a token unknown.
func (c *Cloudflare) RevokeToken(value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removeToken(value)
}

func (c *Cloudflare) removeToken(value string) {
	for i, t := range c.tokens {
		if t.Value == value {
			c.tokens = append(c.tokens[:i:i], c.tokens[i+1:]...)
			return
		}
	}
}

// AddKey makes the Global API key of a user known. It may do everything.
func (c *Cloudflare) AddKey(email, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys[email] = key
}

// rateBucketKey returns what a credential's calls are counted under: those of one user
// together, those of an account's token alone (reference, section 1).
func (t *Token) rateBucketKey() string {
	if t.Account {
		return "token " + t.Value
	}
	return "user " + t.User
}

func (t *Token) accessTo(z *zone) Access {
	if t.Zones == nil {
		return EditDNS
	}
	return max(t.Zones[z.ID], t.Zones[z.Name])
}

func (c *Cloudflare) authenticate(h http.Header, now time.Time) (*Token, *refusal) {
	if value := h.Get("Authorization"); value != "" {
		return c.authenticateBearer(value, now)
	}
	email, key := h.Get("X-Auth-Email"), h.Get("X-Auth-Key")
	switch {
	case email == "" && key == "":
		return nil, newRefusal(http.StatusBadRequest, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
	case email == "" || key == "":
		return nil, newRefusal(http.StatusBadRequest, 9107, "Missing X-Auth-Key or X-Auth-Email header")
	case !strings.Contains(email, "@"):
		return nil, badHeaderRefusal(6102, "X-Auth-Email")
	case !keyPattern().MatchString(key):
		return nil, badHeaderRefusal(6103, "X-Auth-Key")
	case c.keys[email] != key:
		return nil, newRefusal(http.StatusForbidden, 9103, "Unknown X-Auth-Key or X-Auth-Email")
	}
	return &Token{Value: key, User: email}, nil
}

// authenticateBearer refuses what has not the form of a token apart from tokens it does
// not know (reference, end of section 9). What a disabled or expired token
// gets is believed to be the same as an unknown one.
func (c *Cloudflare) authenticateBearer(header string, now time.Time) (*Token, *refusal) {
	value, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || !bearerPattern().MatchString(value) || c.isGlobalKey(value) {
		return nil, badHeaderRefusal(6111, "Authorization")
	}
	for _, t := range c.tokens {
		early := now.Before(t.NotBefore)
		late := !t.ExpiresOn.IsZero() && !now.Before(t.ExpiresOn)
		if t.Value == value && !t.Disabled && !early && !late {
			return t, nil
		}
	}
	return nil, newRefusal(http.StatusForbidden, 9109, "Invalid access token")
}

// checkSourceIP refuses a token that is bound to other addresses than the caller's. The
// text is a real one of 2024.
func (t *Token) checkSourceIP(remote string) *refusal {
	if len(t.AllowedIPs) == 0 {
		return nil
	}
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	if a, err := netip.ParseAddr(host); err == nil {
		for _, p := range t.AllowedIPs {
			if p.Contains(a.Unmap()) {
				return nil
			}
		}
	}
	return newRefusal(http.StatusForbidden, 9109, "Cannot use the access token from location: "+host)
}

// wordForEndpoint returns the same refusal as the endpoints of accounts word it
// (reference, end of section 9).
func (no *refusal) wordForEndpoint(path string) *refusal {
	if !strings.HasPrefix(path, prefix+"/accounts/") {
		return no
	}
	switch {
	case no.code == 6003 && no.chain.Code == 6111:
		return newRefusal(http.StatusBadRequest, 9106, "Authentication failed")
	case no.code == 9109 && strings.HasPrefix(no.message, "Invalid"):
		return newRefusal(http.StatusUnauthorized, 10000, "Authentication error")
	}
	return no
}

// isGlobalKey reports whether somebody sent a Global key as if it were a token.
func (c *Cloudflare) isGlobalKey(value string) bool {
	for _, key := range c.keys {
		if key == value {
			return true
		}
	}
	return strings.HasPrefix(value, "cfk_")
}

func badHeaderRefusal(code int, name string) *refusal {
	no := newRefusal(http.StatusBadRequest, 6003, "Invalid request headers")
	no.chain = &apiError{Code: code, Message: "Invalid format for " + name + " header"}
	return no
}

// The charset of RFC 6750, section 2.1.
func bearerPattern() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`) }

// Global keys, older and newer (reference, section 2).
func keyPattern() *regexp.Regexp {
	return regexp.MustCompile(`^([0-9a-f]{37,45}|cfk_[A-Za-z0-9]{40,})$`)
}

func forbiddenRefusal() *refusal {
	return newRefusal(http.StatusForbidden, 10000, "Authentication error")
}
