package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// absentFamilies returns the families of this machine that are not here, which is no failure: nobody knows
// an address of theirs, this machine has neither an address nor a default route
// of them, everything homing manages was read and holds none, and no name is to
// have addresses of that family alone. Whatever else is not known is a failure.
func (e *Engine) absentFamilies(ctx context.Context, looks lookSet) (none []plan.Origin) {
	for o, s := range looks {
		heard := slices.ContainsFunc(s.seen.Votes(), func(v addr.Vote) bool { return v.Said.Known() })
		if s.seen.Known() || s.interrupted || heard || e.cfg.Line.Here == nil || o != plan.Here(o.Family) || e.cfg.Line.Here(ctx, o.Family) {
			continue
		}
		if !slices.ContainsFunc(e.accounts, func(a *account) bool { return a.mayHaveRecords(o.Family) }) {
			none = append(none, o)
		}
	}
	if len(none) == len(looks) {
		return nil // the network is down
	}
	return none
}

// mayHaveRecords reports whether the account has a record or an item of the family, or
// may have one that was not read, or needs one.
func (a *account) mayHaveRecords(f addr.Family) bool {
	if a.failure != nil || len(a.unplaced) > 0 || len(a.unassigned()) > 0 {
		return true
	}
	if isIndispensable(a.Spec.Records, plan.Here(f)) {
		return true
	}
	return slices.ContainsFunc(a.resources(), func(r resource) bool { return r.mayHaveRecords(f) })
}

func (z *zone) mayHaveRecords(f addr.Family) bool {
	return z.view == nil || slices.ContainsFunc(z.view.records, func(r dns.Record) bool { return r.Type == plan.TypeOf(f) })
}

func (l *list) mayHaveRecords(f addr.Family) bool {
	return l.view == nil || slices.ContainsFunc(l.view.Items, func(i plan.ListItem) bool { return f.Holds(i.Prefix.Addr()) })
}

// isIndispensable reports whether without the origin nothing of some record is true, or a
// name that is to lead here leads nowhere.
func isIndispensable(records []plan.Record, o plan.Origin) bool {
	needed, others := make(map[dns.Name]bool), make(map[dns.Name]bool)
	for _, r := range records {
		for _, t := range r.Types {
			switch needs := plan.Involves(r.Needs(t), o); {
			case needs && t == dns.TXT:
				return true
			case needs:
				needed[r.Name] = true
			case t != dns.TXT:
				others[r.Name] = true
			}
		}
	}
	for name := range needed {
		if !others[name] {
			return true
		}
	}
	return false
}

func absentFamilyCondition(f addr.Family) status.Condition {
	return status.Condition{Code: status.FamilyAbsent, Subject: f.String(),
		Text: fmt.Sprintf("this machine has no %s (no address, no default route), and no record needs it", f),
		Hint: text.Advise("to turn it off and hide this message, set %s", plan.Here(f).Setting("sources").To("none"))}
}
