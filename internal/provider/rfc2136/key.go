package rfc2136

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // old servers know nothing better (RFC 8945, section 6)
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/secret"
)

// Key is a TSIG key, which the server has too.
type Key struct {
	Name      string
	Algorithm string        // "hmac-sha256"; empty means that
	Secret    secret.String // in base64
}

// DefaultAlgorithm is what every server knows.
const DefaultAlgorithm = "hmac-sha256"

// Algorithms returns those that a key can have, the usual one first.
func Algorithms() []string {
	return []string{DefaultAlgorithm, "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1"}
}

// hashFor returns the hash of an algorithm; nil where there is none.
func hashFor(algorithm string) func() hash.Hash {
	switch algorithm {
	case "hmac-sha256":
		return sha256.New
	case "hmac-sha512":
		return sha512.New
	case "hmac-sha384":
		return sha512.New384
	case "hmac-sha224":
		return sha256.New224
	case "hmac-sha1":
		return sha1.New
	}
	return nil
}

// tsigSigner is a Key as messages need it.
type tsigSigner struct {
	label       string // for people
	name        []byte // in wire form
	algorithm   []byte // in wire form
	secret      secret.String
	hash        func() hash.Hash
	clockBehind atomic.Pointer[time.Duration] // this machine's clock, by the latest signature that was right
}

func (k Key) newSigner() (*tsigSigner, error) {
	if err := k.Check(); err != nil {
		return nil, err
	}
	name, _ := encodeName(canonicalName(k.Name))
	algorithm, _ := encodeName(k.algorithmOrDefault())
	return &tsigSigner{label: canonicalName(k.Name), name: name, algorithm: algorithm, secret: k.Secret, hash: hashFor(k.algorithmOrDefault())}, nil
}

// computeMAC computes the signature over these parts.
func (s *tsigSigner) computeMAC(parts ...[]byte) []byte {
	raw, _ := base64.StdEncoding.DecodeString(s.secret.Reveal())
	h := hmac.New(s.hash, raw)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func (k Key) algorithmOrDefault() string {
	if k.Algorithm == "" {
		return DefaultAlgorithm
	}
	return canonicalName(k.Algorithm)
}

// canonicalName returns a name in the form in which names are compared.
func canonicalName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// Check says what is wrong with a key, without ever quoting its secret.
func (k Key) Check() error {
	if err := CheckKeyName(k.Name); err != nil {
		return err
	}
	if err := CheckAlgorithm(k.algorithmOrDefault()); err != nil {
		return err
	}
	return CheckSecret(k.Secret)
}

// CheckKeyName checks the name of a key.
func CheckKeyName(name string) error {
	if _, err := encodeName(canonicalName(name)); err != nil || canonicalName(name) == "" {
		return errors.New("this is no name of a key")
	}
	return nil
}

// CheckAlgorithm checks the algorithm of a key.
func CheckAlgorithm(algorithm string) error {
	if hashFor(canonicalName(algorithm)) == nil {
		return fmt.Errorf("the algorithm %q is not supported", algorithm)
	}
	return nil
}

// CheckSecret checks the secret of a key.
func CheckSecret(s secret.String) error {
	raw, err := base64.StdEncoding.DecodeString(s.Reveal())
	switch {
	case err != nil:
		return errors.New("the secret of the key is not base64")
	case len(raw) == 0:
		return errors.New("the secret of the key is empty")
	}
	return nil
}
