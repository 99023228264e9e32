package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/web"
)

// recordsShown is how many records the page lists among the settings; it has a
// table of them all.
const recordsShown = 20

// inForce is the settings as the page shows them, a line each. They are
// made when they come into force: what a file says later may be bad.
func inForce(s *app.Settings) (rows []web.Setting) {
	in := s.Input()
	more := 0
	for _, row := range config.Listed(in, s.Drafts(in)...) {
		if nth, ok := strings.CutPrefix(row.Path, "records["); ok {
			nth, _, _ = strings.Cut(nth, "]")
			if n, err := strconv.Atoi(nth); err == nil && n >= recordsShown {
				more++
				continue
			}
		}
		rows = append(rows, web.Setting{Name: row.Path, Value: row.Value, Origin: row.Origin})
	}
	if more > 0 {
		rows = append(rows, web.Setting{Name: "records", Value: fmt.Sprintf("and %d lines more", more)})
	}
	return slices.Clip(rows)
}

// troubles is why new settings were refused, for the page.
func troubles(err error) (rows []web.Setting) {
	problems, _ := errors.AsType[config.Problems](err)
	for _, p := range problems {
		rows = append(rows, web.Setting{Name: p.Name, Value: p.Presentable(app.Catalogue()), Origin: p.File, Problem: p.Reason})
	}
	if err != nil && len(rows) == 0 {
		rows = append(rows, web.Setting{Name: "settings", Problem: err.Error()})
	}
	return rows
}
