package web

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
)

//go:embed site
var site embed.FS

// write makes the whole page before any of it is sent, so that none is sent by
// half.
func write(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	writePacked(w, r, status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	if err := write(w, r, http.StatusOK, pageOf(s.view(r))); err != nil {
		s.fail(w, r, err)
	}
}

func (s *Server) serveLogin(w http.ResponseWriter, r *http.Request) {
	s.writeLogin(w, r, http.StatusOK)
}

func (s *Server) writeLogin(w http.ResponseWriter, r *http.Request, status int) {
	if err := write(w, r, status, loginOf(status != http.StatusOK, !s.guard.hasToken)); err != nil {
		s.fail(w, r, err)
	}
}

// fail is for what is a mistake of homing's own.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.cfg.Log.Error("the page cannot be shown", "error", err)
	s.refuse(w, r, refusal{status: http.StatusInternalServerError, detail: "The page cannot be shown; the log says why"})
}

// formTimeout is how long a form waits for its round; the page shows what
// became of it later, too.
const formTimeout = 20 * time.Second

// syncForm is the button of the page where there is no script.
func (s *Server) syncForm(w http.ResponseWriter, r *http.Request) {
	asked := time.Now()
	s.cfg.Trigger()
	ctx, cancel := context.WithTimeout(r.Context(), formTimeout)
	defer cancel()
	s.patient(w, formTimeout)
	_, _ = s.cfg.Board.Await(ctx, asked) // a round that takes longer is shown when it is there
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// serveAsset serves what the page is made of beside its text.
func (s *Server) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	kinds := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	_, ext, _ := strings.Cut(name, ".")
	body, err := site.ReadFile("site/" + name)
	if kinds[ext] == "" || err != nil {
		s.refuse(w, r, notFound())
		return
	}
	h := fnv.New64a()
	_, _ = h.Write(body) // a hash takes everything
	tag := fmt.Sprintf(`"%x"`, h.Sum64())
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache") // asked for each time, sent when it is another
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	writePacked(w, r, http.StatusOK, kinds[ext], body)
}

func (s *Server) serveSchema(w http.ResponseWriter, r *http.Request) {
	body, err := site.ReadFile("site/openapi.json")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writePacked(w, r, http.StatusOK, "application/json", body)
}
