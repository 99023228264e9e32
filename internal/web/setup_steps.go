package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// progress is how far the set-up has come.
type progress struct {
	answers SetUpAnswers
	seen    SetUpSeen
	checked bool       // the host has taken the credential
	made    *SetUpMade // nil: there is nothing to review
	review  string     // by which it is saved
}

// The steps behind the code, by what a form asks for and the address says.
const (
	stepAccount = "account"
	stepNames   = "names"
	stepReview  = "review"
)

const (
	checkMost   = 30 * time.Second // that asking a host may take
	maxNameList = 500              // names at once
)

// serveStep shows the step that is asked for, or the latest there is.
func (s *setUpSite) serveStep(w http.ResponseWriter, r *http.Request) {
	if !s.hasSession(r) {
		writeSetUp(w, r, http.StatusOK, s.codeView(r, codesWrong))
		return
	}
	s.mu.Lock()
	v := s.stepView(r, r.URL.Query())
	s.mu.Unlock()
	writeSetUp(w, r, http.StatusOK, v)
}

func writeSetUp(w http.ResponseWriter, r *http.Request, status int, v *setUpView) {
	var page bytes.Buffer
	setUpOf(&page, v)
	writePage(w, r, status, &page)
}

// post takes what a form says. One step is taken at a time.
func (s *setUpSite) post(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	do := r.PostForm.Get("do")
	switch {
	case do == "code":
		s.submitCode(w, r)
		return
	case !s.hasSession(r):
		writeSetUp(w, r, http.StatusForbidden, s.codeView(r, codesWrong))
		return
	case lacksOrigin(r):
		s.refuse(w, r, cookieWithoutOrigin())
		return
	case !s.step.TryLock():
		s.refuse(w, r, &refusal{status: http.StatusServiceUnavailable, detail: "Another step is under way", retry: time.Second})
		return
	}
	defer s.step.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), editPlanMax)
	defer cancel()
	s.extendDeadlines(w, r, editPlanMax)
	var problems []EditProblem
	next := ""
	switch do {
	case stepAccount:
		next, problems = s.takeAccount(ctx, r.PostForm)
	case stepNames:
		next, problems = stepReview, s.takeNames(ctx, r.PostForm)
	case "save":
		problems = s.save(ctx, r.PostForm.Get("review"))
		if len(problems) == 0 {
			s.finish(w, r)
			return
		}
		do = stepReview
	default:
		s.refuseWith(w, r, http.StatusBadRequest, "There is no such step")
		return
	}
	if len(problems) == 0 {
		redirect(w, query("./", "at", next))
		return
	}
	s.mu.Lock()
	v := s.stepView(r, url.Values{"at": {do}, "host": {r.PostForm.Get("host")}})
	s.mu.Unlock()
	v.typed(r.PostForm)
	v.wrong(problems)
	writeSetUp(w, r, http.StatusUnprocessableEntity, v)
}

// takeAccount has the host look at a credential. A secret that is not typed again
// is the one before, as long as the host is. Where what was said leads to further
// questions, these are asked first.
func (s *setUpSite) takeAccount(ctx context.Context, form url.Values) (next string, problems []EditProblem) {
	said := make(map[string]string)
	for key := range form {
		said[key] = strings.TrimSpace(form.Get(key))
	}
	h := s.does.Host(form.Get("host"), said)
	if h.ByHand != "" {
		return "", []EditProblem{{Reason: h.Name + " cannot be set up here: " + h.ByHand}}
	}
	s.mu.Lock()
	before := s.at.answers
	s.mu.Unlock()
	answers, more := SetUpAnswers{Host: h.Word, Account: make(map[string]string), Names: before.Names, Families: before.Families, Every: before.Every}, false
	for _, ask := range h.Asks {
		text := said[ask.Key]
		if text == "" && ask.Secret && before.Host == h.Word {
			text = before.Account[ask.Key]
		}
		if text != "" {
			answers.Account[ask.Key] = text
		}
		more = more || !form.Has(ask.Key)
	}
	at := progress{answers: answers}
	if next = stepAccount; !more {
		ctx, cancel := context.WithTimeout(ctx, checkMost)
		defer cancel()
		if at.seen, problems = s.does.Account(ctx, answers); len(problems) > 0 {
			return "", problems
		}
		at.checked, next = true, stepNames
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
	return next, nil
}

// takeNames makes the settings of what is known then.
func (s *setUpSite) takeNames(ctx context.Context, form url.Values) []EditProblem {
	s.mu.Lock()
	at := s.at
	s.mu.Unlock()
	if !at.checked {
		return []EditProblem{{Reason: "The DNS host was not asked yet", Hint: "go back to its step"}}
	}
	answers := at.answers
	answers.Names = strings.FieldsFunc(form.Get("names"), func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) })
	answers.Every = strings.TrimSpace(form.Get("every"))
	answers.Families = nil
	for _, f := range at.seen.Families {
		if form.Has(f.Name) {
			answers.Families = append(answers.Families, f.Name)
		}
	}
	switch {
	case len(answers.Names) == 0:
		return []EditProblem{{Path: "names", Reason: "Write at least one name"}}
	case len(answers.Names) > maxNameList:
		return []EditProblem{{Path: "names", Reason: "These are more than 500 names", Hint: "write the others into homing.yaml later"}}
	case len(answers.Families) == 0 && len(at.seen.Families) > 0:
		return []EditProblem{{Path: "families", Reason: "Choose at least one"}}
	}
	made, problems := s.does.Review(ctx, answers)
	if len(problems) > 0 {
		return problems
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at.answers, s.at.made, s.at.review = answers, &made, randomHex(16)
	return nil
}

// save writes what was reviewed, and nothing else.
func (s *setUpSite) save(ctx context.Context, review string) []EditProblem {
	s.mu.Lock()
	at := s.at
	s.mu.Unlock()
	if at.made == nil || review != at.review {
		return []EditProblem{{Reason: "This is not what was reviewed last", Hint: "look at it once more"}}
	}
	return s.does.Save(ctx)
}

// finish leads the browser to the page that comes next, in a session there.
func (s *setUpSite) finish(w http.ResponseWriter, r *http.Request) {
	token, kept := s.does.Admit()
	s.done.Store(true)
	s.door.close() // before the browser knows that it can come again
	http.SetCookie(w, cookie(r, newSessions(token.Reveal(), kept).issue(time.Now().Add(sessionLife)), sessionLife))
	over := cookie(r, "", 0)
	over.Name = setUpCookie
	http.SetCookie(w, over)
	w.Header().Set("Connection", "close") // the next request is for the daemon
	redirect(w, "./")
	s.end(errSetUpDone)
}
