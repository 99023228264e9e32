package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// maxRecordsShown is how many records the page lists among the settings; it has a
// table of them all.
const maxRecordsShown = 20

// activeSettings is the settings as the page shows them, a line each. They are
// made when they come into force: what a file says later may be bad.
func activeSettings(s *app.Settings) (rows []web.Setting) {
	in := s.Input()
	more := 0
	for _, row := range config.Listed(in, s.Drafts(in)...) {
		if nth, ok := strings.CutPrefix(row.Path, "records["); ok {
			nth, _, _ = strings.Cut(nth, "]")
			if n, err := strconv.Atoi(nth); err == nil && n >= maxRecordsShown {
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

// problemRows is why new settings were refused, for the page.
func problemRows(err error) (rows []web.Setting) {
	problems, _ := errors.AsType[config.Problems](err)
	for _, p := range problems {
		rows = append(rows, web.Setting{Name: p.Name, Value: p.Presentable(app.Catalogue()), Origin: problemLocation(p), Problem: problemReason(p)})
	}
	if err != nil && len(rows) == 0 {
		rows = append(rows, web.Setting{Name: "settings", Problem: err.Error()})
	}
	return rows
}

// problemLocation is the file and the line of a problem, or what else it came from.
func problemLocation(p *config.Problem) string {
	if p.File == "" || p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// problemReason is what is wrong and what to do, a line each.
func problemReason(p *config.Problem) string {
	if p.Hint == "" {
		return p.Reason
	}
	return p.Reason + "\n" + p.Hint
}

// settingsRefused is the condition that newer settings are wrong. Whoever may read the page
// sees it, so that no value stands in it.
func settingsRefused(rows []web.Setting) status.Condition {
	var names []string
	for _, r := range rows {
		if name := strings.Trim(r.Origin+": "+r.Name, ": "); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	const most = 3
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	return status.Condition{Code: status.SettingsRefused, Subject: "settings", Refused: true,
		Text: "the new settings are invalid and the old ones stay active; wrong: " + strings.Join(names, ", "),
		Hint: "\"homing config check\" says what is wrong; once fixed, they are loaded automatically, or on SIGHUP"}
}

// problemLines is what is wrong with settings, a line each, for who owns them.
func problemLines(rows []web.Setting) (lines []string) {
	for _, r := range rows {
		line := strings.Trim(r.Origin+": "+r.Name, ": ")
		if r.Value != "" {
			line += "=" + r.Value
		}
		lines = append(lines, line+": "+r.Problem)
	}
	return lines
}
