package config

import (
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
func FromFile(in *Input) *Draft {
	d := &Draft{From: fileName}
	if in.ReadFile == nil {
		return d
	}
	if path, by := in.named(&d.Notices); path != "" {
		if b, err := in.ReadFile(path); err != nil {
			d.Wrong("", &Origin{Name: by}, path, "the file cannot be read: "+cause(err), "check that it is there and that homing may read it")
		} else {
			d.readYAML(in, path, b)
		}
		return d
	}
	for _, path := range in.places() {
		b, err := in.ReadFile(path)
		switch {
		case isNotThere(err):
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

// named is the homing.yaml that somebody names, and by what.
func (in *Input) named(notices *[]string) (path, by string) {
	if in.ConfigPath != "" {
		return in.ConfigPath, "--config"
	}
	return in.Tidied(notices).Env("HOMING_CONFIG"), "HOMING_CONFIG"
}

func isNotThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// File is the homing.yaml that FromFile reads, and what it holds; where there is
// none, the one in the state folder, which is where one belongs that homing
// makes. The path is empty where none can be.
func (in *Input) File() (path string, content []byte, err error) {
	var notices []string
	if in.ReadFile == nil {
		return "", nil, nil
	}
	if path, _ := in.named(&notices); path != "" {
		content, err = in.ReadFile(path)
		return path, content, err
	}
	for _, path := range in.places() {
		if content, err = in.ReadFile(path); !isNotThere(err) {
			return path, content, err
		}
	}
	if in.StateFolder == "" {
		return "", nil, nil
	}
	return filepath.Join(in.StateFolder, fileName), nil, nil
}

// closed is the problem with a homing.yaml that is there, or may be, and that
// cannot be read.
func (in *Input) closed(path string, err error) *Problem {
	p := &Problem{Origin: Origin{Name: path}, Reason: "the file cannot be read: " + cause(err), Hint: "check that it is the right file, or name another with --config"}
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
func (in *Input) places() []string {
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
		return in.andState(places)
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
	return in.andState(append(places, "/etc/homing/"+fileName, "/config/"+fileName))
}

// Belongs is where a new homing.yaml belongs among these places: with what is this
// person's, or with what is the machine's.
func (in *Input) Belongs(machine bool) string {
	places := in.places()
	switch {
	case !machine || in.System == "windows":
		return places[min(1, len(places)-1)]
	case in.System == "darwin":
		return "/Library/Application Support/homing/" + fileName
	case in.System == "freebsd":
		return "/usr/local/etc/homing/" + fileName
	}
	return "/etc/homing/" + fileName
}

// andState adds the place that is looked at last.
func (in *Input) andState(places []string) []string {
	if in.StateFolder == "" {
		return places
	}
	return append(places, filepath.Join(in.StateFolder, fileName))
}

// forUser is " for uid 1000".
func (in *Input) forUser() string {
	if in.User == "" {
		return ""
	}
	return " for " + in.User
}

// substitute puts the values of variables for ${NAME}; $${ is a plain ${.
// What is put in is not looked at again.
func (in *Input) substitute(text string) (string, error) {
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

// isVariable reports whether s can be the name of a variable.
func isVariable(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == "" && (s[0] < '0' || s[0] > '9')
}

// literal is text so that substitute gives it back.
func literal(text string) string { return strings.ReplaceAll(text, "${", "$${") }
