package dialect

import "strings"

// inadynParser takes an inadyn.conf apart.
type inadynParser struct {
	text     string
	at, line int
}

// sections are what stands outside of all sections, and then each of them. What
// is none of inadyn's grammar is passed over.
func (p *inadynParser) sections() []inadynSection {
	all := []inadynSection{{values: make(map[string]inadynValue)}}
	open := 0 // the section that is read
	var words []string
	for {
		word, mark := p.next()
		switch {
		case word == "" && mark == 0 && p.at >= len(p.text):
			return all
		case mark == '=' && len(words) > 0:
			key := strings.ToLower(words[len(words)-1])
			line := p.line
			if key = strings.TrimSpace(key); key != "" {
				all[open].values[key] = inadynValue{p.values(), line}
			}
			words = nil
		case mark == '{' && len(words) > 1:
			s := inadynSection{kind: strings.ToLower(words[len(words)-2]), name: words[len(words)-1], values: make(map[string]inadynValue)}
			all, open, words = append(all, s), len(all), nil
		case mark == '}':
			open, words = 0, nil
		case mark == 0 && strings.HasPrefix(strings.ToLower(word), "include("):
			v := all[0].values["include"]
			all[0].values["include"] = inadynValue{append(v.texts, word), p.line}
		case mark == 0:
			if words = append(words, word); len(words) > 2 {
				words = words[1:]
			}
		}
	}
}

// values are those behind an equals sign: one, or several in braces.
func (p *inadynParser) values() (texts []string) {
	word, mark := p.next()
	if mark != '{' {
		if mark == 0 {
			texts = append(texts, word)
		}
		return texts
	}
	for {
		word, mark = p.next()
		switch {
		case mark == '}', mark == 0 && word == "" && p.at >= len(p.text):
			return texts
		case mark == 0:
			texts = append(texts, word)
		}
	}
}

// next is a word, or a mark: one of = { } and the comma. At the end it is
// neither.
func (p *inadynParser) next() (word string, mark byte) {
	p.blank()
	if p.at >= len(p.text) {
		return "", 0
	}
	c := p.text[p.at]
	switch c {
	case '=', '{', '}', ',':
		p.at++
		return "", c
	case '"', '\'':
		return p.quoted(c), 0
	}
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n={},#", p.text[p.at]) < 0 {
		p.at++
	}
	if p.at == start { // it cannot be, but is never to hang
		p.at++
	}
	return p.text[start:p.at], 0
}

// quoted is a text in quotes; a backslash takes the next octet as it is.
func (p *inadynParser) quoted(quote byte) string {
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == quote:
			p.at++
			return b.String()
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(c)
		}
		if p.text[p.at] == '\n' {
			p.line++
		}
	}
	return b.String()
}

// blank skips blanks and comments: # and // to the end of the line, /* to */.
func (p *inadynParser) blank() {
	for p.at < len(p.text) {
		rest := p.text[p.at:]
		n := 0
		switch {
		case rest[0] == '\n':
			p.line, n = p.line+1, 1
		case strings.IndexByte(" \t\r", rest[0]) >= 0:
			n = 1
		case rest[0] == '#', strings.HasPrefix(rest, "//"):
			if n = strings.IndexByte(rest, '\n'); n < 0 {
				n = len(rest)
			}
		case strings.HasPrefix(rest, "/*"):
			n = len(rest)
			if i := strings.Index(rest, "*/"); i >= 0 {
				n = i + 2
			}
			p.line += strings.Count(rest[:n], "\n")
		default:
			return
		}
		p.at += n
	}
}
