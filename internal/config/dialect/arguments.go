package dialect

import (
	"path/filepath"
	"slices"
	"strings"
)

// split takes a command of homing's own off the arguments. What stands behind
// it is read as if it stood alone, so that "homing plan" shows what a
// predecessor's configuration would do.
//
//go:noinline // many callers: see dependencies.md
func (in *Input) split() (command, rest []string) {
	if len(in.Args) > 0 && slices.Contains(in.Commands, in.Args[0]) {
		return in.Args[:1:1], in.Args[1:]
	}
	return nil, in.Args
}

// credentials is the first argument that names a file; empty when none does.
func (in *Input) credentials() string {
	_, args := in.split()
	for i := range args {
		if in.namesFile(i) {
			return args[i]
		}
	}
	return ""
}

// namesFile reports whether the argument i of those behind a command names a file:
// it has a path separator, ends in .json or, where no command stands before it,
// is one.
func (in *Input) namesFile(i int) bool {
	command, args := in.split()
	a := args[i]
	switch {
	case strings.HasPrefix(a, "-"), slices.Contains(args[:i], "--"), i > 0 && slices.Contains(in.Valued, args[i-1]), in.isRecord(args, i):
		return false
	case strings.ContainsRune(a, '/'), strings.ContainsRune(a, filepath.Separator), strings.HasSuffix(strings.ToLower(a), ".json"):
		return true
	}
	return command == nil && in.isFile(a)
}

// isRecord reports whether args[i] is the value of one of Dynflare's flags.
func (in *Input) isRecord(args []string, i int) bool {
	name, _, joined := cutFlag(args[max(i-1, 0)])
	return i > 0 && !joined && slices.Contains(valuedFlags(), name)
}

func (in *Input) isFile(path string) bool {
	if in.Stat == nil {
		return false
	}
	info, err := in.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// cutFlag takes a flag apart as Go's package flag does: one dash or two, and a
// value perhaps behind "=". The name of what is no flag is empty.
func cutFlag(arg string) (name, value string, joined bool) {
	name, found := strings.CutPrefix(arg, "-")
	if !found {
		return "", "", false
	}
	return strings.Cut(strings.TrimPrefix(name, "-"), "=")
}

// hasFlag reports whether a flag is among the arguments.
func hasFlag(args []string, flag string) bool {
	for _, a := range args {
		if a == "--" {
			return false
		}
		if name, _, _ := cutFlag(a); name == flag {
			return true
		}
	}
	return false
}

// Apart takes the flags of predecessors out of the arguments of a command that
// has flags of its own, so that they can stand behind "--".
func Apart(args []string) (rest, theirs []string) {
	for i := 0; i < len(args); i++ {
		name, _, joined := cutFlag(args[i])
		switch {
		case args[i] == "--":
			return rest, append(theirs, args[i+1:]...)
		case slices.Contains(valuedFlags(), name):
			theirs = append(theirs, args[i])
			if !joined && i+1 < len(args) {
				i++
				theirs = append(theirs, args[i])
			}
		case slices.Contains([]string{"dry", "dry-run", "p"}, name), strings.HasPrefix(name, "cloudflare"):
			theirs = append(theirs, args[i])
		default:
			rest = append(rest, args[i])
		}
	}
	return rest, theirs
}

// valuedFlags are those of Dynflare that have a value behind them.
func valuedFlags() []string { return []string{"r", "cloudflare-email", "cloudflare-api-key"} }

// flag takes a flag without a value out of the arguments, and reports whether it
// was there.
func (r *reader) flag(flag string) bool {
	found := false
	for i := 0; i < len(r.args); {
		name, value, _ := cutFlag(r.args[i])
		if name != flag {
			i++
			continue
		}
		found = value != "false" && value != "0"
		r.args = slices.Delete(slices.Clone(r.args), i, i+1)
	}
	return found
}

// values takes a flag with values out of the arguments. One without its value
// is a problem of what should become path.
func (r *reader) values(flag, path string) (values []string) {
	for i := 0; i < len(r.args); {
		name, value, joined := cutFlag(r.args[i])
		if name != flag {
			i++
			continue
		}
		end := i + 1
		if !joined && end < len(r.args) {
			value, end = r.args[end], end+1
		}
		if value == "" {
			r.Draft.Wrong(path, originOf("-"+flag), "", "its value is missing", "write it behind the flag")
		} else {
			values = append(values, value)
		}
		r.args = slices.Delete(slices.Clone(r.args), i, end)
	}
	return values
}
