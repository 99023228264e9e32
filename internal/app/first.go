package app

import (
	"errors"
	"os"
	"strconv"

	"github.com/homing-dns/homing/internal/config/dialect"
)

// FirstStart is what decides whether homing, when it is started, serves a page to
// set it up instead of saying what is wrong: only where nothing is set, somebody is
// likely to see the code in the log, and what is set up can be kept.
type FirstStart struct {
	Unwanted   bool   // --no-setup
	Flags      bool   // others are given
	Said       string // what is set; empty: nothing
	Variable   bool   // and that is a variable
	Image      bool   // it runs in homing's own image
	Terminal   bool   // the log goes to a terminal
	Systemd    bool   // that started it, as a service
	Kubernetes bool
	Closed     error // why nothing can be kept
}

// Applies reports whether the page is served.
func (f FirstStart) Applies() bool {
	return !f.Unwanted && !f.Flags && f.Said == "" && (f.Image || f.Terminal) && !f.Systemd && !f.Kubernetes && f.Closed == nil
}

// Why says what keeps the page from being served, where somebody may wonder; else it
// is empty.
func (f FirstStart) Why() string {
	switch {
	case f.Variable:
		return f.Said + " is set, and homing serves its set-up page only where nothing is."
	case f.Closed != nil && f.Image:
		return "homing serves no set-up page here, because " + f.Closed.Error() + ". Mount a volume there, which homing may write into."
	case f.Closed != nil:
		return "homing serves no set-up page here, because " + f.Closed.Error() + "."
	}
	return ""
}

// FirstStart looks at what is set and at where homing runs. The terminal is one
// that somebody reads the log on, and the flags are those of run.
func (s *Settings) FirstStart(in *dialect.Input, terminal, unwanted, flags bool) FirstStart {
	f := FirstStart{Unwanted: unwanted, Flags: flags, Terminal: terminal,
		Image: s.Getenv(imageVariable) != "", Kubernetes: s.Getenv("KUBERNETES_SERVICE_HOST") != "", Systemd: s.service(terminal)}
	if f.Unwanted || f.Flags || f.Kubernetes || f.Systemd || !f.Image && !f.Terminal {
		return f // nothing else has to be looked at, and no folder made
	}
	var besides []string
	if f.Image {
		besides = []string{imageVariable, "HOMING_STATE"} // which the image sets itself
	}
	if f.Said, f.Variable = dialect.Said(in, besides...); f.Said == "" {
		f.Closed = s.closed()
	}
	return f
}

// service reports whether systemd started this process as a service. A terminal
// may be a service itself, whose shells inherit what systemd told it: then its
// SYSTEMD_EXEC_PID is not that of homing.
//
// Source: systemd.exec(5), "Environment Variables Set or Propagated by the Service Manager" (systemd 257)
func (s *Settings) service(terminal bool) bool {
	switch pid := s.Getenv("SYSTEMD_EXEC_PID"); {
	case s.Getenv("NOTIFY_SOCKET") != "":
		return true
	case terminal && pid != "" && pid != strconv.Itoa(os.Getpid()):
		return false
	}
	return s.Getenv("INVOCATION_ID") != ""
}

// closed is why nothing can be kept in the state folder; nil where it can. The
// folder is made where it is not there.
func (s *Settings) closed() error {
	folder := s.homeless()
	if folder == "" {
		return errors.New("there is no folder to keep it in, or others may write into that")
	}
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = writable(folder)
	}
	if err != nil {
		return errors.New("nothing can be kept in " + folder + ": " + causeOf(err))
	}
	return nil
}
