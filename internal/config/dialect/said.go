package dialect

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// Said is something that is set, for homing or for a program it replaces: a
// variable by its name, a file by its path. It is empty where nothing is. What a
// variable nearly spells counts too, and so does a file that cannot be read. The
// variables of besides do not count, nor does TZ, which is the whole machine's.
// variable reports that it is one.
func Said(in *Input, besides ...string) (what string, variable bool) {
	if r, err := Read(in); r != nil || err != nil {
		return "the settings of another program", false
	}
	besides = append(besides, "TZ")
	known := in.Catalogue.KnownVariables()
	for _, d := range dialects() {
		known = append(known, d.variables...)
	}
	for _, e := range in.Environ {
		name, _, _ := strings.Cut(e, "=")
		if text := in.Env(name); text == "" || slices.Contains(besides, name) || config.OfKubernetes(name) {
			continue
		}
		if strings.HasPrefix(name, "HOMING_") || slices.Contains(known, name) || config.Misspelt(&in.Input, name, in.Env(name), known) != "" {
			return name, true
		}
	}
	switch d := config.FromFile(&in.Input); {
	case len(d.Files) > 0:
		return d.Files[0], false
	case len(d.Problems) > 0:
		return d.Problems[0].Name, false
	}
	return "", false
}
