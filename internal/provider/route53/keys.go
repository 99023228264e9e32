package route53

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// Keys are what requests are signed with.
type Keys struct {
	ID     string // of the access key; no secret
	Secret secret.String
	Token  secret.String // of a session; none for the key of a user
}

// CheckKeyID refuses what cannot be the id of an access key. Those that AWS makes
// have 20 letters and digits; servers that speak its language have others.
func CheckKeyID(s string) error {
	if len(s) < 3 || len(s) > 128 || !isHeaderSafe(s) || strings.ContainsAny(s, "/, ") {
		return errors.New("this is no id of an access key")
	}
	return nil
}

// CheckSecret refuses what can be in no header, and so was copied wrong.
func CheckSecret(s string) error {
	if !isHeaderSafe(s) || strings.Contains(s, " ") {
		return errors.New("a secret access key has no blanks, no line breaks and no characters beyond ASCII")
	}
	return nil
}

func isHeaderSafe(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// DefaultProfile is the profile that is meant where none is named.
const DefaultProfile = "default"

// ParseProfile reads the keys of a profile in a file such as ~/.aws/credentials (AWS
// SDKs and Tools Reference Guide, "Shared config and credentials files").
func ParseProfile(file, profile string) (Keys, error) {
	profiles, names := parseProfiles(file)
	keys, ok := profiles[profile]
	switch {
	case len(profiles) == 0:
		return Keys{}, errors.New("there is no [profile] in the file")
	case !ok:
		return Keys{}, fmt.Errorf("there is no profile [%s] in the file; it has %s", profile, text.List(names, 5))
	case keys["aws_access_key_id"] == "" || keys["aws_secret_access_key"] == "":
		return Keys{}, fmt.Errorf("the profile [%s] lacks aws_access_key_id or aws_secret_access_key, and homing takes nothing else of it", profile)
	}
	return Keys{ID: keys["aws_access_key_id"], Secret: secret.New(keys["aws_secret_access_key"]), Token: secret.New(keys["aws_session_token"])}, nil
}

// CheckProfiles refuses a file that holds no profile.
func CheckProfiles(file string) error {
	if all, _ := parseProfiles(file); len(all) == 0 {
		return errors.New("there is no [profile] in the file")
	}
	return nil
}

func parseProfiles(file string) (all map[string]map[string]string, names []string) {
	all = map[string]map[string]string{}
	var here map[string]string
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		name, isName := strings.CutPrefix(line, "[")
		if name, closed := strings.CutSuffix(name, "]"); isName && closed {
			name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "profile "))
			if all[name] == nil {
				all[name], names = map[string]string{}, append(names, name)
			}
			here = all[name]
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if ok && here != nil && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ";") {
			here[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	return all, names
}

// maxCredentialFile bounds a file with a token or with keys.
const maxCredentialFile = 64 << 10

func readLimited(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxCredentialFile+1))
	if err == nil && len(b) > maxCredentialFile {
		err = fmt.Errorf("it is longer than %d bytes", maxCredentialFile)
	}
	return b, err
}
