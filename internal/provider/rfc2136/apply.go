package rfc2136

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// Apply sends as many sets as fit into one message, with each set as it was read
// as a condition. Where the server refuses a message for one of its names, the
// others are found by halves.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	results := make([]provider.SetResult, len(sets))
	var fit []plan.Set
	var places []int
	for i := 0; i < len(sets); {
		end := i + plan.GroupLen(sets[i:])
		err := validateSets(&zone, sets[i:end])
		for ; i < end; i++ {
			if err != nil {
				results[i] = provider.FailedSet(&sets[i], err)
				continue
			}
			fit, places = append(fit, sets[i]), append(places, i)
		}
	}
	for i, r := range p.writeSets(ctx, zone.Name, fit) {
		results[places[i]] = r
	}
	return results
}

// validateSets returns why sets that go together cannot be sent; nil if they can.
func validateSets(zone *provider.Zone, sets []plan.Set) *provider.Error {
	for i := range sets {
		if err := validateSet(zone, &sets[i]); err != nil {
			return err
		}
	}
	return nil
}

// validateSet returns why a set cannot be sent: it was planned from what is not so, or
// holds what a server cannot keep.
func validateSet(zone *provider.Zone, s *plan.Set) *provider.Error {
	after := s.After()
	for i := range after {
		r := &after[i]
		switch {
		case !r.Type.IsAddress() && r.Type != dns.TXT, r.Type.IsAddress() && !r.Addr.IsValid(), len(r.Text) > maxMessage/2:
			return newError(provider.Rejected, "", "no %s is written here", r.Type)
		case r.Comment != "" || r.Proxied || len(r.Tags) > 0:
			return newError(provider.Rejected, "", "a name server keeps no comments and tags, and proxies nothing")
		case anyRecord(after[:i], func(o *dns.Record) bool { return o.Addr == r.Addr && o.Text == r.Text }):
			return newError(provider.Stale, "", "%s is already there", r.Content())
		}
	}
	if zone.ID != zone.Name.String() {
		return newError(provider.NoZone, "", "there is no zone %s", zone.ID)
	}
	return nil
}

// writeSets sends sets to the first server that takes the connection.
func (p *Provider) writeSets(ctx context.Context, zone dns.Name, sets []plan.Set) (results []provider.SetResult) {
	switch {
	case len(sets) == 0:
		return nil
	case ctx.Err() != nil:
		return failAll(sets, notTriedError(ctx))
	}
	var s *session
	var err *provider.Error
	for _, server := range p.servers {
		if s, err = p.connect(ctx, server); err == nil {
			break
		}
	}
	if err != nil {
		return failAll(sets, err)
	}
	defer s.conn.Close()
	w := &zoneWriter{session: s, zone: zone, splitsLeft: maxSplitMessages}
	limits := Limits()
	for batch := range provider.Batches(sets, &limits, setSize(zone)) {
		results = append(results, w.writeBatch(ctx, batch)...)
	}
	return w.classifyDenials(ctx, results)
}

func failAll(sets []plan.Set, err *provider.Error) []provider.SetResult {
	results := make([]provider.SetResult, len(sets))
	for i := range sets {
		results[i] = provider.FailedSet(&sets[i], err)
	}
	return results
}

// maxSplitMessages is how many messages one Apply spends on finding what a server refuses.
const maxSplitMessages = 64

var errSplitLimit = errors.New("enough messages were spent on finding what the server refuses")

// zoneWriter writes to one zone over one connection.
type zoneWriter struct {
	*session
	zone        dns.Name
	splitsLeft  int            // of halvings
	anyAccepted bool           // the server took a message
	aborted     bool           // nothing more is sent
	denials     []badKeyDenial // that are of one name each
}

// writeBatch carries out sets that fit into one message. TTLs are no condition of a
// write, so they are looked at before it.
func (w *zoneWriter) writeBatch(ctx context.Context, sets []plan.Set) []provider.SetResult {
	if ctx.Err() != nil || w.aborted {
		return failAll(sets, w.abortError(ctx))
	}
	moved, err := w.findChangedTTLs(ctx, sets)
	if err != nil {
		w.aborted = true
		return failAll(sets, err)
	}
	results := make([]provider.SetResult, len(sets))
	var rest []plan.Set
	for i := range sets {
		s := &sets[i]
		for k := range plan.GroupLen(sets[i:]) { // what goes together stays together
			moved[i] = moved[i] || moved[i+k]
		}
		if moved[i] = moved[i] || i > 0 && s.Joined && moved[i-1]; moved[i] {
			results[i] = provider.FailedSet(s, newError(provider.Stale, "", "%s has another TTL than was read", s.Key))
		} else {
			rest = append(rest, *s)
		}
	}
	done := w.sendOrSplit(ctx, rest)
	for i := range sets {
		if !moved[i] {
			results[i], done = done[0], done[1:]
		}
	}
	return results
}

