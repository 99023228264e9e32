package providertest

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

func faultTests() []test {
	return []test{
		{"a write whose answer is lost is unconfirmed", func(s *session) {
			old := s.seed(s.record("a", "192.0.2.1"))[0]
			s.Faults.LoseAnswers(s.T)
			for _, r := range s.apply(update(old, point("192.0.2.9")), create(s.record("b", "192.0.2.1"))) {
				if r.Err == nil || r.Err.Kind != provider.Unconfirmed {
					s.Errorf("the error is %v", r.Err)
				}
			}
			s.holds(old.Name, s.record("a", "192.0.2.9"))
		}, nil},
		{"what cannot be read is an error, not none", func(s *session) {
			s.seed(s.record("a", "192.0.2.1"))
			s.Faults.GoDown(s.T)
			if records, err := s.Provider.Records(s.Context(), s.zone, []dns.Name{s.name("a")}); err == nil {
				s.Errorf("listed are %q", lines(records))
			} else {
				s.kind(err)
			}
			if _, unplaced, err := s.Provider.Zones(s.Context(), []dns.Name{s.name("a")}); err == nil {
				s.mayBeUnplaced(unplaced)
			} else {
				s.kind(err)
			}
		}, nil},
		{"a write to a host that is down is not said to be done", func(s *session) {
			old := s.seed(s.record("a", "192.0.2.1"))[0]
			s.Faults.GoDown(s.T)
			for _, r := range s.apply(update(old, point("192.0.2.9")), create(s.record("b", "192.0.2.1"))) {
				if r.Err == nil {
					s.Error("it is said to be done")
				}
			}
			s.holds(old.Name, old)
			s.holds(s.name("b"))
		}, nil},
		{"a read from a host that hangs ends with its context", func(s *session) {
			old := s.seed(s.record("a", "192.0.2.1"))[0]
			s.Faults.Hang(s.T)
			start := time.Now()
			ctx, cancel := context.WithTimeout(s.Context(), 50*time.Millisecond)
			defer cancel()
			_, err := s.Provider.Records(ctx, s.zone, []dns.Name{old.Name})
			s.kind(err)
			if took := time.Since(start); took > promptly {
				s.Errorf("it took %s", took)
			}
		}, nil},
	}
}

func ignoreTests() []test {
	return []test{
		{"a write that is silently ignored is noticed", func(s *session) {
			old := s.seed(s.record("a", "192.0.2.1"))[0]
			s.Faults.Ignore(s.T, old)
			if r := s.apply(update(old, point("192.0.2.9")))[0]; r.Err == nil {
				s.Error("it is said to be done")
			}
			s.holds(old.Name, old)
		}, nil},
	}
}

// mayBeUnplaced accepts names that could not be asked about, and refuses a
// verdict that there is no zone: nothing was learnt.
func (s *session) mayBeUnplaced(unplaced []provider.Unplaced) {
	s.Helper()
	if len(unplaced) == 0 {
		s.Error("a zone is found at a host that is down")
	}
	for _, u := range unplaced {
		if u.Err.Kind == provider.NoZone {
			s.Errorf("%s is said to lie in no zone, and nobody could be asked: %v", u.Name, u.Err)
		}
	}
}
