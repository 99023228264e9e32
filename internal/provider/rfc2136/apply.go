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
		end := i + plan.Together(sets[i:])
		err := unfitAny(&zone, sets[i:end])
		for ; i < end; i++ {
			if err != nil {
				results[i] = provider.Failed(&sets[i], err)
				continue
			}
			fit, places = append(fit, sets[i]), append(places, i)
		}
	}
	for i, r := range p.write(ctx, zone.Name, fit) {
		results[places[i]] = r
	}
	return results
}

// unfitAny is why sets that go together are not sent; nil where all can be.
func unfitAny(zone *provider.Zone, sets []plan.Set) *provider.Error {
	for i := range sets {
		if err := unfit(zone, &sets[i]); err != nil {
			return err
		}
	}
	return nil
}

// unfit is why a set is not sent at all: it was planned from what is not so, or
// says what a server cannot keep.
func unfit(zone *provider.Zone, s *plan.Set) *provider.Error {
	after := s.After()
	for i := range after {
		r := &after[i]
		switch {
		case !r.Type.IsAddress() && r.Type != dns.TXT, r.Type.IsAddress() && !r.Addr.IsValid(), len(r.Text) > maxMessage/2:
			return failed(provider.Rejected, "", "no %s is written here", r.Type)
		case r.Comment != "" || r.Proxied || len(r.Tags) > 0:
			return failed(provider.Rejected, "", "a name server keeps no comments and tags, and proxies nothing")
		case anyOf(after[:i], func(o *dns.Record) bool { return o.Addr == r.Addr && o.Text == r.Text }):
			return failed(provider.Stale, "", "%s is already there", r.Content())
		}
	}
	if zone.ID != zone.Name.String() {
		return failed(provider.NoZone, "", "there is no zone %s", zone.ID)
	}
	return nil
}

// write sends sets to the first server that takes the connection.
func (p *Provider) write(ctx context.Context, zone dns.Name, sets []plan.Set) (results []provider.SetResult) {
	switch {
	case len(sets) == 0:
		return nil
	case ctx.Err() != nil:
		return all(sets, notTried(ctx))
	}
	var s *session
	var err *provider.Error
	for _, server := range p.servers {
		if s, err = p.connect(ctx, server); err == nil {
			break
		}
	}
	if err != nil {
		return all(sets, err)
	}
	defer s.conn.Close()
	w := &writer{session: s, zone: zone, left: halvings}
	limits := Limits()
	for batch := range provider.Batches(sets, &limits, octets(zone)) {
		results = append(results, w.batch(ctx, batch)...)
	}
	return w.judge(ctx, results)
}

func all(sets []plan.Set, err *provider.Error) []provider.SetResult {
	results := make([]provider.SetResult, len(sets))
	for i := range sets {
		results[i] = provider.Failed(&sets[i], err)
	}
	return results
}

// halvings is how many messages one Apply spends on finding what a server refuses.
const halvings = 64

var errHalving = errors.New("enough messages were spent on finding what the server refuses")

// writer writes to one zone over one connection.
type writer struct {
	*session
	zone   dns.Name
	left   int      // of halvings
	took   bool     // the server took a message
	broken bool     // nothing more is sent
	denied []denial // that are of one name each
}

// batch carries out sets that fit into one message. TTLs are no condition of a
// write, so they are looked at before it.
func (w *writer) batch(ctx context.Context, sets []plan.Set) []provider.SetResult {
	if ctx.Err() != nil || w.broken {
		return all(sets, w.givenUp(ctx))
	}
	moved, err := w.moved(ctx, sets)
	if err != nil {
		w.broken = true
		return all(sets, err)
	}
	results := make([]provider.SetResult, len(sets))
	var rest []plan.Set
	for i := range sets {
		s := &sets[i]
		for k := range plan.Together(sets[i:]) { // what goes together stays together
			moved[i] = moved[i] || moved[i+k]
		}
		if moved[i] = moved[i] || i > 0 && s.Joined && moved[i-1]; moved[i] {
			results[i] = provider.Failed(s, failed(provider.Stale, "", "%s has another TTL than was read", s.Key))
		} else {
			rest = append(rest, *s)
		}
	}
	done := w.send(ctx, rest)
	for i := range sets {
		if !moved[i] {
			results[i], done = done[0], done[1:]
		}
	}
	return results
}

