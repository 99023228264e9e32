package web_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

func (p *place) healths() (health, loop, ready int) {
	return p.get("/health").Code, p.get("/healthz").Code, p.get("/readyz").Code
}

func TestHealthFollowsTheRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		want := func(what string, health, loop, ready int) {
			t.Helper()
			if h, l, r := p.healths(); h != health || l != loop || r != ready {
				t.Errorf("%s: %d %d %d, want %d %d %d", what, h, l, r, health, loop, ready)
			}
		}
		want("before the first round", 503, 200, 503)
		if w := p.get("/health"); w.Body.String() != `{"status":"unhealthy","last_check":"Never"}` {
			t.Error(w.Body)
		}
		p.round()
		want("after it", 200, 200, 200)
		if w := p.get("/health"); w.Body.String() != `{"status":"ok"}` {
			t.Error(w.Body)
		}
		time.Sleep(interval + 15*time.Second)
		want("when the next is due", 200, 200, 200)
		time.Sleep(2 * time.Second)
		want("when it does not come", 503, 503, 200)
		if w := p.get("/health"); w.Body.String() != `{"status":"unhealthy","last_check":"2000-01-01T00:00:00.420000+00:00"}` {
			t.Error(w.Body)
		}
		p.round()
		want("when it came", 200, 200, 200)
	})
}

func TestALoopThatNeverBeginsMakesNoProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1)
		time.Sleep(interval + time.Minute + time.Second)
		if h, l, r := p.healths(); h != 503 || l != 503 || r != 503 {
			t.Error(h, l, r)
		}
	})
}

func TestPausesAndRareSchedulesAreHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 1, func(c *web.Config) { c.Interval = func() time.Duration { return 24 * time.Hour } })
		p.board.Done(status.Round{Number: 1, Started: time.Now(), Next: time.Now().Add(24 * time.Hour)}, nil)
		time.Sleep(24 * time.Hour)
		if h, l, _ := p.healths(); h != 200 || l != 200 {
			t.Error("once a day is unhealthy", h, l)
		}
		p.board.Done(status.Round{Number: 2, Started: time.Now(), Next: time.Now().Add(time.Second)}, nil)
		time.Sleep(time.Hour)
		if h, l, _ := p.healths(); h != 200 || l != 200 {
			t.Error("a try that takes longer than its pause is unhealthy", h, l)
		}
	})
}

func TestAFailedRoundIsHealthyForItWasMade(t *testing.T) {
	p := newPlace(t, 1)
	p.house.Refuse("home.example.org", true)
	p.round()
	if h, l, r := p.healths(); h != 200 || l != 200 || r != 200 {
		t.Error(h, l, r)
	}
}

func TestHealthIsOpenByAnyNameAndSaysNothingElse(t *testing.T) {
	p := newPlace(t, 1)
	for _, path := range []string{"/health", "/healthz", "/readyz"} {
		if w := p.get(path, to("homing.attacker.example")); w.Code == 401 || w.Code == 421 || len(w.Body.String()) > 80 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
