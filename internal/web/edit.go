package web

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// Editor changes settings in homing.yaml. Its methods are called by several
// goroutines at once. No secret comes out of either.
type Editor interface {
	Editable() *Editable
	Propose(context.Context, Proposal) Verdict
}

// Editable is what can be set, and what is.
type Editable struct {
	Tag      string         `json:"etag"`      // of the file as it is now
	File     string         `json:"file"`      // which is changed, or will be made
	ReadOnly string         `json:"read_only"` // why nothing can be changed; may be empty
	Settings []EditableRow  `json:"settings"`  // the table
	Said     []EditableSaid `json:"said"`      // what is set
	YAML     string         `json:"-"`         // all that is in force, without secrets
	Movable  bool           `json:"-"`         // variables set something that the file could
}

// EditableRow is a setting of the table: once for all records, accounts and lists.
type EditableRow struct {
	Path    string   `json:"path"`
	Form    string   `json:"form"` // text, list, boolean or number
	Type    string   `json:"type"`
	Words   []string `json:"words,omitempty"`
	Default string   `json:"default,omitempty"`
	Doc     string   `json:"doc"`
	Hosts   []string `json:"hosts,omitempty"` // the DNS hosts whose accounts have it; none: it is no host's
	Secret  bool     `json:"secret,omitempty"`
	Locked  string   `json:"locked,omitempty"` // why it cannot be set here
}

// EditableSaid is what is set at one path.
type EditableSaid struct {
	Path   string   `json:"path"`
	Items  []string `json:"items,omitempty"` // none of a secret
	Secret bool     `json:"secret,omitempty"`
	Locked string   `json:"locked,omitempty"`
}

// Proposal is changes that somebody would like to make.
type Proposal struct {
	Tag     string // of the file they were made for
	Changes []ProposedChange
	Move    bool   // instead of Changes: write what variables set into the file
	Save    bool   // unless something speaks against it
	Who     string // for the history: "a session" or "the token", and from where
}

// ProposedChange is one of them.
type ProposedChange struct {
	Path   string   `json:"path"`
	Items  []string `json:"items,omitempty"`
	Remove bool     `json:"remove,omitempty"`
}

// Verdict is what changes would do, or did.
type Verdict struct {
	Tag      string        `json:"etag"`
	Saved    bool          `json:"saved"`
	Conflict bool          `json:"conflict,omitempty"` // the file is another one by now
	Problems []EditProblem `json:"problems"`
	Diff     []DiffLine    `json:"diff"`
	Plan     *status.Round `json:"plan,omitempty"` // of the new settings, of a review
	NoPlan   string        `json:"no_plan,omitempty"`

	Variables []string `json:"-"` // that can go once this is saved
}

// EditProblem is what speaks against a change, at its setting.
type EditProblem struct {
	Path   string `json:"path,omitempty"` // empty: the whole
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// DiffLine is a line of the file that goes or comes.
type DiffLine struct {
	Added bool   `json:"added"`
	Text  string `json:"text"`
}

const (
	maxEdit     = 64 << 10 // bytes of changes
	maxChanges  = 200      // at once
	editPlanMax = time.Minute
)

// bodyLimit is how long the body of a request may be, in bytes.
func bodyLimit(r *http.Request) int64 {
	if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, configPath) || r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/settings") || strings.HasSuffix(r.URL.Path, setUpPath)) {
		return maxEdit
	}
	return maxBody
}

const configPath = "/api/v1/config"

// editor is what changes settings; a refusal where nobody may.
func (s *Server) editor() (Editor, *refusal) {
	if s.cfg.Editor == nil {
		return nil, newRefusal(http.StatusForbidden, text.Advise("Settings can be changed here only with %s", text.The("serve.edit").To("true")).In(s.cfg.Words))
	}
	return s.cfg.Editor, nil
}

func (s *Server) serveConfig(w http.ResponseWriter, r *http.Request) {
	editor, no := s.editor()
	if no != nil {
		s.refuse(w, r, no)
		return
	}
	e := editor.Editable()
	w.Header().Set("ETag", e.Tag)
	s.writeAPI(w, r, e)
}

// putConfig makes changes, or with ?review=true says what they would do.
func (s *Server) putConfig(w http.ResponseWriter, r *http.Request) {
	editor, no := s.editor()
	p, bad := proposalOf(r)
	if no == nil {
		no = bad
	}
	if no != nil {
		s.refuse(w, r, no)
		return
	}
	v := s.propose(w, r, editor, p)
	w.Header().Set("ETag", v.Tag)
	status := http.StatusOK
	switch {
	case v.Conflict:
		status = http.StatusPreconditionFailed
	case len(v.Problems) > 0:
		status = http.StatusUnprocessableEntity
	}
	v.Problems, v.Diff = orEmpty(v.Problems), orEmpty(v.Diff)
	b, err := json.Marshal(v)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writePacked(w, r, status, "application/json", b)
}

// propose hands changes on; a review takes as long as a plan.
func (s *Server) propose(w http.ResponseWriter, r *http.Request, editor Editor, p Proposal) Verdict {
	ctx, cancel := context.WithTimeout(r.Context(), editPlanMax)
	defer cancel()
	s.extendDeadlines(w, r, editPlanMax)
	p.Who = actor(r)
	return editor.Propose(ctx, p)
}

// actor names whose request it is, for the history and the log.
func actor(r *http.Request) string {
	if credentialOf(r) == sessionShown {
		return "a session, from " + clientOf(r)
	}
	return "the token, from " + clientOf(r)
}

// proposalOf is what a script asks for.
func proposalOf(r *http.Request) (p Proposal, no *refusal) {
	p.Save = r.URL.Query().Get("review") != "true"
	p.Tag = r.Header.Get("If-Match")
	if p.Tag == "" {
		return p, newRefusal(http.StatusPreconditionRequired, "If-Match is missing; it holds the ETag that GET gave")
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return p, newRefusal(http.StatusUnsupportedMediaType, "The body is not of the type application/json")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return p, newRefusal(http.StatusRequestEntityTooLarge, "The changes are longer than 64 KiB, or cannot be read")
	}
	var in struct {
		Changes []ProposedChange `json:"changes"`
	}
	if err := json.Unmarshal(body, &in); err != nil || len(in.Changes) == 0 || len(in.Changes) > maxChanges {
		return p, newRefusal(http.StatusBadRequest, `The body is not JSON of the form {"changes": [{"path": "schedule.every", "items": ["@every 1m"]}]}, with 1 to 200 changes`)
	}
	p.Changes = in.Changes
	return p, nil
}
