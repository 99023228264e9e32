package dns

import "strings"

// The data of a TXT record is strings of at most 255 octets each (RFC 1035,
// section 3.3.14). A Record and a Data have them as zone files do (section 5.1):
// each in quotes, with a blank between two, in one form only, so that what is
// written alike is alike. Where a text is cut has no meaning to most who read it
// (RFC 7208, section 3.3), and is kept all the same: what others wrote stays.

// maxTXTString is the octets of one string.
const maxTXTString = 255

// DataOfStrings returns these strings as the data of a record; one that is too long is cut.
func DataOfStrings(strs ...string) Data {
	var b strings.Builder
	for _, s := range strs {
		for {
			n := min(len(s), maxTXTString)
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			quote(&b, s[:n])
			if s = s[n:]; s == "" {
				break
			}
		}
	}
	return Data{Text: b.String()}
}

func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			b.WriteByte('\\')
			b.WriteByte('0' + c/100)
			b.WriteByte('0' + c/10%10)
			b.WriteByte('0' + c%10)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}

// ParseTXT reads the data of a TXT record as a DNS host writes it: strings in quotes,
// or else a text that is meant as it stands.
func ParseTXT(s string) Data {
	if strs, ok := unquote(s); ok {
		return DataOfStrings(strs...)
	}
	return DataOfStrings(s)
}

// Strings returns the strings of a TXT record.
func (d Data) Strings() []string {
	if strs, ok := unquote(d.Text); ok {
		return strs
	}
	return []string{d.Text}
}

// JoinedText returns what the data of a TXT record says, wherever it is cut.
func (d Data) JoinedText() string { return strings.Join(d.Strings(), "") }

// unquote reads strings in quotes with blanks between them, and nothing else.
func unquote(s string) (strs []string, ok bool) {
	for s = strings.Trim(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		str, rest, ok := cutQuoted(s)
		if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
			return nil, false
		}
		strs, s = append(strs, str), rest
	}
	return strs, len(strs) > 0
}

// cutQuoted reads one string in quotes.
func cutQuoted(s string) (str, rest string, ok bool) {
	if s[0] != '"' {
		return "", "", false
	}
	var b []byte
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return string(b), s[i+1:], true
		case c != '\\':
			b = append(b, c)
		case i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]):
			n := int(s[i+1]-'0')*100 + int(s[i+2]-'0')*10 + int(s[i+3]-'0')
			if n > 255 {
				return "", "", false
			}
			b, i = append(b, byte(n)), i+3
		case i+1 < len(s) && !isDigit(s[i+1]):
			b, i = append(b, s[i+1]), i+1
		default:
			return "", "", false
		}
	}
	return "", "", false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
