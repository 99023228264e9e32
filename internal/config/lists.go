package config

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// addNames reads a list of names; commas, blanks and line breaks all separate.
func (l *loader) addNames(list string, types ...dns.Type) error {
	var bad []string
	for s := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		n, err := dns.ParseName(s)
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		l.names = append(l.names, name{n, types})
	}
	if len(bad) > 0 {
		return hinted(strings.Join(bad, "\n    "), "write names such as home.example.org, with commas between them")
	}
	return nil
}

// none is the word that takes a family out of scope.
const none = "none"

// setSources reads a list of sources. A new one starts only at a comma with a
// source's word behind it, so that static:192.0.2.1,192.0.2.2 is one source.
func (l *loader) setSources(f addr.Family, list string) error {
	if list == none {
		return nil
	}
	var sources []Source
	for piece := range strings.SplitSeq(list, ",") {
		word, arg, _ := strings.Cut(strings.TrimSpace(piece), ":")
		word, arg = strings.TrimSpace(word), strings.TrimSpace(arg)
		last := len(sources) - 1
		switch {
		case l.kind(word) != nil:
			sources = append(sources, Source{word, arg})
		case last >= 0 && sources[last].Arg != "":
			sources[last].Arg += "," + piece
		case word == none:
			return hinted("none stands alone", "take either none or the other sources out")
		default:
			return l.unknownSource(word)
		}
	}
	for _, s := range sources {
		if err := l.kind(s.Word).Check(f, s.Arg); err != nil {
			return fmt.Errorf("%s: %w", s.Word, err)
		}
	}
	l.cfg.Sources[f] = sources
	return nil
}

func (l *loader) kind(word string) *SourceKind {
	for i := range l.catalogue.Sources {
		if l.catalogue.Sources[i].Word == word {
			return &l.catalogue.Sources[i]
		}
	}
	return nil
}

func (l *loader) unknownSource(word string) error {
	var words, forms []string
	for _, k := range l.catalogue.Sources {
		words, forms = append(words, k.Word), append(forms, k.Form)
	}
	words, forms = append(words, none), append(forms, none)
	hint := "the sources are " + strings.Join(forms, ", ")
	if near := nearest(word, words); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return hinted(fmt.Sprintf("there is no source %q", word), hint)
}

// nearest is the candidate that is at most a third of the word's length, and
// two typing errors at least, away; empty when none is.
func nearest(word string, candidates []string) string {
	best, bestAt := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(word, c); d < bestAt {
			best, bestAt = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two words, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
