package cli

import (
	"fmt"
	"regexp"
	"strings"
)

// roff is a page in the language of man(7), in the making. It is written here
// and not taken from cobra/doc, which would bring a Markdown parser into go.mod
// and makes a page a command, 20 of them, without the settings.
type roff struct{ strings.Builder }

// title begins a page of this section.
func (r *roff) title(name string, section int) {
	fmt.Fprintf(r, ".TH %s %d \"\" homing homing\n", strings.ToUpper(name), section)
}

func (r *roff) section(title string) { fmt.Fprintf(r, ".SH %s\n", literal(strings.ToUpper(title))) }

// term is something in bold, and its meaning indented below it.
func (r *roff) term(term, meaning string) {
	fmt.Fprintf(r, ".TP\n.B %s\n%s", literal(term), filled(meaning))
}

// prose takes what help texts and the documents are made of: paragraphs, lists
// with hyphens, and examples four blanks or a tab in.
func (r *roff) prose(text string) {
	for block := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		block = strings.Trim(block, "\n")
		switch {
		case strings.HasPrefix(block, "    "), strings.HasPrefix(block, "\t"):
			r.WriteString(".PP\n.RS 4\n.EX\n")
			for line := range strings.Lines(block) {
				r.WriteString(line0(literal(strings.TrimPrefix(strings.TrimPrefix(line, "    "), "\t"))))
			}
			r.WriteString("\n.EE\n.RE\n")
		case strings.HasPrefix(block, "- "):
			for item := range strings.SplitSeq(strings.TrimPrefix(block, "- "), "\n- ") {
				r.WriteString(".IP \\(bu 2\n" + filled(item))
			}
		default:
			r.WriteString(".PP\n" + filled(block))
		}
	}
}

// page is what was written, without the macros that do nothing.
func (r *roff) page() string {
	page := regexp.MustCompile(`(?m)^(\.SH .*\n)\.PP\n`).ReplaceAllString(r.String(), "$1")
	return strings.ReplaceAll(page, ".RS\n.RE\n", "")
}

// filled is text that is broken anew, with what stands between backticks in bold.
func filled(text string) string {
	bold := regexp.MustCompile("`([^`]+)`").ReplaceAllString(literal(text), `\fB$1\fR`)
	var b strings.Builder
	line := ""
	for word := range strings.FieldsSeq(bold) {
		if line != "" && len(line)+len(word) > 78 {
			b.WriteString(line0(line) + "\n")
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return b.String() + line0(line) + "\n"
}

// line0 keeps the beginning of a line from being taken for a macro.
func line0(text string) string {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}

// literal is text that comes out as it is: hyphens that can be copied, and
// letters that any roff can read.
func literal(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '\\':
			b.WriteString(`\e`)
		case c == '-':
			b.WriteString(`\-`)
		case c == '\'':
			b.WriteString(`\(aq`)
		case c == '~':
			b.WriteString(`\(ti`)
		case c == '^':
			b.WriteString(`\(ha`)
		case c == '"':
			b.WriteString(`\(dq`)
		case c > '~':
			fmt.Fprintf(&b, `\[u%04X]`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
