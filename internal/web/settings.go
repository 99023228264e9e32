package web

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// reviews are changes that somebody looked at and may save. They stand here and
// not in the page, which would show the secrets among them.
type reviews struct {
	sync.Mutex
	kept []reviewed // the latest last
}

type reviewed struct {
	id, at   string
	proposal Proposal
	made     time.Time
}

const (
	reviewsKept = 8
	reviewLife  = 15 * time.Minute
)

// randomHex is so many random bytes as digits.
func randomHex(size int) string {
	some := make([]byte, size)
	_, _ = rand.Read(some) // it never fails
	return hex.EncodeToString(some)
}

func (r *reviews) add(at string, p Proposal) (id string) {
	id = randomHex(16)
	r.Lock()
	defer r.Unlock()
	r.kept = append(r.kept, reviewed{id, at, p, time.Now()})
	if len(r.kept) > reviewsKept {
		r.kept = append([]reviewed{}, r.kept[len(r.kept)-reviewsKept:]...)
	}
	return id
}

// take gives a review once.
func (r *reviews) take(id string) (found reviewed, ok bool) {
	r.Lock()
	defer r.Unlock()
	for i, k := range r.kept {
		if k.id == id {
			r.kept = append(r.kept[:i:i], r.kept[i+1:]...)
			return k, time.Since(k.made) < reviewLife
		}
	}
	return reviewed{}, false
}

// part is the part of the settings with this name, as it is now.
func (s *Server) part(r *http.Request, editor Editor, at string) *settingsView {
	return s.settingsView(r, editor.Editable(), url.Values{"at": {at}})
}

func (s *Server) serveSettings(w http.ResponseWriter, r *http.Request) {
	editor, no := s.editor()
	if no != nil {
		s.refuse(w, r, no)
		return
	}
	writeSettings(w, r, http.StatusOK, s.settingsView(r, editor.Editable(), r.URL.Query()))
}

func writeSettings(w http.ResponseWriter, r *http.Request, status int, v *settingsView) {
	var page bytes.Buffer
	settingsOf(&page, v)
	writePage(w, r, status, &page)
}

// postSettings reviews what a form changes, or saves what was reviewed.
func (s *Server) postSettings(w http.ResponseWriter, r *http.Request) {
	editor, no := s.editor()
	if err := r.ParseForm(); err != nil && no == nil {
		no = newRefusal(http.StatusBadRequest, "The form cannot be read")
	}
	if no != nil {
		s.refuse(w, r, no)
		return
	}
	form := r.PostForm
	switch form.Get("do") {
	case "save":
		s.saveReviewed(w, r, editor)
		return
	case "test":
		s.testService(w, r, editor)
		return
	}
	e := editor.Editable()
	v := s.settingsView(r, e, form)
	p := Proposal{Tag: form.Get("tag"), Changes: changesOf(v.Fields, form)}
	switch {
	case form.Get("do") == "remove":
		p.Changes = []ProposedChange{{Path: v.At, Remove: true}}
	case form.Get("do") == "move":
		p.Changes, p.Move = nil, true
	}
	if len(p.Changes) == 0 && !p.Move {
		v.Note = "Nothing is changed."
		writeSettings(w, r, http.StatusOK, v)
		return
	}
	verdict := s.propose(w, r, editor, p)
	if len(verdict.Problems) > 0 {
		v.typed(form)
		v.refuse(&verdict)
		writeSettings(w, r, http.StatusUnprocessableEntity, v)
		return
	}
	v.review(&verdict, s.reviews.add(v.At, p))
	writeSettings(w, r, http.StatusOK, v)
}

func (s *Server) saveReviewed(w http.ResponseWriter, r *http.Request, editor Editor) {
	review, ok := s.reviews.take(r.PostForm.Get("review"))
	v := s.part(r, editor, review.at)
	if !ok {
		v.Problems = []EditProblem{{Reason: "This review is no longer there", Hint: "make the change again"}}
		writeSettings(w, r, http.StatusGone, v)
		return
	}
	p := review.proposal
	p.Save = true
	verdict := s.propose(w, r, editor, p)
	if !verdict.Saved {
		v.refuse(&verdict)
		writeSettings(w, r, http.StatusUnprocessableEntity, v)
		return
	}
	v = s.part(r, editor, review.at)
	v.Note = "Saved to " + v.File + ". homing reads its settings again."
	v.Fields = nil // it may be gone
	writeSettings(w, r, http.StatusOK, v)
}

// changesOf is what a form says otherwise than the settings do.
func changesOf(fields []*fieldView, form url.Values) (changes []ProposedChange) {
	for _, f := range fields {
		if f.Locked != "" || !form.Has(f.Path) {
			continue
		}
		text := strings.TrimSpace(strings.ReplaceAll(strings.Join(form[f.Path], "\n"), "\r\n", "\n"))
		c := ProposedChange{Path: f.Path, Items: []string{text}}
		if f.List {
			c.Items = nil
			for line := range strings.SplitSeq(text, "\n") {
				if line = strings.TrimSpace(line); line != "" {
					c.Items = append(c.Items, line)
				}
			}
		}
		switch {
		case f.Secret && form.Has("remove "+f.Path):
			changes = append(changes, ProposedChange{Path: f.Path, Remove: true})
		case f.Secret && text == "", !f.Secret && text == f.Was, len(f.Choices) > 0 && sameWords(c.Items, f.Was):
		case text == "":
			changes = append(changes, ProposedChange{Path: f.Path, Remove: true})
		default:
			changes = append(changes, c)
		}
	}
	return changes
}

// refuse shows what speaks against saving.
func (v *settingsView) refuse(verdict *Verdict) {
	v.Tag = verdict.Tag
	v.wrong(verdict.Problems)
}

// review shows what would be saved.
func (v *settingsView) review(verdict *Verdict, id string) {
	v.Review, v.Diff, v.Fields, v.NoPlan, v.Variables = id, verdict.Diff, nil, plain(verdict.NoPlan), verdict.Variables
	if verdict.Plan != nil {
		v.Plan = newPlanView(v.frame, verdict.Plan)
	}
}

// count is how many records or lists there are.
func (e *Editable) count(kind string) int {
	n := 0
	for _, s := range e.Said {
		if rest, ok := strings.CutPrefix(s.Path, kind+"["); ok {
			nth, _, _ := strings.Cut(rest, "]")
			if i, err := strconv.Atoi(nth); err == nil {
				n = max(n, i+1)
			}
		}
	}
	return n
}

// sameWords reports whether words are those of a text, in whatever order.
func sameWords(words []string, text string) bool {
	were := strings.Fields(text)
	slices.Sort(were)
	return slices.Equal(slices.Sorted(slices.Values(words)), were)
}
