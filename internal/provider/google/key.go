package google

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// A key of a service account, as its file has it.
type key struct {
	email, keyID, project string
	tokenURL              string // the address that tokens are had from; checked
	private               *rsa.PrivateKey
	secrets               []secret.String // what must be told nobody
}

// Malformed is why a text is no key.
type Malformed struct {
	Reason string
	Hint   text.Hint
}

func (m *Malformed) Error() string { return m.Reason }

const hintCreateKey text.Hint = "make one with: gcloud iam service-accounts keys create homing.json --iam-account=NAME@PROJECT.iam.gserviceaccount.com"

//go:noinline // many callers: see dependencies.md
func newMalformed(hint text.Hint, format string, args ...any) error {
	return &Malformed{fmt.Sprintf(format, args...), hint}
}

// CheckKey checks the key file of a service account; its error is a *Malformed. Where
// the API is comes out later; New looks at whether the file fits to that.
func CheckKey(text string) error {
	_, err := parseKey(secret.New(text), "")
	return err
}

// least and most bits of a key: shorter ones are no more secret, and longer ones
// take their time.
const (
	minKeyBits = 1024
	maxKeyBits = 8192
)

func parseKey(s secret.String, base string) (*key, error) {
	var file struct {
		Type    string `json:"type"`
		Project string `json:"project_id"`
		ID      string `json:"private_key_id"`
		Key     string `json:"private_key"`
		Email   string `json:"client_email"`
		Tokens  string `json:"token_uri"`
	}
	if err := json.Unmarshal([]byte(s.Reveal()), &file); err != nil {
		return nil, newMalformed(hintCreateKey, "it is no key file of a service account (JSON)")
	}
	if file.Type != "service_account" {
		return nil, newMalformed(hintCreateKey, "it is a credential of the type %.40q, and homing takes the key of a service account", file.Type)
	}
	block, _ := pem.Decode([]byte(file.Key))
	if file.Email == "" || block == nil {
		return nil, newMalformed(hintCreateKey, "the key file is not whole: client_email or private_key is missing")
	}
	k, err := parsePrivateKey(block.Bytes)
	if err != nil || k.N.BitLen() < minKeyBits || k.N.BitLen() > maxKeyBits {
		return nil, newMalformed(hintCreateKey, "its private_key is no RSA key that can be used")
	}
	if file.Tokens == "" {
		file.Tokens = defaultTokenURL
	}
	if err := checkTokenURL(file.Tokens, base); err != nil {
		return nil, err
	}
	return &key{email: file.Email, keyID: file.ID, project: file.Project, tokenURL: file.Tokens, private: k,
		secrets: []secret.String{secret.New(file.Key)}}, nil
}

// parsePrivateKey reads an RSA key in PKCS #8 (RFC 5208), which is how Google writes it, or
// PKCS #1. The function of crypto/x509 for that reads all other kinds of keys too, and
// brings 100 kB that nothing else needs.
func parsePrivateKey(der []byte) (*rsa.PrivateKey, error) {
	var outer struct {
		Version   int
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key        []byte
		Attributes asn1.RawValue `asn1:"optional,tag:0"`
	}
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
		return x509.ParsePKCS1PrivateKey(der)
	}
	if !outer.Algorithm.ID.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}) { // rsaEncryption
		return nil, errors.New("it is no RSA key")
	}
	return x509.ParsePKCS1PrivateKey(outer.Key)
}

const defaultTokenURL = "https://oauth2.googleapis.com/token"

// checkTokenURL refuses an address of the file that is not Google's: whoever wrote it
// would be given what proves to be the account. A test has its own on this machine,
// where the API is too.
func checkTokenURL(address, base string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return newMalformed(hintCreateKey, "its token_uri is no address")
	}
	host := strings.ToLower(u.Hostname())
	if u.Scheme == "https" && u.Port() == "" && (host == "oauth2.googleapis.com" || host == "www.googleapis.com" || host == "accounts.google.com") {
		return nil
	}
	if b, err := url.Parse(base); isLoopback(host) && (base == "" || err == nil && b.Host == u.Host) {
		return nil
	}
	return newMalformed("take the file as Google made it, with token_uri "+defaultTokenURL,
		"its token_uri leads to %.80q, which is not Google, and whoever is there could act as the account", u.Host)
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost"
}
