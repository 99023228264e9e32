// Package provider is the seam between homing and a DNS host: what a host must
// be able to do, and the kinds of error by which the rest of homing decides
// what to do next. It knows nothing about any host.
package provider

import (
	"context"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// A Provider is one account at one DNS host. Its methods may be called side by
// side for different zones; for one zone one call at a time. Each returns soon
// after ctx is done. Every error is, or wraps, an *Error.
type Provider interface {
	// Zones finds the zone of each name: the longest one the account can see
	// whose records the world is answered with. A name without one comes back as
	// Unplaced, and the others are still found. An error means that nothing was
	// learnt, or, of Kind NoZone, that the account sees no zone of any of them for
	// one and the same reason.
	Zones(ctx context.Context, names []dns.Name) ([]Placed, []Unplaced, error)

	// Records lists every A, AAAA, CNAME and NS record at these names of the
	// zone, owned or not, and the NS records at names between them and the zone,
	// by which they are another zone's. An error means that nothing is known about any of
	// them; it never means that there are none.
	Records(ctx context.Context, zone Zone, names []dns.Name) ([]dns.Record, error)

	// Apply carries out sets, and returns one SetResult for each, in their order.
	// The changes of a set either all happen or the last of them do not: never is
	// a record deleted after the step that was to replace it failed. The same holds
	// for sets that are joined: one fails as the one before it does. What stands
	// beside the changes stays, whether a host writes records or whole sets. Once
	// ctx is done no write is begun; the one under way has WriteGrace to be answered.
	Apply(ctx context.Context, zone Zone, sets []plan.Set) []SetResult
}

// Texts is implemented by a Provider whose host keeps TXT records, in all its zones
// but those whose Limits say otherwise.
type Texts interface {
	// RecordsAndTexts is Records, and with them every TXT record at the names in
	// texts, which need not be among names.
	RecordsAndTexts(ctx context.Context, zone Zone, names, texts []dns.Name) ([]dns.Record, error)
}

// Zone is a zone of the account.
type Zone struct {
	ID      string
	Name    dns.Name
	Limits  plan.Limits
	Guard   Guard
	Warning string // what is wrong with it although it can be written to; for people
	// Unserved is why nobody is answered with records that are not proxied; empty
	// where that is not so.
	Unserved string
	// ReadOnly says that the host lists permissions of the credential in the zone,
	// and the one to change records is not among them. What a host does not list
	// proves nothing, so it keeps nobody from trying.
	ReadOnly bool
}

// Placed is a name and its zone.
type Placed struct {
	Name dns.Name
	Zone Zone
	// Passed says that a zone closer to the name is there too, and was passed over.
	Passed bool
}

// Unplaced is a name that lies in no zone the account can see.
type Unplaced struct {
	Name dns.Name
	Err  *Error // of Kind NoZone, or what kept the question from being answered
}

// SetResult is what became of one RRset.
type SetResult struct {
	// Records is the whole set as it is now, as far as the host said: as it was
	// read, where nothing was done. A host may have moved the TTL of records that
	// nobody changed.
	Records []dns.Record
	// Errs has one entry for each change; nil when the host confirmed that what
	// it stores is what was asked.
	Errs []*Error
	// Receipt is by what a Propagator is asked whether the world sees this set;
	// empty where what is stored is visible.
	Receipt string
}

// Result is what became of one change, at a host that writes records.
type Result struct {
	// Record is what the host says it now stores; zero after a delete.
	Record dns.Record
	// Err is nil when the host confirmed that what it stores is what was asked.
	Err *Error
}

// ResultOfChanges returns the SetResult of a set whose changes came to these results.
func ResultOfChanges(set *plan.Set, results []Result) SetResult {
	r := SetResult{Errs: make([]*Error, len(results))}
	done := plan.Set{Key: set.Key, Records: set.Records}
	for i, c := range set.Changes {
		r.Errs[i] = results[i].Err
		if stored := results[i].Record; results[i].Err == nil || !stored.Key().Name.IsZero() {
			c.New = stored
			done.Changes = append(done.Changes, c)
		}
	}
	r.Records = done.After()
	return r
}

// FailedSet returns the SetResult of a set of which nothing was done, or of which
// nobody knows what was.
func FailedSet(set *plan.Set, err *Error) SetResult {
	return SetResult{Records: set.Records, Errs: slices.Repeat([]*Error{err}, len(set.Changes))}
}

// A Propagator stores changes before its name servers answer with them. What is
// stored counts as done; what is visible is for people to know.
type Propagator interface {
	// Propagated says whether the name servers answer with what the receipt is for. It
	// asks the host once and does not wait.
	Propagated(ctx context.Context, zone Zone, receipt string) (bool, error)
}

// A Meter counts the calls a provider has made since it was made. Providers
// that call over a network implement it.
type Meter interface {
	Calls() int64
}

// An Adviser has something to say about the account as a whole although it
// works. Providers whose way of working can change underneath implement it.
type Adviser interface {
	// Advice is what holds at the moment, in a stable order.
	Advice() []Advice
}

// A Forgetful provider remembers what was not there, so as not to ask for it in
// every round.
type Forgetful interface {
	// Forget has it asked for again at once.
	Forget()
}

// A Recaller remembers what its host confirmed, because what is read there may be
// older.
type Recaller interface {
	// Recall is told, before the first round, what was confirmed to a process that
	// is no more, and when. What is known already counts more.
	Recall(c plan.Change, at time.Time)
}

// A Learner learns from refusals what a zone takes, where that could not be known
// before. Apply then gives up what it has not done, as Rejected or NotTried, and
// once what was learnt is planned with it is to be called again.
type Learner interface {
	// Learnt is the limits of the zone by all that is known now.
	Learnt(zone Zone) plan.Limits
}

// Advice is something a person should know and could do something about.
type Advice struct {
	Text string    // what is so, and why
	Hint text.Hint // what to do about it
}
