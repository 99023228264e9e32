package config

import (
	"slices"
	"strings"
)

// Locked is why the page cannot set this, wherever it may set things; empty
// where it can. Who has the page's token must not be able to run a program with
// it, to name a file, or to lead anybody elsewhere than the owner does.
func (s *Setting) Locked() string {
	section, _, _ := strings.Cut(s.Path, ".")
	switch key := leaf(s.Path); {
	case s.set == nil:
		return "it is another way to write other settings"
	case s.Command:
		return "it runs a program"
	case s.path || s.Type == "folder" || s.Type == "path":
		return "it names a file or a folder"
	case section == "serve" || key == "listen" && section != "detect":
		return "it says who may reach homing, and where"
	case s.host != "" && (s.Type == "URL" || s.Type == "host:port") || section == "accounts" && (key == BaseURL || key == AllowHTTP || key == CAFile || key == "server"):
		return "it says where the API of a DNS host is"
	case s.Secret && !s.File:
		return "it is secret, and no file can hold it"
	}
	return ""
}

// barred is why the page cannot set s to text.
func (s *Setting) barred(text string) string {
	word, rest, _ := strings.Cut(text, ":")
	switch word = strings.TrimSpace(word); {
	case s.mayRun(text), word == "exec" && (s.URLs || leaf(s.Path) == "provider"):
		return "it runs a program"
	case s.URLs && (word == "file" || strings.HasPrefix(word, "file.")):
		return "it names a file"
	case s.URLs && isURLWord(word) && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(rest)), "https://"):
		return "it asks without TLS, as services are asked that this machine alone can reach, and answers are cited"
	}
	return ""
}

const byHand = "edit the file by hand"

// Judge says what speaks against edits that come from the page, before it is
// known what they would mean: what the page cannot set, what something of more
// weight than homing.yaml sets, and secrets that have to be typed again because
// an edit decides where they are sent. The drafts are those in force.
func Judge(in *Input, drafts []*Draft, edits []Edit) Problems {
	j := judge{table: newTable(in.Catalogue), drafts: drafts}
	for _, e := range edits {
		path := strings.TrimSuffix(e.Path, "_file")
		switch reason, hint := j.against(e); {
		case reason != "":
			j.problems = append(j.problems, &Problem{Origin: Origin{Name: e.Path}, path: e.Path, Reason: reason, Hint: hint})
		case strings.HasPrefix(path, "accounts.") && owner(path) != path && !j.setting(path).Secret:
			j.again(edits, e, func(p string) bool { return owner(p) == owner(path) })
		case leaf(path) == "sources" && j.newURL(e):
			j.again(edits, e, func(p string) bool { return p == "detect.url_header" })
		}
	}
	return j.problems
}

type judge struct {
	table    *table
	drafts   []*Draft
	inFile   map[string][]*Entry // by path; nil: nobody asked
	problems Problems
}

func (j *judge) setting(path string) *Setting {
	s, _ := j.table.setting(path)
	return s
}

// against is what speaks against one edit.
func (j *judge) against(e Edit) (reason, hint string) {
	s, known := j.table.setting(e.Path)
	switch {
	case e.Remove && owner(e.Path) == e.Path && e.Path != "":
		if by := j.overrides(e.Path); by != "" && !strings.HasPrefix(e.Path, "accounts.") {
			return "it is set by " + by, "change it there"
		}
		return "", ""
	case !known:
		return "there is no such setting", ""
	case s.Locked() != "":
		return "the page cannot set it, because " + s.Locked(), byHand
	}
	for _, text := range e.Items {
		if why := s.barred(text); why != "" {
			return "the page cannot set this, because " + why, byHand
		}
	}
	if by := j.overrides(e.Path); by != "" {
		return "it is set by " + by + ", which has more weight than homing.yaml", "change it there, or take it out there"
	}
	if why := j.hidden(s, e.Path); why != "" {
		return why, byHand
	}
	return "", ""
}

