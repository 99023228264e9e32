package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// setUpView is one step of the set-up.
type setUpView struct {
	frame
	answers
	Step, Title string
	Steps       links
	Far         bool // the browser is on another machine, and the way there is not encrypted

	Left int  // codes; codesWrong: none was wrong yet
	Used bool // the code was typed in another browser

	Host  SetUpHost
	Hosts []SetUpHost

	Seen     SetUpSeen
	Chosen   []string // families
	Families string   // what is wrong with them

	Made   SetUpMade
	Review string
	Plan   *planView
}

// setUpSteps are the steps there are, and what they are called. They are never
// changed.
var setUpSteps = []choice{{"code", "Code"}, {stepAccount, "DNS host"}, {stepNames, "Names"}, {stepReview, "Review"}}

func (s *setUpSite) setUpFrame(r *http.Request, step, title string) *setUpView {
	v := &setUpView{frame: s.frame(r), Step: step, Title: title}
	from, err := netip.ParseAddr(clientOf(r))
	v.Far = err == nil && !from.IsLoopback() && r.URL.Scheme != "https"
	return v
}

// codeView asks for the code. So many more may be wrong.
func (s *setUpSite) codeView(r *http.Request, left int) *setUpView {
	v := s.setUpFrame(r, "code", "Set homing up")
	v.Left, v.Used = left, s.codeUsed
	v.links(0)
	return v
}

// stepView is the step that is asked for, as far as there is anything to show yet;
// else the latest.
func (s *setUpSite) stepView(r *http.Request, q url.Values) *setUpView {
	furthest, step := stepAccount, q.Get("at")
	reached := 1
	if s.at.checked {
		furthest, reached = stepNames, 2
	}
	if s.at.made != nil {
		furthest, reached = stepReview, 3
	}
	i := slices.IndexFunc(setUpSteps, func(s choice) bool { return s.Name == step })
	if i < 1 || i > reached {
		step = furthest
	}
	v := s.setUpFrame(r, step, "")
	v.links(reached)
	switch step {
	case stepAccount:
		s.accountView(v, q.Get("host"))
	case stepNames:
		s.namesView(v)
	case stepReview:
		v.Title, v.Made, v.Review = "Save and start", *s.at.made, s.at.review
		v.Made.NoPlan = plain(v.Made.NoPlan)
		if v.Made.Plan != nil {
			v.Plan = newPlanView(v.frame, v.Made.Plan)
		}
	}
	return v
}

// links leads to the steps that were reached.
func (v *setUpView) links(reached int) {
	for i, step := range setUpSteps {
		here, href := step.Name == v.Step, ""
		if i > 0 && i <= reached && !here {
			href = query("./", "at", step.Name)
		}
		v.Steps.add(step.Title, href, here)
	}
}

func (s *setUpSite) accountView(v *setUpView, word string) {
	if word == "" {
		word = s.at.answers.Host
	}
	v.Title, v.Hosts = "Your DNS host", s.does.Hosts()
	v.Host = s.does.Host(word, s.at.answers.Account)
	for _, ask := range v.Host.Asks {
		f := &fieldView{ID: "f-" + ask.Key, Path: ask.Key, Label: ask.Label, Doc: ask.Doc, Type: ask.Type, Default: ask.Default, Secret: ask.Secret, Must: !ask.Optional}
		if s.at.answers.Host == v.Host.Word {
			_, f.Set = s.at.answers.Account[ask.Key]
			if !ask.Secret {
				f.Value = s.at.answers.Account[ask.Key]
			}
		}
		f.Must = f.Must && !(f.Secret && f.Set)
		v.Fields = append(v.Fields, f)
	}
}

func (s *setUpSite) namesView(v *setUpView) {
	a := s.at.answers
	v.Title, v.Seen, v.Chosen = "Names to keep", s.at.seen, a.Families
	v.Host = s.does.Host(a.Host, a.Account)
	here := 0
	for _, f := range v.Seen.Families {
		if f.Here {
			here++
		}
	}
	for _, f := range v.Seen.Families {
		if len(a.Names) == 0 && (f.Here || here == 0) { // not chosen yet
			v.Chosen = append(v.Chosen, f.Name)
		}
	}
	v.Fields = []*fieldView{
		{ID: "names", Path: "names", Label: "Names", List: true, Must: true, Value: strings.Join(a.Names, "\n"), Type: "names", Doc: "The names whose records homing keeps pointing here, such as home.example.org or *.home.example.org."},
		{ID: "every", Path: "every", Label: "Look every", Value: a.Every, Type: "duration or cron line", Default: "5m", Doc: "How often homing looks. A change that this machine notices by itself is looked at at once."},
	}
}

// typed puts what somebody typed into the fields again, except for secrets.
func (v *setUpView) typed(form url.Values) {
	for i := range v.Fields {
		if f := v.Fields[i]; !f.Secret && form.Has(f.Path) {
			f.Value = form.Get(f.Path)
		}
	}
	if v.Step == stepNames {
		v.Chosen = nil
		for _, f := range v.Seen.Families {
			if form.Has(f.Name) {
				v.Chosen = append(v.Chosen, f.Name)
			}
		}
	}
}

// wrong puts each problem at its field; what is of none has a path that nobody
// here knows.
func (v *setUpView) wrong(problems []EditProblem) {
	v.answers.wrong(problems)
	v.Problems = slices.DeleteFunc(v.Problems, func(p EditProblem) bool {
		if p.Path == "families" {
			v.Families = p.Reason
		}
		return p.Path == "families"
	})
	for i := range v.Problems {
		v.Problems[i].Path = ""
	}
}

func (v *setUpView) pointers() (all []*pointer) {
	if v.Families != "" {
		all = append(all, &pointer{"families", "Addresses", v.Families})
	}
	return append(all, pointsAt(v.Fields, func(f *fieldView) string { return f.Label })...)
}

// zones is what the host showed, in words.
func (v *setUpView) zones() string {
	var names []string
	for _, z := range v.Seen.Zones {
		name := plain(z.Name)
		if z.ReadOnly {
			name += " (read-only)"
		}
		names = append(names, name)
	}
	const most = 30
	if rest := len(names) - most; rest > 0 {
		names = append(names[:most], "and "+num(rest)+" more")
	}
	return strings.Join(names, ", ")
}

// brief is what a setting is and what holds without it.
func (f *fieldView) brief() string {
	brief := f.Doc
	if f.List {
		brief += " One a line."
	}
	if f.Default != "" {
		brief += " Without it: " + f.Default + "."
	}
	return brief
}

// before and after are what stands around the link of a host.

func (h SetUpHost) before() string {
	text, _, _ := strings.Cut(h.Get, h.Link)
	if h.Link == "" {
		return h.Get
	}
	return text
}

func (h SetUpHost) after() string {
	if _, text, found := strings.Cut(h.Get, h.Link); found && h.Link != "" {
		return text
	}
	return ""
}
