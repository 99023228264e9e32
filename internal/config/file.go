package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// FromFile reads the homing.yaml that --config or HOMING_CONFIG names, or else
// the first there is in the places where it is looked for. Without one the
// Draft is empty.
func FromFile(in Input) Draft {
	d := Draft{From: fileName}
	if in.ReadFile == nil {
		return d
	}
	if path := cmp.Or(in.ConfigPath, in.Tidied(&d.Notices).Env("HOMING_CONFIG")); path != "" {
		by := "--config"
		if in.ConfigPath == "" {
			by = "HOMING_CONFIG"
		}
		if b, err := in.ReadFile(path); err != nil {
			d.Wrong("", Origin{Name: by}, path, "the file cannot be read: "+cause(err), "check that it is there and that homing may read it")
		} else {
			d.readYAML(in, path, b)
		}
		return d
	}
	for _, path := range in.places() {
		b, err := in.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			continue
		case err != nil:
			d.Problems = append(d.Problems, in.closed(path, err))
		default:
			d.readYAML(in, path, b)
		}
		return d
	}
	return d
}

// closed is the problem with a homing.yaml that is there, or may be, and that
// cannot be read.
func (in Input) closed(path string, err error) Problem {
	p := Problem{Origin: Origin{Name: path}, Reason: "the file cannot be read: " + cause(err), Hint: "check that it is the right file, or name another with --config"}
	if !errors.Is(err, fs.ErrPermission) {
		return p
	}
	p.Hint = "make it readable" + in.forUser() + ", or name another with --config"
	if in.Stat == nil {
		return p
	}
	if _, err := in.Stat(path); errors.Is(err, fs.ErrPermission) { // as where sudo was called in somebody else's home
		p.Reason = "whether it is there cannot be seen, because its folder is closed" + in.forUser()
		p.Hint = "start homing in another folder, open this one" + in.forUser() + ", or name a file with --config"
	}
	return p
}

const fileName = "homing.yaml"

// places are where homing.yaml is looked for: here, then where this person's
// settings are, then where the machine's are.
func (in Input) places() []string {
	places := []string{fileName}
	under := func(variable string, parts ...string) bool {
		base := in.Env(variable)
		if !filepath.IsAbs(base) {
			return false
		}
		places = append(places, filepath.Join(append(append([]string{base}, parts...), "homing", fileName)...))
		return true
	}
	if in.System == "windows" {
		under("AppData")
		under("ProgramData")
		return places
	}
	if !under("XDG_CONFIG_HOME") {
		under("HOME", ".config")
	}
	switch in.System {
	case "darwin":
		under("HOME", "Library", "Application Support")
		places = append(places, "/Library/Application Support/homing/"+fileName)
	case "freebsd":
		places = append(places, "/usr/local/etc/homing/"+fileName)
	}
	return append(places, "/etc/homing/"+fileName, "/config/"+fileName)
}

// forUser is " for uid 1000".
func (in Input) forUser() string {
	if in.User == "" {
		return ""
	}
	return " for " + in.User
}

// substitute puts the values of variables for ${NAME}; $${ is a plain ${.
// What is put in is not looked at again.
func (in Input) substitute(text string) (string, error) {
	var b strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			return b.String() + text, nil
		}
		if i > 0 && text[i-1] == '$' {
			b.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		b.WriteString(text[:i])
		name, rest, closed := strings.Cut(text[i+2:], "}")
		value := in.Env(name)
		switch {
		case !closed || !isVariable(name):
			return "", hinted("it has a ${ that begins no variable", "write ${NAME}, or $${ for the two characters themselves")
		case value == "":
			return "", hinted(fmt.Sprintf("the variable %s is not set", name), "set it, or write $${ for the two characters ${ themselves")
		}
		if b.WriteString(value); b.Len() > maxYAML {
			return "", hinted("what its variables hold makes it longer than 256 KiB", "refer to a shorter one, or fewer times")
		}
		text = rest
	}
}

// isVariable says whether s can be the name of a variable.
func isVariable(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == "" && (s[0] < '0' || s[0] > '9')
}

// literal is text so that substitute gives it back.
func literal(text string) string { return strings.ReplaceAll(text, "${", "$${") }