// moved says of which sets somebody changed the TTL since they were read.
func (w *writer) moved(ctx context.Context, sets []plan.Set) ([]bool, *provider.Error) {
	var questions []question
	for i := range sets {
		s := &sets[i]
		if len(s.Records) > 0 {
			questions = append(questions, question{s.Key.Name, wireType(s.Key.Type)})
		}
	}
	questions, serial := w.doubtful(ctx, questions)
	answers, err := w.ask(ctx, questions)
	if err != nil {
		e := w.unread(err)
		if ctx.Err() != nil {
			e = notTried(ctx)
		}
		return nil, e
	}
	moved := make([]bool, len(sets))
	for i := range sets {
		s := &sets[i]
		what := answers[question{s.Key.Name, wireType(s.Key.Type)}]
		moved[i] = what != nil && anyOf(what.here, func(r *dns.Record) bool {
			return anyOf(s.Records, func(o *dns.Record) bool {
				return o.Type == r.Type && o.Addr == r.Addr && o.Text == r.Text && o.TTL != r.TTL
			})
		})
	}
	if serial != 0 && !slices.Contains(moved, true) {
		w.p.serials.read(w.server, w.zone, serial, questions)
	}
	return moved, nil
}

// doubtful are those of these questions whose answer is not known by the serial of the
// zone, which comes with them; zero where it was not asked for, or not told.
func (w *writer) doubtful(ctx context.Context, questions []question) ([]question, uint32) {
	if len(questions) <= fewQuestions {
		return questions, 0
	}
	serial := w.serial(ctx, w.zone)
	if serial == 0 {
		return questions, 0
	}
	return w.p.serials.unknown(w.server, w.zone, serial, questions), serial
}

func (w *writer) givenUp(ctx context.Context) *provider.Error {
	if ctx.Err() != nil {
		return notTried(ctx)
	}
	return failed(provider.NotTried, "", "not tried: the message before it failed")
}

// send sends one message, and where it is refused for what only some of it may be
// to blame for, its halves.
func (w *writer) send(ctx context.Context, sets []plan.Set) []provider.SetResult {
	if len(sets) == 0 {
		return nil
	}
	if ctx.Err() != nil || w.broken {
		return all(sets, w.givenUp(ctx))
	}
	lingering, done := provider.Linger(ctx)
	defer done()
	code, err := w.update(lingering, sets)
	half, denied := plan.Half(sets), denies(err)
	switch {
	case denied && half == len(sets):
		d := denial{sets, w.unwritten(err)}
		w.denied = append(w.denied, d)
		return all(sets, d.err)
	case denied && w.left < 2:
		return all(sets, w.unwritten(err))
	case denied: // by halves
	case err != nil:
		w.broken = true
		w.p.serials.wrote(w.server, w.zone, false)
		return all(sets, w.unwritten(err))
	case code == dnsmessage.RCodeSuccess:
		w.took = true
		results := w.confirm(lingering, sets)
		w.p.serials.wrote(w.server, w.zone, !slices.ContainsFunc(results, failing))
		return results
	case !blames(code):
		return all(sets, w.refused(&refusal{code, "changes"}))
	case half == len(sets):
		return w.blameAll(lingering, sets, code)
	case w.left < 2:
		return all(sets, failed(provider.NotTried, "", "%w", errHalving))
	}
	w.left -= 2
	return append(w.send(ctx, sets[:half]), w.send(ctx, sets[half:])...)
}

// denies says whether a message failed with BADKEY, which Knot says of a key that
// may not change one of the names. Nobody signed that; but where the message was
// taken all the same, its halves are stale.
func denies(err error) bool {
	u, ok := errors.AsType[*unverified](err)
	return ok && u.err == badKey
}

// blames says whether one name can be to blame for this code: nothing of the
// message was done, and the other names may well be taken.
func blames(code dnsmessage.RCode) bool {
	return code == dnsmessage.RCodeRefused || code == rcodeNotZone || code == dnsmessage.RCodeFormatError
}

// failing says whether a change of a set was not confirmed.
func failing(r provider.SetResult) bool {
	return slices.ContainsFunc(r.Errs, func(err *provider.Error) bool { return err != nil })
}

func (w *writer) update(ctx context.Context, sets []plan.Set) (code dnsmessage.RCode, err error) {
	err = w.exchange(ctx, [][]byte{updating(w.zone, sets)}, func(_ int, answer []byte) error {
		code = codeOf(answer)
		return nil
	})
	return code, err
}