// findChangedTTLs reports for each set whether its TTL was changed since it was read.
func (w *zoneWriter) findChangedTTLs(ctx context.Context, sets []plan.Set) ([]bool, *provider.Error) {
	var questions []question
	for i := range sets {
		s := &sets[i]
		if len(s.Records) > 0 {
			questions = append(questions, question{s.Key.Name, toWireType(s.Key.Type)})
		}
	}
	questions, serial := w.questionsToRecheck(ctx, questions)
	answers, err := w.query(ctx, questions)
	if err != nil {
		e := w.readError(err)
		if ctx.Err() != nil {
			e = notTriedError(ctx)
		}
		return nil, e
	}
	moved := make([]bool, len(sets))
	for i := range sets {
		s := &sets[i]
		what := answers[question{s.Key.Name, toWireType(s.Key.Type)}]
		moved[i] = what != nil && anyRecord(what.records, func(r *dns.Record) bool {
			return anyRecord(s.Records, func(o *dns.Record) bool {
				return o.Type == r.Type && o.Addr == r.Addr && o.Text == r.Text && o.TTL != r.TTL
			})
		})
	}
	if serial != 0 && !slices.Contains(moved, true) {
		w.p.serials.recordRead(w.server, w.zone, serial, questions)
	}
	return moved, nil
}

// questionsToRecheck returns those of these questions whose answer is not known by the serial of the
// zone, which comes with them; zero where it was not asked for, or not told.
func (w *zoneWriter) questionsToRecheck(ctx context.Context, questions []question) ([]question, uint32) {
	if len(questions) <= maxQuestionsWithoutSerial {
		return questions, 0
	}
	serial := w.querySerial(ctx, w.zone)
	if serial == 0 {
		return questions, 0
	}
	return w.p.serials.staleQuestions(w.server, w.zone, serial, questions), serial
}

func (w *zoneWriter) abortError(ctx context.Context) *provider.Error {
	if ctx.Err() != nil {
		return notTriedError(ctx)
	}
	return newError(provider.NotTried, "", "not tried: the message before it failed")
}

// sendOrSplit sends one message, and where it is refused for what only some of it may be
// to blame for, its halves.
func (w *zoneWriter) sendOrSplit(ctx context.Context, sets []plan.Set) []provider.SetResult {
	if len(sets) == 0 {
		return nil
	}
	if ctx.Err() != nil || w.aborted {
		return failAll(sets, w.abortError(ctx))
	}
	lingering, done := provider.GraceContext(ctx)
	defer done()
	code, err := w.sendUpdate(lingering, sets)
	half, denied := plan.HalfLen(sets), isBadKey(err)
	switch {
	case denied && half == len(sets):
		d := badKeyDenial{sets, w.writeError(err)}
		w.denials = append(w.denials, d)
		return failAll(sets, d.err)
	case denied && w.splitsLeft < 2:
		return failAll(sets, w.writeError(err))
	case denied: // by halves
	case err != nil:
		w.aborted = true
		w.p.serials.recordWrite(w.server, w.zone, false)
		return failAll(sets, w.writeError(err))
	case code == dnsmessage.RCodeSuccess:
		w.anyAccepted = true
		results := w.verifyStored(lingering, sets)
		w.p.serials.recordWrite(w.server, w.zone, !slices.ContainsFunc(results, hasFailure))
		return results
	case !isPerNameRefusal(code):
		return failAll(sets, w.refusedError(&rcodeError{code, "changes"}))
	case half == len(sets):
		return w.failRefused(lingering, sets, code)
	case w.splitsLeft < 2:
		return failAll(sets, newError(provider.NotTried, "", "%w", errSplitLimit))
	}
	w.splitsLeft -= 2
	return append(w.sendOrSplit(ctx, sets[:half]), w.sendOrSplit(ctx, sets[half:])...)
}

// isBadKey reports whether a message failed with BADKEY, which Knot says of a key that
// may not change one of the names. Nobody signed that; but where the message was
// taken all the same, its halves are stale.
func isBadKey(err error) bool {
	u, ok := errors.AsType[*unverifiedAnswerError](err)
	return ok && u.err == badKey
}

// isPerNameRefusal reports whether one name can be to blame for this code: nothing of the
// message was done, and the other names may well be taken.
func isPerNameRefusal(code dnsmessage.RCode) bool {
	return code == dnsmessage.RCodeRefused || code == rcodeNotZone || code == dnsmessage.RCodeFormatError
}

// hasFailure reports whether a change of a set failed or was not confirmed.
func hasFailure(r provider.SetResult) bool {
	return slices.ContainsFunc(r.Errs, func(err *provider.Error) bool { return err != nil })
}

func (w *zoneWriter) sendUpdate(ctx context.Context, sets []plan.Set) (code dnsmessage.RCode, err error) {
	err = w.exchange(ctx, [][]byte{encodeUpdate(w.zone, sets)}, func(_ int, answer []byte) error {
		code = rcodeOf(answer)
		return nil
	})
	return code, err
}
