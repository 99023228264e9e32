package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// Template is what a TXT record is to say: words with blanks between them, of
// which some have a placeholder for an address. Such a word stands there once for
// each address of its family, and not at all where there is none. Its zero value
// says nothing.
type Template struct{ text string }

// templateMost is the characters of a Template; a decision of homing, as the
// addresses come on top.
const templateMost = 1000

// ParseTemplate reads a Template as a person writes it.
func ParseTemplate(s string) (Template, error) {
	switch {
	case len(s) > templateMost:
		return Template{}, fmt.Errorf("it is longer than %d characters", templateMost)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }):
		return Template{}, errors.New("it contains a character that is not printable ASCII")
	}
	found := false
	for w := range strings.SplitSeq(s, " ") {
		p := parseWord(w)
		found = found || p.family != 0
		if strings.ContainsAny(p.before+p.after, "{}") {
			return Template{}, fmt.Errorf("%q has braces other than one {ipv4} or {ipv6}", w)
		}
	}
	if !found {
		return Template{}, errors.New("it contains neither {ipv4} nor {ipv6}")
	}
	return Template{s}, nil
}

func (t Template) String() string { return t.text }

// templateWord is one word of a Template.
type templateWord struct {
	before, after string      // what stands around the placeholder; before is all of a word without one
	family        addr.Family // of the placeholder; zero where there is none
}

func parseWord(s string) templateWord {
	for _, f := range addr.Families() {
		if before, after, ok := strings.Cut(s, placeholder(f)); ok {
			return templateWord{before, after, f}
		}
	}
	return templateWord{before: s}
}

func placeholder(f addr.Family) string { return "{" + strings.ToLower(f.String()) + "}" }

func (t Template) words() []templateWord {
	var words []templateWord
	for w := range strings.SplitSeq(t.text, " ") {
		words = append(words, parseWord(w))
	}
	return words
}

// Families returns those whose addresses it says.
func (t Template) Families() []addr.Family {
	var all []addr.Family
	for _, f := range addr.Families() {
		if strings.Contains(t.text, placeholder(f)) {
			all = append(all, f)
		}
	}
	return all
}

// isOnlyAddress reports whether it is a placeholder and nothing else.
func (t Template) isOnlyAddress() bool {
	words := t.words()
	return len(words) == 1 && words[0].family != 0 && words[0].before+words[0].after == ""
}

// spf reports whether it is a policy of the Sender Policy Framework, of which a name
// may have one only (RFC 7208, section 4.5).
func (t Template) spf() bool { return isSPF(t.text) }

func isSPF(text string) bool {
	version, _, _ := strings.Cut(text, " ")
	return strings.EqualFold(version, "v=spf1")
}

// values returns what the records are to say with these addresses, of which those of a
// family are in order: one value, or where
// an address is all that it says one for each.
func (t Template) values(addrs []netip.Addr) []dns.Data {
	var said []string
	for _, w := range t.words() {
		if w.family == 0 {
			said = append(said, w.before)
			continue
		}
		for _, a := range addrs {
			if w.family.Holds(a) {
				said = append(said, w.before+a.String()+w.after)
			}
		}
	}
	if !t.isOnlyAddress() {
		return []dns.Data{dns.DataOfStrings(strings.Join(said, " "))}
	}
	sort.Strings(said)
	var all []dns.Data
	for _, s := range slices.Compact(said) {
		all = append(all, dns.DataOfStrings(s))
	}
	return all
}

// address returns the one with which w is this word of a text.
func (w templateWord) address(said string) (netip.Addr, bool) {
	middle, ok := strings.CutPrefix(said, w.before)
	if !ok || w.family == 0 {
		return netip.Addr{}, false
	}
	if middle, ok = strings.CutSuffix(middle, w.after); !ok {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(middle)
	if err != nil || a.Zone() != "" || !w.family.Holds(a) {
		return netip.Addr{}, false
	}
	return a, true
}

// How what was read of a text can be the first words of a Template.
const (
	without = 1 << iota // with no address in it
	with                // with one at least
)

// addresses returns those with which a text is this Template; none where it is not.
// It follows all ways at once in which the words could fall to each other, so
// that a long text takes no more time than its length.
func (t Template) addresses(text string) []netip.Addr {
	words := t.words()
	at := make([]uint8, len(words)+1) // at[i]: how what was read can be the first i words
	at[0] = without
	skip(words, at)
	var found []netip.Addr
	for said := range strings.SplitSeq(text, " ") {
		next, any := make([]uint8, len(words)+1), uint8(0)
		for i, w := range words {
			switch a, is := w.address(said); {
			case at[i] == 0:
			case is:
				next[i], found = next[i]|with, append(found, a)
			case w.family == 0 && w.before == said:
				next[i+1] |= at[i]
			}
			any |= next[i] | next[i+1]
		}
		if any == 0 {
			return nil
		}
		skip(words, next)
		at = next
	}
	if at[len(words)]&with == 0 || t.isOnlyAddress() && strings.Contains(text, " ") {
		return nil
	}
	return found
}

// skip adds what is reached by leaving out words with a placeholder.
func skip(words []templateWord, at []uint8) {
	for i, w := range words {
		if w.family != 0 {
			at[i+1] |= at[i]
		}
	}
}

// owns reports whether a record says this Template with some addresses.
func (t Template) owns(r dns.Record) bool { return len(t.addresses(r.Data().JoinedText())) > 0 }
