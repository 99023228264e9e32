package config

import "strings"

// Words makes what puts a text that names homing's own variables, as advice does,
// into the words of whose settings these are.
func (d Draft) Words() func(text string) string {
	var pairs []string
	for _, s := range Settings() {
		if own := d.Names[strings.Replace(s.Path, "*", "default", 1)]; s.Env != "" && own != "" && own != s.Env {
			pairs = append(pairs, s.Env, own)
		}
	}
	return strings.NewReplacer(pairs...).Replace
}
