package powerdns

import (
	"testing"

	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		f, front, back := newFake(t, "example.org.", "sub.example.org.")
		s := subject(t, front, back)
		s.Trace = func(*testing.T) []string { return perSet(f.Calls()) }
		s.Faults = providertest.FaultsBy(f.Fail, pdnstest.Lose, pdnstest.Down, pdnstest.Hang, pdnstest.Ignore)
		return s
	})
}

// subject is a server with the zones example.org and sub.example.org, which the
// test has a way into.
func subject(t *testing.T, front, back string) providertest.Subject {
	d := door{back, "example.org."}
	return providertest.Subject{
		Provider: reaching(t, front), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true,
		Seed: d.seed, Stored: d.stored, Trace: func(*testing.T) []string { return nil },
	}
}

// perSet is calls for a whole zone as a word for each set: a PATCH is written
// as "write" for each of its sets, and what was read by the call just before it
// is read for each of them.
func perSet(calls []pdnstest.Call) (words []string) {
	for i, c := range calls {
		for range c.Sets {
			if i > 0 && calls[i-1].Sets == 0 {
				words = append(words, "read")
			}
			words = append(words, "write")
		}
	}
	return words
}
