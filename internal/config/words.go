package config

import "strings"

// Words makes what puts a text that names homing's own variables, as advice does,
// into the words of whose settings these are.
func (d Draft) Words(c Catalogue) func(text string) string {
	var pairs []string
	for _, s := range Settings(c) {
		if own := d.Names[strings.Replace(s.Path, "*", "default", 1)]; s.Env != "" && own != "" && own != s.Env {
			if !isVariable(own) || own != strings.ToUpper(own) { // it stands in a file that knows no other files
				pairs = append(pairs, s.Env+"_FILE", leaf(s.Path)+"_file in a homing.yaml, which homing migrate writes,")
			}
			pairs = append(pairs, s.Env, own)
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// words is Draft.Words of whose settings these are.
func (l *loader) words(text string) string {
	for _, d := range l.drafts {
		if len(d.Names) > 0 {
			return d.Words(l.in.Catalogue)(text)
		}
	}
	return text
}
