package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
)

// none is the word that takes a family out of scope.
const none = "none"

// setSources reads a list of sources. A new one starts only at a comma with a
// source's word behind it, so that static:192.0.2.1,192.0.2.2 is one source;
// what a command holds is never taken apart.
func (l *loader) setSources(f addr.Family, list string) error {
	sources, err := l.splitSources(list)
	if err != nil {
		return err
	}
	for _, s := range sources {
		voter, err := l.kind(s.Word).Check(f, s.Arg, !l.cfg.URLHeader.IsZero())
		if err != nil {
			return fmt.Errorf("%s: %w", s.Word, err)
		}
		l.voters[f] = append(l.voters[f], voter)
	}
	l.detect[f].Sources = sources
	return nil
}

func (l *loader) splitSources(list string) ([]Source, error) {
	if list == none {
		return nil, nil
	}
	if command, ok := strings.CutPrefix(list, "exec:"); ok {
		return []Source{{"exec", strings.TrimSpace(command)}}, nil
	}
	var sources []Source
	for piece := range strings.SplitSeq(list, ",") {
		word, arg, _ := strings.Cut(strings.TrimSpace(piece), ":")
		word, arg = strings.TrimSpace(word), strings.TrimSpace(arg)
		last := len(sources) - 1
		switch {
		case word == "exec":
			return nil, hinted("a command stands alone here, because commas may be a part of it",
				"take the other sources out, or write the list in homing.yaml")
		case l.kind(word) != nil:
			sources = append(sources, Source{word, arg})
		case last >= 0 && sources[last].Arg != "":
			sources[last].Arg += "," + piece
		case word == none:
			return nil, hinted("none stands alone", "take either none or the other sources out")
		default:
			return nil, l.unknownSource(word)
		}
	}
	return sources, nil
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

// checkAgreement finds rules that the sources of f can never meet.
func (l *loader) checkAgreement(f addr.Family) {
	rule, voters := l.detect[f].Agree, l.voters[f]
	if rule.IsFirst() || len(voters) == 0 {
		return
	}
	var operators []string
	sound := false
	for _, v := range voters {
		if !slices.Contains(operators, v.Operator) {
			operators = append(operators, v.Operator)
		}
		sound = sound || v.Authenticated
	}
	name := fmt.Sprintf("HOMING_IP%d_AGREE", f)
	n, needed := len(operators), rule.Needs(len(operators))
	who := fmt.Sprintf("the sources of IP%d_PROVIDER are run by %s", f, listed(operators))
	switch {
	case n == 1:
		l.wrong(name, rule.String(), who+" alone, and one operator has one vote", "add sources of other operators, or write first")
	case needed > n:
		l.wrong(name, rule.String(), fmt.Sprintf("%s, so %d votes can never come together", who, needed),
			fmt.Sprintf("write a number up to %d, or majority, or add sources of other operators", n))
	case !sound:
		l.wrong(name, rule.String(), "every source of this family asks over plain DNS or HTTP, whose answers whoever sits on the way can forge; together they prove nothing",
			"add a source that answers over HTTPS or DoH, such as cloudflare.trace")
	}
}

// listed is "a", "a and b" or "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
