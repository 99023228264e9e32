package config

import "strings"

// spoken is what a setting is called where a person sets it.
type spoken struct {
	name   string
	to     string // what stands between the name and a value
	behind string // what has to be said of that place
	set    string // the variable to set to a value in homing's words, where name takes others; may be empty
}

func (s spoken) say(value string) string {
	switch {
	case value == "":
		return s.name + s.behind
	case s.set != "":
		return s.set + "=" + value
	}
	return s.name + s.to + value + s.behind
}

func variable(name string) spoken { return spoken{name: name, to: "="} }
func key(path string) spoken      { return spoken{name: path, to: ": "} }

// What is said of a setting that a predecessor's configuration has no place for.
const (
	inYAML     = " in a homing.yaml (homing migrate writes one)"
	fileInYAML = " in a homing.yaml, which homing migrate writes,"
)

// theirs is a name in a predecessor's configuration.
func theirs(name string) spoken {
	switch {
	case ofEnvironment(name):
		return variable(name)
	case strings.HasPrefix(name, "-"):
		return spoken{name: name, to: " "}
	}
	return key(name)
}

// ofEnvironment reports whether a predecessor's name is that of a variable and
// not of a key in a file.
func ofEnvironment(name string) bool { return isVariable(name) && name == strings.ToUpper(name) }
