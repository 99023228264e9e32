package plan

import (
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// Action is what a Change does to one record. Its zero value is none of them.
type Action uint8

const (
	ToCreate Action = iota + 1
	ToUpdate
	ToDelete
)

func (a Action) String() string {
	switch a {
	case ToCreate:
		return "create"
	case ToUpdate:
		return "update"
	case ToDelete:
		return "delete"
	}
	return "nothing"
}

// Change is one step on one record.
type Change struct {
	Action Action
	Old    dns.Record // of update and delete: as the host holds it
	New    dns.Record // of create and update: as it should be; an update keeps Old.ID
	Reason string     // why, in words
}

// Key returns the RRset the change belongs to.
//
//go:noinline // many callers: see dependencies.md
func (c *Change) Key() dns.Key {
	if c.Action == ToCreate {
		return c.New.Key()
	}
	return c.Old.Key()
}

// Fields returns the fields an update changes; only they are sent.
//
//go:noinline // many callers: see dependencies.md
func (c *Change) Fields() Fields {
	if c.Action != ToUpdate {
		return 0
	}
	return Differ(&c.Old, &c.New)
}

// Note is something a person should know about an RRset beside its changes.
type Note struct {
	Code NoteCode
	Key  dns.Key
	Of   []Origin  // what had to be known to say so
	Text string    // what is in the way or was adapted
	Hint text.Hint // what to do about it; may be none
}

// NoteCode is what scripts may read of a Note.
type NoteCode string

const (
	BlockedByCNAME   NoteCode = "blocked-by-cname"   // no change was planned
	BlockedByNS      NoteCode = "blocked-by-ns"      // no change was planned
	BlockedByFeature NoteCode = "blocked-by-feature" // the name belongs to another feature of the host; no change was planned
	BlockedBySPF     NoteCode = "blocked-by-spf"     // a policy that is not ours stands there, and a second one would void both; no change was planned
	NoTXT            NoteCode = "no-txt"             // the host keeps no TXT records; no change was planned
	NoFamily         NoteCode = "no-family"          // the host keeps no records of this family; no change was planned
	OwnedByAnother   NoteCode = "owned-by-another"   // marks say that the name is somebody else's; no change was planned
	Unmarked         NoteCode = "unmarked"           // records stand there of which no mark says whose they are; no change was planned
	NoMark           NoteCode = "no-mark"            // there is no room for the mark of an owner; no change was planned
	Missing          NoteCode = "missing"            // create is never, and there is no record
	Foreign          NoteCode = "foreign-record"     // records that are not ours stand beside
	ReadOnly         NoteCode = "read-only"          // records of another feature stand beside
	TTLAdapted       NoteCode = "ttl-adapted"        // the zone's range forced another TTL
	TTLMeans         NoteCode = "ttl-means"          // an automatic TTL is a number of seconds at the host
	ProxyDropped     NoteCode = "proxy-dropped"      // the host proxies nothing
	ValuesCut        NoteCode = "values-cut"         // the host has no room for all of the addresses
	Shared           NoteCode = "shared"             // records that stay decide what all of the set share
	CommentCut       NoteCode = "comment-cut"        // the zone's limit cut the comment
	CommentRefused   NoteCode = "comment-refused"    // cut, the comment would disown the record
	TagsDropped      NoteCode = "tags-dropped"       // the zone's plan has no room for the tags
	HostIDUnfit      NoteCode = "host-id-unfit"      // a host id has no address behind the prefix; no change was planned
	NoHost           NoteCode = "no-host"            // the host of a record was to be kept, and there is none of ours; no change was planned
	LeftOver         NoteCode = "left-over"          // records of ours say something else and stay, as set
	Ambiguous        NoteCode = "ambiguous"          // others are to stay, and which record is homing's cannot be told; no change was planned
	NotWritten       NoteCode = "not-written"        // others are to stay, and none is known to be homing's writing; nothing is deleted
	Unserved         NoteCode = "unserved"           // the record is stored, and nobody is answered with it
	PrefixRefused    NoteCode = "prefix-refused"     // the host's IP lists do not take such a prefix; no change was planned
)

// Failure reports whether the note means that the RRset is not as it should be.
func (n Note) Failure() bool { return n.Code.failure() }

func (c NoteCode) failure() bool {
	switch c {
	case BlockedByCNAME, BlockedByNS, BlockedByFeature, BlockedBySPF, OwnedByAnother, Unmarked, NoMark, NoTXT, NoFamily, Missing, NoHost, CommentRefused, HostIDUnfit, PrefixRefused, Ambiguous, NotWritten:
		return true
	}
	return false
}

// Plan is what one zone needs: the RRsets that are to change, ordered by key, and
// the notes. Its zero value changes nothing.
type Plan struct {
	Sets  []Set
	Notes []Note
	Kept  int // records that already are as they should be
}

// Changes returns those of all sets, in the order they are carried out.
func (p Plan) Changes() []Change {
	var all []Change
	for _, s := range p.Sets {
		all = append(all, s.Changes...)
	}
	return all
}
