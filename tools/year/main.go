// Year lives years with homing, in a simulated world that goes wrong, and says
// whether each promise was kept. docs/design/proof.md tells what is promised.
//
//	go run ./tools/year --seeds 1000
//	go run ./tools/year --seed 17 --trace
//	go run ./tools/year --mutants all
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/year"
)

func main() {
	seeds := flag.Int("seeds", 20, "how many years are lived, each of another seed")
	first := flag.Uint64("from", 0, "the first seed")
	seed := flag.Int64("seed", -1, "live the year of this seed alone")
	trace := flag.Bool("trace", false, "tell all that happens")
	mutate := flag.String("mutants", "", "put deliberate faults into homing, those with this text or \"all\", and say whether the years find them")
	testing.Init()
	flag.Parse()
	debug.SetGCPercent(-1) // there is memory, and time is what counts
	debug.SetMemoryLimit(400 << 20)
	runtime.MemProfileRate = 0
	if *mutate != "" {
		os.Exit(hunt(*mutate))
	}
	l := &lives{began: time.Now(), first: *first, seeds: *seeds}
	if *seed >= 0 {
		l.first, l.seeds = uint64(*seed), 1
	}
	l.trace = *trace
	// Time in a synctest bubble is that of a test, and testing.Main runs tests
	// where there is no go test.
	testing.Main(func(_, _ string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: "year", F: l.live}}, nil, nil)
}

// lives is the years of several seeds.
type lives struct {
	began time.Time
	first uint64
	seeds int
	trace bool

	mu     sync.Mutex
	total  year.Report
	broken *year.Report // of the lowest seed that broke a promise
	idle   []uint64     // seeds of years in which too little happened
}

// live lives them, as many at a time as there are processors, and ends the program.
func (l *lives) live(t *testing.T) {
	t.Run("seeds", func(t *testing.T) {
		for i := range l.seeds {
			t.Run("seed", func(t *testing.T) {
				t.Parallel()
				l.one(t, l.first+uint64(i))
			})
		}
	})
	fmt.Printf("%d years: %s\n", l.total.Seeds, l.total.Describe())
	fmt.Printf("%v\n", time.Since(l.began).Round(time.Millisecond))
	if l.broken != nil {
		fmt.Printf("seed %d broke a promise %s\nsee it with: go run ./tools/year --seed %d --trace\n", l.broken.Seed, l.broken.Broken, l.broken.Seed)
		os.Exit(1)
	}
	if len(l.idle) > 0 {
		fmt.Printf("too little happened in the years of %v\n", l.idle)
	}
	if t.Failed() || len(l.idle) > 0 {
		os.Exit(1)
	}
	fmt.Println("every promise was kept")
	os.Exit(0)
}

func (l *lives) one(t *testing.T, seed uint64) {
	l.mu.Lock()
	enough := l.broken != nil && l.broken.Seed < seed
	l.mu.Unlock()
	if enough {
		return
	}
	o := year.Options{Seed: seed}
	if l.trace {
		o.Trace = os.Stdout
	}
	r := year.Live(t, o)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.Add(r)
	if r.Broken == "" && !r.Full() {
		l.idle = append(l.idle, seed)
	}
	if r.Broken != "" && (l.broken == nil || seed < l.broken.Seed) {
		l.broken = &r
	}
}
