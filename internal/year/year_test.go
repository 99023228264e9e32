package year

import (
	"bytes"
	"flag"
	"fmt"
	"testing"
)

var seeds = flag.Int("seeds", 20, "how many years are lived")

// Each year has to be worth its name: a thousand rounds that do something, and
// two hundred faults.
func TestEveryPromiseIsKeptInEveryYear(t *testing.T) {
	for seed := range uint64(*seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := Live(t, Options{Seed: seed})
			if r.Broken != "" {
				t.Errorf("%s\nsee it with: go run ./tools/year --seed %d --trace", r.Broken, seed)
			} else if r.Worked < 1000 || r.Sum() < 200 {
				t.Errorf("only %d rounds did something, and there were %d faults", r.Worked, r.Sum())
			}
		})
	}
}

// The same seed is the same year, to the last line.
func TestASeedIsOneYear(t *testing.T) {
	for _, seed := range []uint64{3, 9} {
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
