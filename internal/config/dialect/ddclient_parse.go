package dialect

import (
	"strconv"
	"strings"
)

// times is a number of units, in seconds; what is no number stays as it is.
func times(text, factor string) string {
	n, err := strconv.Atoi(text)
	f, whole := strconv.Atoi(factor)
	if err != nil || whole != nil || n > mostSeconds {
		return text
	}
	return strconv.Itoa(n * f)
}

// ddLine is a line of a ddclient.conf, with those that continue it.
type ddLine struct {
	text   string
	number int // of the first, from 1
}

// ddLines are the lines without comments, those that end in a backslash joined
// with the next.
func ddLines(text string) (lines []ddLine) {
	text = strings.TrimPrefix(text, "\ufeff")
	var b strings.Builder
	number, first := 0, 0
	for raw := range strings.Lines(text) {
		number++
		line := strings.TrimSpace(withoutComment(raw))
		rest, goesOn := strings.CutSuffix(line, `\`)
		if b.Len() == 0 {
			first = number
		}
		b.WriteString(rest + " ")
		if goesOn || line == "" && strings.TrimSpace(raw) != "" && strings.TrimSpace(b.String()) != "" {
			continue // a comment among the lines of one
		}
		if s := strings.TrimSpace(b.String()); s != "" {
			lines = append(lines, ddLine{s, first})
		}
		b.Reset()
	}
	if s := strings.TrimSpace(b.String()); s != "" {
		lines = append(lines, ddLine{s, first})
	}
	return lines
}

// withoutComment is a line up to the first # that stands outside of quotes.
func withoutComment(line string) string {
	var quote byte
	for i := range len(line) {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '#':
			return line[:i]
		}
	}
	if quote != 0 { // it was an apostrophe
		line, _, _ = strings.Cut(line, "#")
	}
	return line
}

// ddParser takes a line apart.
type ddParser struct {
	text string
	line int
	at   int
}

// parse gives the settings of a line and its names. Behind the names, a login
// and a password may stand without a comma between.
func (p *ddParser) parse() (settings map[string]ddValue, hosts []string) {
	settings = make(map[string]ddValue)
	comma, behind := true, 0
	for {
		comma = p.gap() || comma
		if p.at >= len(p.text) {
			return settings, hosts
		}
		word := p.word("=, \t")
		if p.equals() {
			settings[strings.ToLower(strings.TrimSpace(word))] = ddValue{p.word(", \t"), p.line}
			comma = true
			continue
		}
		switch {
		case comma || len(hosts) == 0:
			for h := range strings.SplitSeq(word, ",") {
				if h = strings.TrimSpace(h); h != "" {
					hosts = append(hosts, h)
				}
			}
		case behind < 2:
			settings[[]string{"login", "password"}[behind]] = ddValue{word, p.line}
			behind++
		}
		comma = false
	}
}

// gap skips blanks and commas, and reports whether there was a comma.
func (p *ddParser) gap() (comma bool) {
	for p.at < len(p.text) && strings.IndexByte(" \t,", p.text[p.at]) >= 0 {
		comma = comma || p.text[p.at] == ','
		p.at++
	}
	return comma
}

// equals skips = and the blanks around it; false where there is none.
func (p *ddParser) equals() bool {
	rest := strings.TrimLeft(p.text[p.at:], " \t")
	if !strings.HasPrefix(rest, "=") {
		return false
	}
	rest = strings.TrimLeft(rest[1:], " \t")
	p.at = len(p.text) - len(rest)
	return true
}

// word is what stands up to one of these octets, with quotes taken off.
func (p *ddParser) word(ends string) string {
	start := p.at
	if p.at < len(p.text) && (p.text[p.at] == '"' || p.text[p.at] == '\'') {
		if n := strings.IndexByte(p.text[p.at+1:], p.text[p.at]); n >= 0 {
			p.at += n + 2
			return p.text[start+1 : p.at-1]
		}
	}
	for p.at < len(p.text) && strings.IndexByte(ends, p.text[p.at]) < 0 {
		p.at++
	}
	if p.at == start && p.at < len(p.text) && ends[0] == '=' && p.text[p.at] == '=' {
		p.at++ // a = without a name, which is passed over
	}
	return p.text[start:p.at]
}
