// Package bridgetest is a libdns library that keeps zones in memory, and that fails in
// all the ways in which libraries have been seen to.
package bridgetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/libdns/libdns"
)

// Faults of a library.
const (
	Down    = "down"    // its host cannot be reached
	Hang    = "hang"    // it waits for longer than anybody lets it
	Lose    = "lose"    // a write is done, and said to have failed
	Die     = "die"     // a write is done, and then the whole program ends
	Ignore  = "ignore"  // a write is said to be done, and is not
	Partial = "partial" // the first record of a write is written, and then it fails
	Late    = "late"    // the next reads show what stood there before a write
	Never   = "never"   // all reads do
	Twice   = "twice"   // what is added is added twice
	Empty   = "empty"   // a zone reads as if nothing were in it
	Panics  = "panics"
	TTL     = "ttl" // its TTL is 7200 whatever it is told
)

// Library keeps records of zones, each as libdns has it.
type Library struct {
	State
	// Load and Save keep the state between two runs of a program, where that is set.
	Load func() State
	Save func(State)
}

// State is what a library holds.
type State struct {
	Zones map[string][]libdns.RR // by name, with a dot
	Old   map[string][]libdns.RR // what late reads show
	Fault string
	Late  int
	Trace []string // "read" and "write"
}

// late is how many reads are late.
const late = 2

var errAny = errors.New("something went wrong, see https://api.example.net/v1?key=canary-secret")

func (l *Library) begin(word string) (end func()) {
	if l.Load != nil {
		l.State = l.Load()
	}
	l.Trace = append(l.Trace, word)
	return func() {
		if l.Save != nil {
			l.Save(l.State)
		}
	}
}

// GetRecords lists a zone.
func (l *Library) GetRecords(ctx context.Context, zone string) (all []libdns.Record, _ error) {
	defer l.begin("read")()
	held, ok := l.Zones[zone]
	switch {
	case l.Fault == Down:
		return nil, errAny
	case l.Fault == Hang:
		<-ctx.Done()
		return nil, ctx.Err()
	case l.Fault == Panics:
		panic("a nil map")
	case l.Fault == Empty:
		return nil, nil
	case !ok:
		return nil, errors.New("there is no such zone")
	case l.Fault == Never && l.Old != nil:
		held = l.Old[zone]
	case l.Late > 0:
		l.Late--
		held = l.Old[zone]
	}
	for _, r := range held {
		all = append(all, r)
	}
	return all, nil
}

// ListZones lists all.
func (l *Library) ListZones(context.Context) (all []libdns.Zone, _ error) {
	defer l.begin("list")()
	if l.Fault == Down {
		return nil, errAny
	}
	for name := range l.Zones {
		all = append(all, libdns.Zone{Name: name})
	}
	return all, nil
}

// AppendRecords adds records.
func (l *Library) AppendRecords(ctx context.Context, zone string, records []libdns.Record) ([]libdns.Record, error) {
	return records, l.write(ctx, zone, records, func(held []libdns.RR, r libdns.RR) []libdns.RR { return append(held, r) })
}

// SetRecords has these stand, and no others of their name and type.
func (l *Library) SetRecords(ctx context.Context, zone string, records []libdns.Record) ([]libdns.Record, error) {
	seen := make(map[string]bool)
	return records, l.write(ctx, zone, records, func(held []libdns.RR, r libdns.RR) []libdns.RR {
		if k := r.Name + " " + r.Type; !seen[k] {
			seen[k] = true
			held = slices.DeleteFunc(held, func(h libdns.RR) bool { return h.Name == r.Name && h.Type == r.Type })
		}
		return append(held, r)
	})
}

// DeleteRecords deletes exactly these.
func (l *Library) DeleteRecords(ctx context.Context, zone string, records []libdns.Record) ([]libdns.Record, error) {
	return records, l.write(ctx, zone, records, func(held []libdns.RR, r libdns.RR) []libdns.RR {
		if i := slices.Index(held, r); i >= 0 {
			return slices.Delete(held, i, i+1)
		}
		return held
	})
}

func (l *Library) write(ctx context.Context, zone string, records []libdns.Record, do func([]libdns.RR, libdns.RR) []libdns.RR) error {
	end := l.begin("write")
	defer end()
	held, ok := l.Zones[zone]
	switch {
	case !ok || l.Fault == Down:
		return errAny
	case l.Fault == Hang:
		<-ctx.Done()
		return ctx.Err()
	case l.Fault == Panics:
		panic("a nil map")
	case l.Fault == Ignore:
		return nil
	}
	if l.Old == nil || l.Fault != Never {
		l.Old = map[string][]libdns.RR{zone: held}
	}
	held = slices.Clone(held)
	for i, r := range records {
		rr := r.RR()
		if strings.Contains(rr.Name, "example.org") || rr.Name == "" {
			panic(fmt.Sprintf("%q is not relative to its zone", rr.Name))
		}
		if l.Fault == TTL {
			rr.TTL = 2 * time.Hour
		}
		if l.Fault == Partial && i > 0 {
			break
		}
		n := len(held)
		if held = do(held, rr); l.Fault == Twice && len(held) > n {
			held = append(held, rr)
		}
	}
	l.Zones[zone] = held
	switch l.Fault {
	case Late:
		l.State.Late = late
	case Lose, Partial:
		return errAny
	case Die:
		end()
		os.Exit(1)
	}
	return nil
}
