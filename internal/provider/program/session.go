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
	p      *Provider
	held   bool // a slot
	child  *child
	starts int
	last   int64 // id of a request
	limits plan.Limits
}

func (p *Provider) open(ctx context.Context) *session {
	s := &session{p: p}
	select {
	case p.slots <- struct{}{}:
		s.held = true
	case <-ctx.Done():
	}
	return s
}

func (s *session) close() {
	if s.child != nil {
		s.child.end()
	}
	if s.held {
		<-s.p.slots
	}
}

// ask has the program do something, and is what it answers. Of a write that it was
// given, and did not answer, nobody knows what became.
func (s *session) ask(ctx context.Context, q request, what string) (*answer, *provider.Error) {
	if err := s.ready(ctx, what); err != nil {
		return nil, err
	}
	write := q.Do == doApply
	if write {
		lingering, done := provider.GraceContext(ctx)
		defer done()
		ctx = lingering
	}
	a, err := s.exchange(ctx, q, s.p.c.Timeout)
	if err != nil {
		return nil, s.broken(what, write, err)
	}
	if a.Error != nil {
		return nil, a.Error.failure(what, write, s.p.clean)
	}
	return a, nil
}

// ready starts the program where it does not run, and learns its limits.
func (s *session) ready(ctx context.Context, what string) *provider.Error {
	switch {
	case ctx.Err() != nil:
		return rest.NewError(provider.Unavailable, what, "", "stop before the program is asked: %w", context.Cause(ctx))
	case !s.held:
		return rest.NewError(provider.Unavailable, what, "", "too many of the program run already")
	case s.child != nil:
		return nil
	case s.starts >= maxStarts:
		return rest.NewError(provider.Unavailable, what, cureSpeaks, "the program failed %d times", s.starts)
	}
	s.starts++
	c, err := s.p.start()
	if err != nil {
		return rest.NewError(provider.Unavailable, what, cureProgram, "start %s: %w", s.p.c.Command[0], err)
	}
	s.child = c
	a, err := s.exchange(ctx, request{Do: doLimits}, startLimit)
	switch {
	case err != nil:
		return s.broken(what, false, err)
	case a.Error != nil:
		return a.Error.failure(what, false, s.p.clean)
	}
	if s.limits, err = a.Limits.limits(); err != nil {
		return s.nonsense(what, err)
	}
	return nil
}

// exchange is a request and its answer.
func (s *session) exchange(ctx context.Context, q request, limit time.Duration) (*answer, error) {
	s.last++
	q.Version, q.ID = Version, s.last
	line, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it did not answer within %s", limit))
	defer cancel()
	s.p.calls.Add(1)
	said, err := s.child.exchange(ctx, append(line, '\n'))
	if err != nil {
		return nil, err
	}
	a, err := parse(said, q)
	if err != nil {
		return nil, &garbled{err}
	}
	return a, nil
}

// garbled is an answer that is none.
type garbled struct{ error }

// broken ends a program that did not answer as it should.
func (s *session) broken(what string, write bool, err error) *provider.Error {
	said := s.child.end()
	s.child = nil
	if _, ok := errors.AsType[*garbled](err); !ok && said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	kind := provider.Unavailable
	if write {
		kind = provider.Unconfirmed
	}
	return rest.NewError(kind, what, cureSpeaks, "run %s: %w", s.p.c.Command[0], err)
}

// nonsense is an answer that cannot be so.
func (s *session) nonsense(what string, err error) *provider.Error {
	return s.broken(what, false, &garbled{errors.New(s.p.clean(err.Error()))})
}

// records are those at names, and TXT records at others.
func (s *session) records(ctx context.Context, zone provider.Zone, names, texts []dns.Name) ([]dns.Record, *provider.Error) {
	what := "read the records in " + zone.Name.Describe()
	a, err := s.ask(ctx, request{Do: doRecords, Zone: zoneOf(zone), Names: written(names), Texts: written(texts)}, what)
	if err != nil {
		return nil, err
	}
	all, bad := a.recordsIn(zone.Name, rest.NewWanted(zone.Name, names, texts))
	if bad != nil {
		return nil, s.nonsense(what, bad)
	}
	return all, nil
}

// held is what stands at a key.
type held []dns.Record

func (h held) Records(dns.Key) []dns.Record { return h }

// read is what stands at keys.
func (s *session) read(ctx context.Context, zone provider.Zone, keys []dns.Key) (map[dns.Key]rest.StoredSet, *provider.Error) {
	var names, texts []dns.Name
	for _, k := range keys {
		if k.Type == dns.TXT {
			texts = append(texts, k.Name)
		} else {
			names = append(names, k.Name)
		}
	}
	records, err := s.records(ctx, zone, names, texts)
	if err != nil {
		return nil, err
	}
	sets := make(map[dns.Key]held)
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
