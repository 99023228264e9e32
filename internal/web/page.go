package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/homing-dns/homing/internal/text"
)

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

// whence says where the token is found.
const whence text.Hint = "homing wrote it into its log when it started first; it is {serve.token}, or stands in the file that {serve.token_file} names, or in the file token of the state folder."

func (s *Server) writeLogin(w http.ResponseWriter, r *http.Request, status int) {
	if err := write(w, r, status, loginOf(themeOf(r), status != http.StatusOK, !s.guard.hasToken, whence.In(s.cfg.Words))); err != nil {
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
	redirect(w, "./")
}
