package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxStarts is how often the program is started within one piece of work.
const maxStarts = 4

// session is one piece of work with the program. A program that went wrong is
// started anew for the next request.
type session struct {
	p             *Provider
	hasSlot       bool // a slot
	process       *process
	starts        int
	lastRequestID int64 // id of a request
	limits        plan.Limits
}

func (p *Provider) newSession(ctx context.Context) *session {
	s := &session{p: p}
	select {
	case p.slots <- struct{}{}:
		s.hasSlot = true
	case <-ctx.Done():
	}
	return s
}

func (s *session) close() {
	if s.process != nil {
		s.process.stop()
	}
	if s.hasSlot {
		<-s.p.slots
	}
}

// request has the program do something, and is what it answers. Of a write that it was
// given, and did not answer, nobody knows what became.
func (s *session) request(ctx context.Context, q request, what string) (*response, *provider.Error) {
	if err := s.ensureStarted(ctx, what); err != nil {
		return nil, err
	}
	write := q.Do == doApply
	if write {
		lingering, done := provider.GraceContext(ctx)
		defer done()
		ctx = lingering
	}
	a, err := s.exchange(ctx, q, s.p.config.Timeout)
	if err != nil {
		return nil, s.stopBroken(what, write, err)
	}
	if a.Error != nil {
		return nil, a.Error.failure(what, write, s.p.sanitize)
	}
	return a, nil
}

// ensureStarted starts the program where it does not run, and learns its limits.
func (s *session) ensureStarted(ctx context.Context, what string) *provider.Error {
	switch {
	case ctx.Err() != nil:
		return rest.NewError(provider.Unavailable, what, "", "stop before the program is asked: %w", context.Cause(ctx))
	case !s.hasSlot:
		return rest.NewError(provider.Unavailable, what, "", "too many of the program run already")
	case s.process != nil:
		return nil
	case s.starts >= maxStarts:
		return rest.NewError(provider.Unavailable, what, cureSpeaks, "the program failed %d times", s.starts)
	}
	s.starts++
	c, err := s.p.start()
	if err != nil {
		return rest.NewError(provider.Unavailable, what, cureProgram, "start %s: %w", s.p.config.Command[0], err)
	}
	s.process = c
	a, err := s.exchange(ctx, request{Do: doLimits}, startTimeout)
	switch {
	case err != nil:
		return s.stopBroken(what, false, err)
	case a.Error != nil:
		return a.Error.failure(what, false, s.p.sanitize)
	}
	if s.limits, err = a.Limits.toPlanLimits(); err != nil {
		return s.invalidResponse(what, err)
	}
	return nil
}

// exchange returns a request and its answer.
func (s *session) exchange(ctx context.Context, q request, limit time.Duration) (*response, error) {
	s.lastRequestID++
	q.Version, q.ID = Version, s.lastRequestID
	line, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it did not answer within %s", limit))
	defer cancel()
	s.p.calls.Add(1)
	said, err := s.process.exchange(ctx, append(line, '\n'))
	if err != nil {
		return nil, err
	}
	a, err := parse(said, q)
	if err != nil {
		return nil, &invalidResponseError{err}
	}
	return a, nil
}

// invalidResponseError is an answer that is none.
type invalidResponseError struct{ error }

// stopBroken ends a program that did not answer as it should.
func (s *session) stopBroken(what string, write bool, err error) *provider.Error {
	said := s.process.stop()
	s.process = nil
	if _, ok := errors.AsType[*invalidResponseError](err); !ok && said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	kind := provider.Unavailable
	if write {
		kind = provider.Unconfirmed
	}
	return rest.NewError(kind, what, cureSpeaks, "run %s: %w", s.p.config.Command[0], err)
}

// invalidResponse returns an answer that cannot be so.
func (s *session) invalidResponse(what string, err error) *provider.Error {
	return s.stopBroken(what, false, &invalidResponseError{errors.New(s.p.sanitize(err.Error()))})
}

// readRecords returns those at names, and TXT records at others.
func (s *session) readRecords(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, *provider.Error) {
	what := "read the records in " + zone.Name.Describe()
	a, err := s.request(ctx, request{Do: doRecords, Zone: toZoneMessage(zone), Names: nameStrings(names), Texts: nameStrings(texts)}, what)
	if err != nil {
		return nil, err
	}
	all, bad := a.parseRecords(zone.Name, rest.NewWanted(zone.Name, names, texts))
	if bad != nil {
		return nil, s.invalidResponse(what, bad)
	}
	return all, nil
}

// recordSet is what stands at a key.
type recordSet []dns.Record

func (h recordSet) Records(dns.Key) []dns.Record { return h }

// readSets returns what stands at keys.
func (s *session) readSets(ctx context.Context, zone provider.Zone, keys []dns.Key) (map[dns.Key]rest.StoredSet, *provider.Error) {
	var names, texts []dns.Name
	for _, k := range keys {
		if k.Type == dns.TXT {
			texts = append(texts, k.Name)
		} else {
			names = append(names, k.Name)
		}
	}
	records, err := s.readRecords(ctx, zone, names, texts)
	if err != nil {
		return nil, err
	}
	sets := make(map[dns.Key]recordSet)
	for i := range records {
		r := &records[i] // in order
		sets[r.Key()] = append(sets[r.Key()], *r)
	}
	here := make(map[dns.Key]rest.StoredSet, len(sets))
	for k, h := range sets {
		here[k] = h
	}
	return here, nil
}
