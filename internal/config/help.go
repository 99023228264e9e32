package config

import (
	"fmt"
	"strings"
)

// Help is every setting for a terminal: its variable, its path in homing.yaml,
// what it may be and what it does.
func Help(c *Catalogue) string {
	var b strings.Builder
	b.WriteString("Settings are variables of the environment, or stand in homing.yaml; a variable goes before the file.\n")
	for _, s := range c.rows() {
		names := s.Path
		if env := s.Variable(); env != "" {
			names = env + "  (" + s.Path + ")"
		}
		fmt.Fprintf(&b, "\n%s\n    %s\n    %s", names, s.Doc, s.Type)
		if s.Default != "" {
			fmt.Fprintf(&b, "; unless it is set: %s", s.Default)
		}
		if s.File && s.Env != "" {
			fmt.Fprintf(&b, "; %s_FILE names a file that holds it", s.Env)
		}
		b.WriteString("\n")
	}
	return b.String()
}
