package dialect

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// envFile reads a file of lines NAME=value, as Compose reads an env file and a
// shell a script: what stands behind a blank and "#" is a comment, and so is
// everything behind a closing quote. In double quotes a backslash stands before
// ", \, $ and n; quotes may go over several lines. ${NAME} is what stands in the
// file above.
func envFile(text string) (environ []string) {
	known := make(map[string]string)
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		name, value, found := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !found || name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		value = strings.TrimLeft(value, " \t")
		switch q, inside, rest := openQuote(value, text); q {
		case 0:
			value, _ = config.CutComment(value)
			value = filled(value, known)
		case '"':
			value, text = filled(unescaped(inside), known), rest
		default:
			value, text = inside, rest
		}
		known[name] = value
		environ = append(environ, name+"="+value)
	}
	return environ
}

// openQuote is the quote that value begins with and what stands in it, which
// may end lines below; rest is what follows the line in which it ends. Without
// one, or where something but a comment follows, the quote is 0.
func openQuote(value, below string) (q byte, inside, rest string) {
	if value == "" || value[0] != '"' && value[0] != '\'' {
		return 0, "", ""
	}
	all := value[1:] + "\n" + below
	for i := 0; i < len(all); i++ {
		switch {
		case all[i] == '\\' && value[0] == '"':
			i++
		case all[i] == value[0]:
			behind, rest, _ := strings.Cut(all[i+1:], "\n")
			if behind = strings.TrimSpace(behind); behind != "" && behind[0] != '#' {
				return 0, "", ""
			}
			return value[0], strings.ReplaceAll(all[:i], "\r\n", "\n"), rest
		}
	}
	return 0, "", ""
}

// unescaped is a text from between double quotes.
func unescaped(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\$`, `$`, `\n`, "\n").Replace(text)
}

// filled puts what is known for each ${NAME}.
func filled(text string, known map[string]string) string {
	var pairs []string
	for name, value := range known {
		pairs = append(pairs, "${"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
