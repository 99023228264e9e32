package web

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/text"
)

func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	pageOf(&page, s.view(r))
	writePage(w, r, http.StatusOK, &page)
}

func (s *Server) serveLogin(w http.ResponseWriter, r *http.Request) {
	s.writeLogin(w, r, http.StatusOK)
}

// whence says where the token is found.
const whence text.Hint = "homing wrote it into its log when it started first; it is {serve.token}, or stands in the file that {serve.token_file} names, or in the file token of the state folder."

func (s *Server) writeLogin(w http.ResponseWriter, r *http.Request, status int) {
	var page bytes.Buffer
	loginOf(&page, themeOf(r), status != http.StatusOK, !s.guard.hasToken, whence.In(s.cfg.Words))
	writePage(w, r, status, &page)
}

// fail is for what is a mistake of homing's own.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.cfg.Log.Error("the page cannot be shown", "error", err)
	s.refuseWith(w, r, http.StatusInternalServerError, "The page cannot be shown; the log says why")
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
	s.extendDeadlines(w, r, formTimeout)
	_, _ = s.cfg.Board.Await(ctx, asked) // a round that takes longer is shown when it is there
	redirect(w, "./")
}
