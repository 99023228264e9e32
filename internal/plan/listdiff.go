package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/text"
)

// DiffList works out the changes that bring an IP list to the observed
// prefixes. current is every item of the list, owned or not; none where the
// list is not there.
//
// An item of ours stays as long as it covers an observed prefix. A family that
// is absent from seen or not known leaves its items alone; one that is known to
// be none loses ours. Of a family of several sites those that are not known leave
// alone what may be theirs. What is missing is created before what is left over is
// deleted, so that a list never stands without its addresses in between. The
// result does not depend on the order of current; carrying it out and asking
// again yields no change.
func DiffList(l List, limits ListLimits, seen Seen, memory Memory, current []ListItem, owns func(ListItem) bool) ListPlan {
	d := listDiff{ListPlan: ListPlan{List: l}, limits: limits, owns: owns, items: slices.Clone(current)}
	sort.Slice(d.items, func(i, j int) bool {
		a, b := d.items[i], d.items[j]
		return a.Prefix.Compare(b.Prefix) < 0 || a.Prefix == b.Prefix && a.ID < b.ID
	})
	for _, f := range addr.Families() {
		needs := l.needs(f)
		s := newKnownShare(needs, TypeOf(f), seen, memory)
		if s.state == Values || s.state == Clear {
			d.family(needs[0], s)
		}
	}
	sort.SliceStable(d.Changes, func(i, j int) bool { return d.Changes[i].Action < d.Changes[j].Action })
	return d.ListPlan
}

type listDiff struct {
	ListPlan
	limits ListLimits
	owns   func(ListItem) bool
	items  []ListItem
}

// family plans for the items of a family, all of them or none. No prefix at all
// means that none of ours is to stay.
func (d *listDiff) family(of Origin, s *knownShare) {
	f := of.Family
	if d.noteUnlistable(of, s.prefixes) {
		return
	}
	targets := maskAll(s.prefixes)
	kept, stale := d.choose(f, targets)
	if s.partial { // what may be a site's that is not known stays
		had, hides := maskAll(s.had), maskAll(s.hides)
		stale = slices.DeleteFunc(stale, func(i ListItem) bool {
			return !slices.Contains(had, i.Prefix) || slices.ContainsFunc(hides, func(h netip.Prefix) bool { return covers(i.Prefix, h) })
		})
	}
	created, ok := d.missing(targets, kept, commentOf(stale, d.List.Comment))
	d.Kept += len(kept)
	if !ok {
		return // nothing is deleted when what is to replace it cannot be created
	}
	for _, i := range created {
		d.Changes = append(d.Changes, ListChange{Action: ToCreate, Item: i, Reason: "not in the list yet"})
	}
	reason := "stale: does not cover any address of this network"
	if len(targets) == 0 {
		reason = "no item is wanted here"
	}
	for _, i := range stale {
		d.Changes = append(d.Changes, ListChange{Action: ToDelete, Item: i, Reason: reason})
	}
}

// noteUnlistable says which prefixes the list does not take.
func (d *listDiff) noteUnlistable(of Origin, observed []netip.Prefix) (refused bool) {
	f := of.Family
	shortest := map[addr.Family]int{addr.IPv4: d.limits.IPv4, addr.IPv6: d.limits.IPv6}[f]
	for _, p := range observed {
		if f.Holds(p.Addr()) && p.Bits() >= shortest {
			continue
		}
		d.note(ListNote{Code: PrefixRefused,
			Text: fmt.Sprintf("a list takes %s prefixes from /%d to /%d, not %s; the items of this family stay unchanged",
				f, shortest, f.Bits(), p.Masked()),
			Hint: text.Advise("set %s to a value from %d to %d, or correct the prefix length the source reports",
				of.Setting("prefix_len"), shortest, f.Bits())})
		refused = true
	}
	return refused
}

// choose parts the items of f that are ours: those that cover a target are
// kept, the others are stale.
func (d *listDiff) choose(f addr.Family, targets []netip.Prefix) (kept, stale []ListItem) {
	for _, i := range d.items {
		switch {
		case !f.Holds(i.Prefix.Addr()) || !d.owns(i):
		case slices.ContainsFunc(targets, func(t netip.Prefix) bool { return covers(i.Prefix, t) }):
			kept = append(kept, i)
		default:
			stale = append(stale, i)
		}
	}
	return kept, stale
}

// missing returns the items that have to be made. An identical item of somebody else
// satisfies: the host would replace it, and its comment. It is not ok when
// homing would not know the new items for its own.
func (d *listDiff) missing(targets []netip.Prefix, kept []ListItem, comment string) (items []ListItem, ok bool) {
	most := d.limits.Comment
	cut := most > 0 && utf8.RuneCountInString(comment) > most
	if cut {
		comment = string([]rune(comment)[:most])
	}
	for _, t := range dropCovered(targets) {
		covered := slices.ContainsFunc(kept, func(i ListItem) bool { return covers(i.Prefix, t) })
		if covered || slices.ContainsFunc(d.items, func(i ListItem) bool { return i.Prefix.Masked() == t }) {
			continue
		}
		i := ListItem{Prefix: t, Comment: comment}
		if !d.owns(i) {
			d.note(ListNote{Code: CommentRefused,
				Text: fmt.Sprintf("with the comment %q homing would not recognise the item as its own, so it is not written", comment),
				Hint: "correct {lists.comment}, or let {policy.list_owner} match it"})
			return nil, false
		}
		items = append(items, i)
	}
	if cut && len(items) > 0 {
		d.note(ListNote{Code: CommentCut,
			Text: fmt.Sprintf("an item's comment may have at most %d characters; the rest was cut off", most),
			Hint: "shorten {lists.comment}"})
	}
	return items, true
}

// note adds n once: both families may have the same to say.
func (d *listDiff) note(n ListNote) {
	if !slices.Contains(d.Notes, n) {
		d.Notes = append(d.Notes, n)
	}
}

// commentOf returns the comment of new items: the one that all they replace share,
// else the setting's.
func commentOf(replaced []ListItem, setting string) string {
	if len(replaced) == 0 {
		return setting
	}
	for _, i := range replaced[1:] {
		if i.Comment != replaced[0].Comment {
			return setting
		}
	}
	return replaced[0].Comment
}

// maskAll returns the prefixes without host bits, ascending, no two alike.
func maskAll(ps []netip.Prefix) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(ps))
	for _, p := range ps {
		out = append(out, p.Masked())
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Compare(out[j]) < 0 })
	return slices.Compact(out)
}

// dropCovered returns the prefixes that lie in no other; ps is ascending, so that a
// prefix comes before what lies in it.
func dropCovered(ps []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range ps {
		if len(out) == 0 || !covers(out[len(out)-1], p) {
			out = append(out, p)
		}
	}
	return out
}

// covers reports whether all of q lies in p.
func covers(p, q netip.Prefix) bool { return p.Bits() <= q.Bits() && p.Contains(q.Addr()) }
