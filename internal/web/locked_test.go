package web_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever guesses behind an address, the right token is let in from there.
func TestTheRightTokenIsNotLockedOutByGuessesFromTheSameAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		for range 12 {
			p.get("/api/v1/status", header("Authorization", "Bearer a-wrong-token-of-some-length"))
		}
		began := time.Now()
		if w := p.get("/api/v1/status", bearer); w.Code != http.StatusOK || time.Since(began) > 0 {
			t.Errorf("%d after %v", w.Code, time.Since(began))
		}
	})
}

// A browser may have several cookies of the name, for other paths or hosts of
// the site; the good one counts, wherever it stands.
func TestOfSeveralSessionsTheGoodOneCounts(t *testing.T) {
	p := newPlace(t, 1)
	p.round()
	good := p.logIn()
	for _, values := range [][]string{{"stale", good.Value}, {good.Value, "stale"}} {
		w := p.get("/", func(r *http.Request) {
			for _, v := range values {
				r.AddCookie(&http.Cookie{Name: good.Name, Value: v})
			}
		})
		if w.Code != http.StatusOK {
			t.Errorf("%v: %d", values, w.Code)
		}
	}
}

func TestALogOutEndsTheSessionAndNotOnlyItsCookie(t *testing.T) {
	p := newPlace(t, 1)
	p.round()
	mine, other := p.logIn(), p.logIn()
	if w := p.get("/", session(mine)); w.Code != http.StatusOK {
		t.Fatalf("before: %d", w.Code)
	}
	p.ask("POST", "/logout", "", session(mine))
	if w := p.get("/", session(mine)); w.Code == http.StatusOK {
		t.Error("a session that was logged out is good")
	}
	if w := p.get("/", session(other)); other.Value != mine.Value && w.Code != http.StatusOK {
		t.Errorf("another session: %d", w.Code)
	}
}

// Who may open the socket in the file system is the owner's proxy, and says
// who comes.
func TestOnASocketInTheFileSystemTheProxyIsBelieved(t *testing.T) {
	p := newPlace(t, 1)
	w := p.get("/login", from("@"), to("ddns.example.org"), header("X-Forwarded-Proto", "https"), header("X-Forwarded-For", "203.0.113.7"), bearer)
	if w.Code != http.StatusOK {
		t.Fatalf("%d", w.Code)
	}
	p.get("/api/v1/status", from("@"), header("X-Forwarded-For", "203.0.113.7"), header("Authorization", "Bearer wrong"))
	if log := p.log.String(); log == "" || !strings.Contains(log, "203.0.113.7") {
		t.Errorf("the log says %q", log)
	}
}
