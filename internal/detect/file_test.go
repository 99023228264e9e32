package detect

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// leave writes a file that nobody has touched since.
func leave(t *testing.T, path, text string) {
	t.Helper()
	write(t, path, text)
	touch(t, path, time.Now().Add(-time.Hour))
}

// touch gives a file the time of the bubble, which the kernel does not know.
func touch(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestFileIsReadEachTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ip")
	s := must(t)(File(want4, path, 0))
	wantRefused(t, s.Observe(t.Context()), path)
	if why := s.Observe(t.Context()).Why(); !errors.Is(why, fs.ErrNotExist) {
		t.Errorf("why is %v", why)
	}
	for _, a := range []string{"8.8.4.4", "8.8.8.8"} {
		leave(t, path, a+" # office\r\n")
		wantSame(t, s.Observe(t.Context()), known(a))
	}
}

func TestFileRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ip")
	s := must(t)(File(want4, path, addr.AllowPrivate))
	for text, says := range map[string]string{
		"":                        "holds no address",
		"8.8.4.4\n2a00:1450::1\n": "line 2: 2a00:1450::1 is not an IPv4 address",
		"100.64.0.1":              "CGNAT",
		"127.0.0.1":               "loopback",
		"8.8.4.4\n" + string(make([]byte, maxAnswer)): "longer than 4096 bytes",
	} {
		leave(t, path, text)
		wantRefused(t, s.Observe(t.Context()), says)
		wantRefused(t, s.Observe(t.Context()), path)
	}
	leave(t, path, "10.0.0.1\n")
	wantSame(t, s.Observe(t.Context()), known("10.0.0.1")) // allowed
	if s := must(t)(File(want4, path, 0)); s.Observe(t.Context()).Known() {
		t.Error("a private address passes although nobody allowed it")
	}
}

func TestFileIsPlainAndAbsolute(t *testing.T) {
	if _, err := File(want4, "ip.txt", 0); err == nil || !strings.Contains(err.Error(), "not an absolute path") {
		t.Errorf("got %v", err)
	}
	wantRefused(t, must(t)(File(want4, t.TempDir(), 0)).Observe(t.Context()), "not a plain file")
	wantRefused(t, must(t)(File(want4, os.DevNull, 0)).Observe(t.Context()), "not a plain file")
}

// A step of a program that writes the file.
type step struct {
	at   time.Duration
	text string
}

// written plays the steps, asks at once and gives what was learnt, and when. A
// step whose text is "gone" removes the file.
func written(t *testing.T, steps ...step) (o addr.Observation, took time.Duration) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ip")
	synctest.Test(t, func(t *testing.T) {
		s := must(t)(File(want4, path, 0))
		began := time.Now()
		play := func(st step) {
			if st.text == "gone" {
				_ = os.Remove(path)
				return
			}
			write(t, path, st.text)
			touch(t, path, began.Add(st.at))
		}
		play(steps[0])
		if steps[0].at < 0 {
			s.Observe(t.Context()) // it is known from then on
			began = began.Add(time.Since(began))
			play(steps[1])
			steps = steps[1:]
		}
		for _, st := range steps[1:] {
			time.AfterFunc(st.at, func() { play(st) })
		}
		p := New(Config{Family: addr.IPv4, Sources: []Source{s}, Rule: addr.First(), Timeout: 5 * time.Second})
		o, took = p.Observe(t.Context()), time.Since(began)
	})
	return o, took
}

func TestFileIsNotReadWhileItIsWritten(t *testing.T) {
	const hour, ms = time.Hour, time.Millisecond
	for name, c := range map[string]struct {
		steps []step
		says  string // empty: nothing is known
		from  time.Duration
		to    time.Duration
	}{
		"at rest":                                       {[]step{{-hour, "8.8.4.4\n"}, {-hour, "8.8.4.4\n"}}, "8.8.4.4", 0, 0},
		"at rest and new":                               {[]step{{-hour, "8.8.4.4\n"}, {-3 * time.Second, "8.8.8.8\n"}}, "8.8.8.8", 0, 0},
		"just written":                                  {[]step{{0, "84.1.2.179\n"}}, "84.1.2.179", 1000 * ms, 1000 * ms},
		"in two parts":                                  {[]step{{0, "84.1.2.1"}, {900 * ms, "84.1.2.179\n"}}, "84.1.2.179", 2000 * ms, 3000 * ms},
		"in two parts, slowly":                          {[]step{{0, "84.1.2.1"}, {1500 * ms, "84.1.2.179\n"}}, "84.1.2.179", 2000 * ms, 4000 * ms},
		"over an older one, in two parts":               {[]step{{-hour, "8.8.4.4\n"}, {0, "84.1.2.1"}, {900 * ms, "84.1.2.179\n"}}, "84.1.2.179", 2000 * ms, 3000 * ms},
		"a second line later":                           {[]step{{0, "84.1.2.1\n"}, {900 * ms, "84.1.2.1\n84.1.2.2\n"}}, "84.1.2.1, 84.1.2.2", 1000 * ms, 3000 * ms},
		"emptied first":                                 {[]step{{-hour, "8.8.4.4\n"}, {0, ""}, {2500 * ms, "84.1.2.179\n"}}, "84.1.2.179", 3000 * ms, 4900 * ms},
		"removed first":                                 {[]step{{-hour, "8.8.4.4\n"}, {0, "gone"}, {1500 * ms, "84.1.2.179\n"}}, "84.1.2.179", 2500 * ms, 4000 * ms},
		"without the end of its line":                   {[]step{{0, "84.1.2.179"}}, "84.1.2.179", 2000 * ms, 2000 * ms},
		"long ago, without the end of its line":         {[]step{{-hour, "gone"}, {-hour, "84.1.2.179"}}, "84.1.2.179", 1000 * ms, 1000 * ms},
		"with a clock that was put back":                {[]step{{hour, "84.1.2.179\n"}}, "84.1.2.179", 1000 * ms, 1000 * ms},
		"empty for long":                                {[]step{{-hour, "8.8.4.4\n"}, {-hour, ""}}, "", 0, 0},
		"never there":                                   {[]step{{0, "gone"}}, "", 0, 0},
		"emptied, and nothing comes":                    {[]step{{0, ""}}, "", 4500 * ms, 5000 * ms},
		"the same again, in two parts, changes nothing": {[]step{{-hour, "84.1.2.1\n"}, {0, "84.1.2.1\n"}}, "84.1.2.1", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o, took := written(t, c.steps...)
			if o.Known() != (c.says != "") || o.Known() && o.Describe() != c.says {
				t.Errorf("it is %s", o.Describe())
			}
			if took < c.from || took > c.to {
				t.Errorf("it took %v, not %v to %v", took, c.from, c.to)
			}
		})
	}
}

func TestFileGoesOnUntilItRests(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ip")
	synctest.Test(t, func(t *testing.T) {
		s := must(t)(File(want4, path, 0))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		for n := range 20 {
			time.AfterFunc(time.Duration(n)*400*time.Millisecond, func() {
				write(t, path, strings.Repeat("8.8.4.4\n", n+1))
				touch(t, path, time.Now())
			})
		}
		time.Sleep(time.Millisecond)
		wantRefused(t, s.Observe(ctx), "still being written")
		time.Sleep(time.Minute)
	})
}
