package plan

import (
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/text"
)

// List is an IP list of the DNS host that should hold the observed addresses.
type List struct {
	Account     string // id of the host's account that the list belongs to
	Name        string
	Description string // of the list, where homing makes it
	Comment     string // of the items homing makes
	Sites       string // whose addresses it holds, in order, with commas between; empty: those of this machine itself
	Pick        Pick   // of several sites
}

// SiteNames returns the sites whose addresses the list holds; this machine itself has
// no name.
func (l List) SiteNames() []string { return strings.Split(l.Sites, ",") }

// ListLimits is what the lists of a host take. A zero field means that the limit
// is not known, so that the host decides.
type ListLimits struct {
	Comment    int // of an item, in characters
	IPv4, IPv6 int // the shortest prefix, in bits
}

// Needs returns the origins of what the list holds.
func (l List) Needs() []Origin {
	return append(l.needs(addr.IPv4), l.needs(addr.IPv6)...)
}

func (l List) needs(f addr.Family) []Origin { return originsOf(l.SiteNames(), l.Pick, f) }

// ListItem is one entry of an IP list.
type ListItem struct {
	ID      string
	Prefix  netip.Prefix // masked; a single address has all its bits
	Comment string
}

// ListPlan is what one list needs: what is to be created, then what is to be
// deleted, and the notes. Its zero value changes nothing.
type ListPlan struct {
	List    List
	Changes []ListChange
	Notes   []ListNote
	Kept    int // items of ours that already are as they should be
}

// ListNote is something a person should know about a list beside its changes.
type ListNote struct {
	Code NoteCode  // PrefixRefused, CommentCut or CommentRefused
	Text string    // what is in the way or was adapted
	Hint text.Hint // what to do about it
}

// Failure reports whether the note means that the list is not as it should be.
func (n ListNote) Failure() bool { return n.Code.failure() }

// ListChange is one step on one item: ToCreate or ToDelete. Items are never
// updated in place.
type ListChange struct {
	Action Action
	Item   ListItem
	Reason string // why, in words
}
