package year

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
)

// Each year has to be worth its name: a thousand rounds that do something, and
// two hundred faults.
func TestEveryPromiseIsKeptInEveryYear(t *testing.T) {
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := Live(t, Options{Seed: seed})
			if r.Broken != "" {
				t.Errorf("%s\nsee it with: go run ./tools/year --seed %d --trace", r.Broken, seed)
			} else if !r.Full() {
				t.Errorf("only %d rounds did something, and there were %d faults", r.Worked, r.Sum())
			}
		})
	}
}

// The same seed is the same year, to the last line.
func TestASeedIsOneYear(t *testing.T) {
	for _, seed := range []uint64{1, 3, 4, 9} {
		var lives [2]bytes.Buffer
		for i := range lives {
			Live(t, Options{Seed: seed, Days: 30, Trace: &lives[i]})
		}
		a, b := bytes.Split(lives[0].Bytes(), []byte("\n")), bytes.Split(lives[1].Bytes(), []byte("\n"))
		for i := range a {
			if i >= len(b) || !bytes.Equal(a[i], b[i]) {
				t.Fatalf("seed %d, line %d:\n%s\n%s", seed, i+1, a[i], b[min(i, len(b)-1)])
			}
		}
	}
}

// What lives is as large in the end as in the second month, when everything that
// is kept for a while is there.
func TestNothingGrows(t *testing.T) {
	type size struct {
		bytes    uint64
		routines int
	}
	var early, late size
	measure := func() size {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return size{m.HeapAlloc, runtime.NumGoroutine()}
	}
	Live(t, Options{Seed: 1, Calm: func(day int) {
		switch {
		case day < 60:
			early = measure()
		case day > 330:
			late = measure()
		}
	}})
	const spare = 256 << 10 // what the world itself remembers
	if late.routines > early.routines || late.bytes > early.bytes+spare {
		t.Errorf("%d goroutines and %d bytes in the second month, %d and %d in the last", early.routines, early.bytes, late.routines, late.bytes)
	}
	t.Logf("%+v, %+v", early, late)
}
