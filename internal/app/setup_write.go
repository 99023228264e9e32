package app

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/config"
)

// at is err as the problem of a setting.
func at(path string, err error) error {
	var d config.Draft
	d.Refuse(path, &config.Origin{Name: path}, "", err)
	return d.Problems
}

// atHinted is at with what to do.
func atHinted(path, reason, hint string) error {
	var d config.Draft
	d.Wrong(path, &config.Origin{Name: path}, "", reason, hint)
	return d.Problems
}

// every is a schedule of what somebody wrote: 5m is enough.
func every(said string) string {
	if _, err := time.ParseDuration(said); err == nil {
		return "@every " + said
	}
	return said
}

// account is what is said of the account, each secret in a file of its own.
func (u *Setup) account(h *host, said map[string]string) (edits []config.Edit, secrets map[string]string) {
	const of = "accounts." + config.DefaultAccount + "."
	secrets = make(map[string]string)
	edits = []config.Edit{{Path: of + "provider", Items: []string{h.Word}}}
	for _, key := range slices.Sorted(maps.Keys(said)) {
		text := strings.TrimSpace(said[key])
		i := slices.IndexFunc(h.Settings, func(s config.HostSetting) bool { return s.Key == key })
		switch {
		case text == "":
		case i < 0 || !h.Settings[i].Secret:
			edits = append(edits, config.Edit{Path: of + key, Items: []string{text}})
		default:
			s := h.Settings[i]
			name := h.secretName(s)
			secrets[filepath.Join(filepath.Dir(u.Path), name)] = text
			switch {
			case u.Service && s.Env != "": // the unit finds it by its name
			case u.Service:
				edits = append(edits, config.Edit{Path: of + key + "_file", Items: []string{path.Join(unitCredentials, name)}})
			default:
				edits = append(edits, config.Edit{Path: of + key + "_file", Items: []string{name}})
			}
		}
	}
	return edits, secrets
}

// frame is a homing.yaml in which nothing is set, with a comment for each section
// that edits fill.
func (u *Setup) frame(edits []config.Edit, secrets map[string]string) string {
	where := "The secret is in a file beside this one."
	switch {
	case len(secrets) == 0:
		where = ""
	case u.Service:
		where = "The secret is in " + strings.Join(names(secrets), " and ") + " beside this file; systemd hands it on."
	}
	frame := "# Every setting: homing help settings. What would change: homing plan.\n"
	for _, s := range []struct{ key, about string }{
		{"accounts", strings.TrimSpace("Where your records are. " + where)},
		{"records", "The names that point here."},
		{"detect", "How the address is learnt; a family with none is left alone."},
		{"schedule", "When to look whether the address changed."},
		{"serve", "The page, which shows what is published and why."},
	} {
		if slices.ContainsFunc(edits, func(e config.Edit) bool {
			return strings.HasPrefix(e.Path, s.key+".") || strings.HasPrefix(e.Path, s.key+"[")
		}) {
			frame += "\n# " + s.about + "\n" + s.key + ":\n"
		}
	}
	return frame
}

// names are those of files, without their folders.
func names(files map[string]string) (all []string) {
	for _, path := range slices.Sorted(maps.Keys(files)) {
		all = append(all, filepath.Base(path))
	}
	return all
}
