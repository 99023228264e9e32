package engine

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// collectConditions returns every condition this round found, in order.
func (e *Engine) collectConditions(ctx context.Context, r status.Round, looks lookSet, firsts map[plan.Origin]*failoverChoice, absent []plan.Origin) []status.Condition {
	cut := e.clearInterrupted(ctx, looks)
	var cs []status.Condition
	for o, s := range looks {
		switch {
		case !e.uses(o) || s.seen.Known() || s.interrupted:
		case slices.Contains(absent, o):
			cs = append(cs, absentFamilyCondition(o.Family))
		case o.IsNeighbour():
			cs = append(cs, neighbourCondition(o, s.seen))
		default:
			c := unknownAddressCondition(o, s.seen, isOtherFamilyKnown(o, looks))
			c.Hint = OfSite(c.Hint, o.Site)
			if others := e.standbySites(o, firsts); len(others) > 0 {
				c = standbyCondition(c, others)
			}
			cs = append(cs, c)
		}
		if at := e.origins[o]; at != nil && s.seen.Known() && at.other.Known() && (at.lines.Detected() || !s.publishable) {
			cs = append(cs, twoLinesCondition(o, s.seen, at.other))
		}
		for _, c := range s.line {
			if c.Code != status.AddressFleeting || e.publishesVerbatim(o) {
				cs = append(cs, c)
			}
		}
	}
	for _, a := range e.accounts {
		cs = append(cs, e.attributeToAccount(a, a.conditions())...)
	}
	if why := e.cause(ctx, looks); why != nil {
		e.foldIntoCause(cs, *why)
	}
	if left := countUnfinished(ctx, r); cut || left > 0 && isStopped(ctx) {
		cs = e.stoppedConditions(cs, left)
	}
	sort.Slice(cs, func(i, j int) bool { return cs[i].Compare(cs[j]) < 0 })
	return slices.CompactFunc(cs, func(a, b status.Condition) bool { return a == b })
}

// attributeToAccount tells the conditions of an account from those of others. One about a name
// that stands at several says of which it is.
func (e *Engine) attributeToAccount(a *account, cs []status.Condition) []status.Condition {
	for i := range cs {
		c := &cs[i]
		c.Account = a.Account.Name
		n := c.Key.Name
		if c.Code == status.NameUnplaced {
			n, _ = dns.ParseName(c.Subject)
		}
		if !n.IsZero() && slices.ContainsFunc(e.accounts, func(b *account) bool { return a != b && slices.Contains(b.Spec.Names(), n) }) {
			c.Subject = a.subject(c.Subject)
		}
	}
	return cs
}

// resolveHints puts the advice of a round into the words of the settings in use.
func (e *Engine) resolveHints(r *status.Round) {
	w := e.cfg.Words
	for i := range r.Conditions {
		r.Conditions[i].Hint = r.Conditions[i].Hint.Fixed(w)
	}
	for i, z := range r.Zones {
		r.Zones[i].Plan = z.Plan.In(w)
		for i := range z.Done {
			z.Done[i].Hint = z.Done[i].Hint.Fixed(w)
		}
	}
	for i, l := range r.Lists {
		r.Lists[i].Plan = l.Plan.In(w)
		for i := range l.Done {
			l.Done[i].Hint = l.Done[i].Hint.Fixed(w)
		}
	}
}

func (e *Engine) uses(o plan.Origin) bool {
	return slices.ContainsFunc(e.accounts, func(a *account) bool { return a.Spec.Uses(o) })
}

func (a *account) conditions() []status.Condition {
	var cs []status.Condition
	if adviser, ok := a.Provider.(provider.Adviser); ok {
		for _, d := range adviser.Advice() {
			cs = append(cs, status.Condition{Code: status.AccountAdvice, Subject: strings.TrimSpace("account " + a.Account.Name), Text: d.Text, Hint: d.Hint})
		}
	}
	if a.failure != nil {
		cs = append(cs, errorCondition(status.ZonesUnread, a.subject("zones"), dns.Key{}, a.failure))
	}
	for n, l := range a.unplaced {
		cs = append(cs, errorCondition(status.NameUnplaced, n.Describe(), dns.Key{}, l.err))
	}
	for _, r := range a.resources() {
		cs = append(cs, r.conditions()...)
	}
	for i := range cs {
		cs[i].Hint = a.qualifyHint(cs[i].Hint)
	}
	return cs
}

