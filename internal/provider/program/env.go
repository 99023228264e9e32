package program

import (
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

// minSecretLength is the length of a value that is hidden wherever it is said: of a shorter
// one the log would be full, and it can be no secret.
const minSecretLength = 4

// ParseEnv takes apart what a program gets as its environment: NAME=value, one a
// line. Empty lines, and those that begin with #, say nothing. What is wrong is
// said without a value.
func ParseEnv(text string) (env []string, _ error) {
	known := make(map[string]bool)
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if t := strings.TrimSpace(line); t == "" || t[0] == '#' {
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		switch {
		case !ok || !isName(name) || strings.Contains(line, "\x00"):
			return nil, fmt.Errorf("line %d is not NAME=value", n)
		case known[name]:
			return nil, fmt.Errorf("line %d sets %s a second time", n, name)
		}
		known[name] = true
		env = append(env, line)
	}
	return env, nil
}

func isName(s string) bool {
	return s != "" && len(s) <= 100 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == "" && (s[0] < '0' || s[0] > '9')
}

// buildEnv builds the environment of the program, and returns which of it is secret.
func buildEnv(text secret.String, path string) (env, hide []string, err error) {
	if env, err = ParseEnv(text.Reveal()); err != nil {
		return nil, nil, err
	}
	has := false
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		has = has || name == "PATH"
		if len(value) >= minSecretLength && name != "PATH" {
			hide = append(hide, value)
		}
	}
	if path != "" && !has {
		env = append(env, "PATH="+path)
	}
	return env, hide, nil
}

// sanitize makes a text of the program fit to be shown, without what its environment
// holds and without its arguments.
func (p *Provider) sanitize(s string) string {
	for _, v := range p.secretValues {
		s = strings.ReplaceAll(s, v, "••••••")
	}
	for _, v := range p.config.Command[1:] {
		if len(v) >= 2*minSecretLength {
			s = strings.ReplaceAll(s, v, "••••••")
		}
	}
	return rest.Printable(s)
}
