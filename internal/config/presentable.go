package config

import "strings"

// presentable is a value as others than its owner may see it: without secrets,
// and of a command only which program it runs, since people put tokens behind it.
func presentable(s *Setting, text string) string {
	switch {
	case s.Secret:
		return "set, and not shown"
	case s.Command:
		return programOf(text)
	case s.URLs:
		return redactURLs(withoutArguments(text))
	}
	return text
}

// programOf is the program of a command, and a sign for what stands behind it.
func programOf(command string) string {
	words := strings.Fields(command)
	if len(words) < 2 {
		return strings.TrimSpace(command)
	}
	return words[0] + " …"
}

// withoutArguments is sources without what stands behind the program of a
// command, up to the end: a comma may be a part of it.
func withoutArguments(sources string) string {
	shown := 0
	for piece := range strings.SplitSeq(sources, ",") {
		_, isCommand := strings.CutPrefix(strings.TrimSpace(piece), execPrefix)
		if isCommand || len(strings.Fields(piece)) > 1 && strings.Contains(piece, "/") {
			command := strings.TrimPrefix(strings.TrimSpace(sources[shown:]), execPrefix)
			program := programOf(command)
			if isCommand {
				program = execPrefix + program
			}
			return sources[:shown] + program
		}
		shown = min(shown+len(piece)+1, len(sources))
	}
	return sources
}

// execPrefix begins a source that is a command.
const execPrefix = "exec:"

// mayRun reports whether text, as a value of s, is a command or has one in it.
func (s *Setting) mayRun(text string) bool {
	return s.Command || s.URLs && strings.Contains(text, execPrefix)
}

// keepsBack reports whether there is something in e that is not to be written
// out. In a file that is made for its owner, who goes on with it, commands stand
// whole.
func (s *Setting) keepsBack(e *Entry) bool {
	if !e.forOthers && s.mayRun(e.Text) {
		return s.URLs && redactURLs(e.Text) != e.Text
	}
	return s.Secret || presentable(s, e.Text) != e.Text
}
