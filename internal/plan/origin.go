package plan

import (
	"cmp"
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/text"
)

// Origin is where addresses come from: one family of one site.
type Origin struct {
	Site   string // empty: this machine itself, which is a site without a name
	Family addr.Family
}

// Here is a family of this machine itself.
func Here(f addr.Family) Origin { return Origin{Family: f} }

// String is the family, and the site where it has a name: "IPv4 of cable".
//
//go:noinline // many callers: see dependencies.md
func (o Origin) String() string {
	if o.Site == "" {
		return o.Family.String()
	}
	return o.Family.String() + " of " + o.Site
}

// Setting refers to a setting of how the addresses are learnt: "sources".
func (o Origin) Setting(leaf string) text.Setting {
	under := "detect."
	if o.Site != "" {
		under = "sites." + o.Site + "."
	}
	return text.Setting{Path: under + strings.ToLower(o.Family.String()) + "." + leaf}
}

// Compare orders origins: this machine itself, then sites by name.
func (o Origin) Compare(p Origin) int {
	return cmp.Or(cmp.Compare(o.Site, p.Site), cmp.Compare(o.Family, p.Family))
}

// Seen is what a round knows of each origin. One that is absent is out of scope;
// one that is there and zero is not known.
type Seen map[Origin]addr.Observation

// Emptied is the Seen of a cleanup: each of these origins is to have nothing.
func Emptied(origins ...Origin) Seen {
	seen := make(Seen, len(origins))
	for _, o := range origins {
		seen[o] = addr.None()
	}
	return seen
}

// Origins are those of s, in order.
func (s Seen) Origins() []Origin {
	origins := make([]Origin, 0, len(s))
	for o := range s {
		origins = append(origins, o)
	}
	sort.Slice(origins, func(i, j int) bool { return origins[i].Compare(origins[j]) < 0 })
	return origins
}

// Knows says whether something is known of every one of these that is in scope,
// and of one at least.
func (s Seen) Knows(needs []Origin) bool {
	known := false
	for _, o := range needs {
		if seen, in := s[o]; in && !seen.Known() {
			return false
		} else if in {
			known = true
		}
	}
	return known
}

// Only is s without all others than these.
func (s Seen) Only(needs []Origin) Seen {
	only := make(Seen, len(needs))
	for _, o := range needs {
		if seen, in := s[o]; in {
			only[o] = seen
		}
	}
	return only
}

// Same says whether two observations of the same origins plan the same: why one
// is not known makes no difference.
func (s Seen) Same(t Seen) bool {
	for o, seen := range s {
		other, in := t[o]
		if !in || !seen.Same(other) && (seen.Known() || other.Known()) {
			return false
		}
	}
	return len(s) == len(t)
}
