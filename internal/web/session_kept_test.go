package web_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/web"
)

// keptSessions is a file of the state folder, whose disk may be full.
type keptSessions struct {
	content []byte
	there   bool
	full    bool
}

func (k *keptSessions) Read() ([]byte, error) {
	if !k.there {
		return nil, fs.ErrNotExist
	}
	return k.content, nil
}

func (k *keptSessions) Write(b []byte) error {
	if k.there = !k.full; k.full {
		return errors.New("no space left on device")
	}
	k.content = b
	return nil
}

// by gives a Server the sessions of the file, as a start does.
func (k *keptSessions) by(c *web.Config) {
	c.Sessions = web.NewSessions(k, slog.New(slog.DiscardHandler))
}

func (p *place) opens(c *http.Cookie) bool {
	p.t.Helper()
	return p.get("/api/v1/status", session(c)).Code == http.StatusOK
}

// Two people who log in within one second have a session each.
func TestALogOutEndsNoSessionOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1, (&keptSessions{}).by)
		first, second, third := p.logIn(), p.logIn(), p.logIn()
		p.ask("POST", "/logout", "", session(second))
		if !p.opens(first) || p.opens(second) || !p.opens(third) {
			t.Errorf("open after the log-out of the second of three: %v, %v, %v", p.opens(first), p.opens(second), p.opens(third))
		}
	})
}

func TestALogOutIsFinalOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &keptSessions{}
		p := newPlace(t, 1, kept.by)
		mine := p.logIn()
		p.ask("POST", "/logout", "", session(mine))
		other := p.logIn()
		if other.Value == mine.Value {
			t.Fatal("a new session is the one that was logged out")
		}
		again := newPlace(t, 1, kept.by)
		if again.opens(mine) || !again.opens(other) {
			t.Errorf("after a restart the session that was logged out: %v, the other one: %v", again.opens(mine), again.opens(other))
		}
	})
}

func TestWithoutAFileNoSessionOutlivesTheProcess(t *testing.T) {
	p := newPlace(t, 1)
	c := p.logIn()
	if again := newPlace(t, 1); !p.opens(c) || again.opens(c) {
		t.Error("a session without a record of log-outs is good after a restart")
	}
	full := &keptSessions{full: true}
	p = newPlace(t, 1, full.by)
	if c := p.logIn(); !p.opens(c) || newPlace(t, 1, full.by).opens(c) {
		t.Error("a session whose log-out could not be kept is good after a restart")
	}
}

// A disk that fills up later: the log-out holds, and at the restart all end.
func TestALogOutThatCannotBeKeptEndsAllAtTheRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &keptSessions{}
		p := newPlace(t, 1, kept.by)
		mine := p.logIn()
		time.Sleep(time.Second)
		other := p.logIn()
		kept.full = true
		p.ask("POST", "/logout", "", session(mine))
		if p.opens(mine) || !p.opens(other) {
			t.Error("in the process the one session ends, and the other does not")
		}
		if again := newPlace(t, 1, kept.by); again.opens(mine) || again.opens(other) {
			t.Error("after a restart one of them is good")
		}
	})
}

// Nobody makes the file long: who has no session writes nothing, and who logs
// in and out for ever ends the oldest.
func TestTheFileOfLogOutsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &keptSessions{}
		p := newPlace(t, 1, kept.by)
		before := string(kept.content)
		first := p.logIn()
		for _, forged := range []string{"", "x", first.Value + "A", strings.Repeat("A", 4000)} {
			p.ask("POST", "/logout", "", session(&http.Cookie{Name: first.Name, Value: forged}))
		}
		if string(kept.content) != before {
			t.Errorf("strangers wrote %q", kept.content)
		}
		for range 1500 {
			time.Sleep(time.Second)
			c := p.logIn()
			p.ask("POST", "/logout", "", session(c))
			p.ask("POST", "/logout", "", session(c)) // once more is nothing more
		}
		if n := len(kept.content); n > 12<<10 {
			t.Errorf("the file is %d bytes", n)
		}
		if p.opens(first) || newPlace(t, 1, kept.by).opens(first) {
			t.Error("a session older than what is remembered is good")
		}
		if c := p.logIn(); !p.opens(c) {
			t.Error("nobody can log in any more")
		}
		time.Sleep(31 * 24 * time.Hour)
		p.ask("POST", "/logout", "", session(p.logIn()))
		if lines := strings.Count(string(kept.content), "\n"); lines != 3 {
			t.Errorf("of log-outs whose sessions are over, %d lines are left", lines)
		}
	})
}

// A clock that was once ahead forgets no log-out.
func TestAClockOnceAheadForgetsNoLogOut(t *testing.T) {
	kept := &keptSessions{}
	var mine *http.Cookie
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1, kept.by)
		mine = p.logIn()
		p.ask("POST", "/logout", "", session(mine))
		time.Sleep(5 * 365 * 24 * time.Hour)
		p.ask("POST", "/logout", "", session(p.logIn()))
	})
	synctest.Test(t, func(t *testing.T) { // the same hour as at first
		p := newPlace(t, 1, kept.by)
		if p.opens(mine) {
			t.Error("the session that was logged out is good again")
		}
		if c := p.logIn(); !p.opens(c) {
			t.Error("nobody can log in any more")
		}
	})
}
