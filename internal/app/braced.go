package app

import (
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/text"
)

// braced is advice that still names homing's own variables, with references in
// their place. It goes when the last of them is gone.
func braced(advice string) text.Hint {
	rows := config.Settings(Catalogue())
	sort.SliceStable(rows, func(i, j int) bool { return len(rows[i].Env) > len(rows[j].Env) })
	var pairs []string
	for _, s := range rows {
		if ref := strings.Replace(s.Path, ".*", "", 1); s.Env != "" {
			pairs = append(pairs, s.Env+"_FILE", "{"+ref+"_file}", s.Env, "{"+ref+"}")
		}
	}
	return text.Hint(strings.NewReplacer(pairs...).Replace(advice))
}