// qualifyHint returns advice that means the settings of this account, where it has a name.
func (a *account) qualifyHint(h text.Hint) text.Hint {
	if a.Account.Name == "" {
		return h
	}
	return h.Map(func(s text.Setting) text.Setting {
		if leaf, ok := strings.CutPrefix(s.Path, "accounts."); ok {
			s.Path = "accounts." + a.Account.Name + "." + leaf
		}
		return s
	})
}

// subject names something of the account where there may be several accounts.
func (a *account) subject(what string) string {
	if a.Account.Name == "" {
		return what
	}
	return what + " of " + a.Account.Name
}

func (z *zone) conditions() []status.Condition {
	var cs []status.Condition
	if z.failure != nil {
		cs = append(cs, errorCondition(status.ZoneFailed, z.account.subject(z.Name.Describe()), dns.Key{}, z.failure))
	}
	if w := z.warning(); w != "" {
		cs = append(cs, status.Condition{Code: status.ZoneWarning, Subject: z.account.subject(z.Name.Describe()), Text: w})
	}
	for _, n := range z.notes {
		if n.Code == plan.Unserved {
			continue // the warning of the zone says it of all of them
		}
		cs = append(cs, status.Condition{Code: noteConditionCode(n.Code), Cause: string(n.Code), Subject: n.Key.String(), Key: n.Key, Text: n.Text, Hint: n.Hint, Refused: n.Failure()})
	}
	for k, r := range z.contentions {
		if r.isFight() {
			cs = append(cs, status.Condition{Code: status.Rival, Subject: k.String(), Key: k, Text: r.describe(), Hint: "two programs manage this name: " +
				"stop one, or give each its own records by {policy.owner}"})
		}
	}
	for k, r := range z.refused {
		cs = append(cs, errorCondition(status.ChangeFailed, k.String(), k, asError(r.failed.Err)))
	}
	return cs
}

// warning returns what is wrong with the zone, and which names it keeps from being
// answered with.
func (z *zone) warning() string {
	var names []string
	for _, n := range z.notes {
		if name := n.Key.Name.Describe(); n.Code == plan.Unserved && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	all := []string{z.Warning}
	if len(names) > 0 {
		slices.Sort(names)
		all = append(all, z.Unserved+"; DNS-only, so without effect: "+text.List(names, 5))
	}
	return strings.TrimPrefix(strings.Join(all, "; "), "; ")
}

// errorCondition returns the condition of what failed at a DNS host. Its cause is the kind of
// the error, so that all it keeps from being done is told together.
func errorCondition(code status.Code, subject string, k dns.Key, err *provider.Error) status.Condition {
	return status.Condition{Code: code, Cause: strings.ReplaceAll(err.Kind.String(), " ", "-"), Subject: subject, Key: k,
		Text: err.Error(), Reason: err.Reason(), Hint: err.Hint, Refused: isRefusal(err)}
}

func noteConditionCode(c plan.NoteCode) status.Code {
	switch c {
	case plan.BlockedByCNAME, plan.BlockedByNS, plan.BlockedByFeature, plan.BlockedBySPF, plan.OwnedByAnother, plan.Unmarked, plan.NoMark, plan.NoTXT, plan.NoFamily, plan.CommentRefused:
		return status.NameBlocked
	case plan.Missing, plan.NoHost:
		return status.RecordMissing
	case plan.Ambiguous:
		return status.RecordAmbiguous
	case plan.NotWritten:
		return status.LeftBehind
	case plan.HostIDUnfit:
		return status.HostIDUnfit
	case plan.Foreign, plan.ReadOnly, plan.LeftOver:
		return status.RecordUntouched
	case plan.ValuesCut:
		return status.AddressLeftOut
	case plan.TTLAdapted, plan.TTLMeans, plan.ProxyDropped, plan.Shared, plan.CommentCut, plan.TagsDropped:
		return status.SettingAdapted
	}
	panic("engine: no condition for the note " + string(c))
}

// isRefusal reports whether the host said no, so that asking again changes nothing.
func isRefusal(err error) bool {
	switch asError(err).Kind {
	case provider.Auth, provider.NoZone, provider.Rejected:
		return true
	}
	return false
}
