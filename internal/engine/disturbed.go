package engine

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// disturbed counts, once a zone was read again, the RRsets that somebody else
// changed: those that need a change now and needed none as they were before,
// for the same addresses. What homing itself had yet to do is not among them.
func (z *zone) disturbed(p plan.Plan, seen plan.Seen) {
	if z.before == nil || len(p.Changes) == 0 {
		return
	}
	due := make(map[dns.Key]bool)
	for _, c := range (snapshot{z.Zone, z.spec, z.account.memory, z.before}).diff(seen).Changes {
		due[c.Key()] = true
	}
	for rest := p.Changes; len(rest) > 0; {
		n := span(rest)
		if k := rest[0].Key(); !due[k] {
			if z.rivals == nil {
				z.rivals = make(map[dns.Key]rival)
			}
			z.rivals[k] = z.rivals[k].again(z.account.now, deed(rest[:n]))
		}
		rest = rest[n:]
	}
}

// span is how many changes at the beginning are of one RRset.
func span(changes []plan.Change) int {
	k, n := changes[0].Key(), 1
	for n < len(changes) && changes[n].Key() == k {
		n++
	}
	return n
}

// deed is what somebody did to an RRset, by the changes that put it right.
func deed(changes []plan.Change) string {
	var contents []string
	var fields plan.Fields
	for _, c := range changes {
		switch {
		case c.Action == plan.ToDelete, c.Fields().Has(plan.Content):
			contents = append(contents, c.Old.Content())
		default:
			fields |= c.Fields()
		}
	}
	switch {
	case len(contents) > 0:
		return "changes it to " + strings.Join(contents, " and ")
	case fields != 0:
		return "changes its " + fields.String()
	}
	return "deletes it"
}

// restrain makes a rival's next pause longer once its RRset was put right.
func (z *zone) restrain(done []status.Done) {
	for k, r := range z.rivals {
		right := func(d status.Done) bool { return d.Key() == k && d.Err == nil }
		if r.fights() && slices.ContainsFunc(done, right) {
			z.rivals[k] = r.held(z.account.now)
		}
	}
}