// overrides is what sets a path, or all records where it is of one, and has more
// weight than the file.
func (j *judge) overrides(path string) string {
	for _, d := range j.drafts {
		if d.From == fileName {
			return ""
		}
		for _, e := range d.Entries {
			if group(strings.TrimSuffix(e.Path, "_file")) == group(path) {
				return e.Origin.Name
			}
		}
	}
	return ""
}

// hidden is why what the file says of a path now is not for the page.
func (j *judge) hidden(s *Setting, path string) string {
	for _, e := range j.file(path) {
		switch {
		case s.Secret:
		case s.barred(e.Text) != "":
			return "the page cannot change what stands there, because " + s.barred(e.Text)
		case strings.Contains(e.written, "${"):
			return "what stands there is made of a variable"
		case presentable(s, e.Text) != e.Text:
			return "something secret stands there"
		}
	}
	return ""
}

// file is what the file says of a path, or of the items of a list.
func (j *judge) file(path string) []*Entry {
	if j.inFile == nil {
		j.inFile = make(map[string][]*Entry)
		for _, d := range j.drafts {
			for i := range d.Entries {
				if e := &d.Entries[i]; d.From == fileName {
					list, _, _ := cutItem(e.Path) // of what is no item, the path
					j.inFile[list] = append(j.inFile[list], e)
				}
			}
		}
	}
	return j.inFile[path]
}

// newURL reports whether an edit adds a source that is a URL.
func (j *judge) newURL(e Edit) bool {
	return slices.ContainsFunc(e.Items, func(item string) bool {
		word, _, _ := strings.Cut(strings.TrimSpace(item), ":")
		if !isURLWord(word) {
			return false
		}
		return !slices.ContainsFunc(j.drafts, func(d *Draft) bool {
			return slices.ContainsFunc(d.Entries, func(old Entry) bool {
				list, _, _ := cutItem(old.Path)
				return list == e.Path && old.Text == strings.TrimSpace(item)
			})
		})
	})
}

func isURLWord(word string) bool { return word == "url" || strings.HasPrefix(word, "url.") }

// again asks for the secrets that an edit may send elsewhere.
func (j *judge) again(edits []Edit, e Edit, of func(path string) bool) {
	for _, d := range j.drafts {
		for _, old := range d.Entries {
			path := strings.TrimSuffix(old.Path, "_file")
			if list, _, item := cutItem(path); item {
				path = list
			}
			if !of(path) || !j.setting(path).Secret || slices.ContainsFunc(edits, func(x Edit) bool { return x.Path == path || x.Remove && x.Path == owner(path) }) {
				continue
			}
			p := &Problem{Origin: Origin{Name: path}, path: path, Reason: "type it again, or take it out: " + e.Path + " decides where it is sent"}
			if d.From != fileName {
				p = &Problem{Origin: Origin{Name: e.Path}, path: e.Path, Reason: "it decides where " + old.Origin.Name + " is sent, which is not set in homing.yaml", Hint: "change both by hand"}
			}
			if !slices.ContainsFunc(j.problems, func(x *Problem) bool { return x.path == p.path }) {
				j.problems = append(j.problems, p)
			}
		}
	}
}

// KeptApart is edits with each secret in a file of its own, which file names by
// the path of the secret, and what these files are to hold.
func KeptApart(in *Input, edits []Edit, file func(path string) string) (apart []Edit, files map[string]string) {
	t := newTable(in.Catalogue)
	files = make(map[string]string)
	for _, e := range edits {
		s, known := t.setting(e.Path)
		if !known || !s.Secret {
			apart = append(apart, e)
			continue
		}
		if !e.Remove {
			name := file(e.Path)
			files[name] = strings.Join(e.Items, "\n")
			apart = append(apart, Edit{Path: e.Path + "_file", Items: []string{name}})
		} else {
			apart = append(apart, Edit{Path: e.Path + "_file", Remove: true})
		}
		apart = append(apart, Edit{Path: e.Path, Remove: true})
	}
	return apart, files
}
