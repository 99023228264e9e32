package config

import (
	"cmp"
	"fmt"
	"strings"
)

// none is the word that takes a family out of scope.
const none = "none"

// setSources reads a list of sources. In one text a new one starts only at a
// comma with a source's word behind it, so that static:192.0.2.1,192.0.2.2 is
// one source; what a command holds is never taken apart.
func (p *place) setSources(v *value) error {
	l, f := p.loader, p.family()
	sources, err := l.readSources(v)
	if err != nil {
		return err
	}
	row, _ := l.table.setting(v.path)
	seen := make(map[Source]bool)
	for i, s := range sources {
		if err := alone(sources, i, seen); err != nil {
			return &itemError{err, i}
		}
		kind := l.kind(s.Word)
		voter, err := kind.Check(f, s.Arg, !l.cfg.URLHeader.IsZero())
		if err != nil {
			if hintOf(err) == "" {
				err = hinted(err.Error(), "write it as "+kind.Form+", or take another source")
			}
			err = &itemError{fmt.Errorf("%s: %w", s.Word, err), i}
			if !l.lenient(row, v, err) {
				return err
			}
		}
		p.site.voters[f] = append(p.site.voters[f], voter)
	}
	p.site.detect[f].Sources = sources
	return nil
}

// alone refuses what makes no sense beside other sources: the same one twice,
// and the word that says that there is no address, which as a last resort would
// delete the records whenever the others are silent.
func alone(sources []Source, i int, seen map[Source]bool) error {
	s := sources[i]
	switch {
	case s.Word == "static.empty" && len(sources) > 1:
		return hinted("static.empty stands alone: beside others it would have the records deleted whenever those are silent", "take either it or the other sources out")
	case seen[s]:
		return hinted(fmt.Sprintf("%s stands there twice, and asking it twice proves nothing", presentable(&Setting{URLs: true}, s.String())), "take it out once")
	}
	seen[s] = true
	return nil
}

func (l *loader) readSources(v *value) ([]Source, error) {
	if !v.listed || len(v.entries) == 1 && v.text() == none {
		return l.splitSources(v.text())
	}
	var sources []Source
	return sources, each(v, func(item string) error {
		word, arg, _ := strings.Cut(item, ":")
		s := Source{strings.TrimSpace(word), strings.TrimSpace(arg)}
		switch {
		case s.Word == none:
			return hinted("none stands alone", "take either none or the other sources out")
		case l.kind(s.Word) == nil:
			return l.unknownSource(s.Word)
		}
		sources = append(sources, s)
		return nil
	})
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
	for i := range l.in.Catalogue.Sources {
		if l.in.Catalogue.Sources[i].Word == word {
			return &l.in.Catalogue.Sources[i]
		}
	}
	return nil
}

func (l *loader) unknownSource(word string) error {
	var words, forms []string
	for _, k := range l.in.Catalogue.Sources {
		words, forms = append(words, k.Word), append(forms, k.Form)
	}
	words, forms = append(words, none), append(forms, none)
	hint := cmp.Or(DidYouMean(word, words), "the sources are "+strings.Join(forms, ", "))
	return hinted(fmt.Sprintf("there is no source %q", word), hint)
}
