package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// check looks at what settings mean together.
func (l *loader) check() {
	l.checkSchedule()
	for _, at := range append([]*site{l.here}, l.sites...) {
		for _, f := range addr.Families() {
			l.checkAgreement(at, f)
		}
	}
	if l.in.Scope == ForDetection {
		return
	}
	for _, a := range l.accounts {
		if check := l.in.Catalogue.host(a.Provider).Check; check != nil {
			check(Credential{l, a})
		}
	}
	l.checkScope()
	l.checkOwnership()
	l.checkEnforced()
	l.checkLacks()
	l.checkProxied()
	l.checkProxiedNames()
	for _, r := range l.records {
		l.checkHosts(r)
	}
	if len(l.cfg.Detect)+len(l.cfg.Sites) > 0 && l.empties() {
		l.notice("every source says that there is no address: records and items that are homing's will be deleted, and none made")
	}
}

// checkScope finds settings that leave nothing to do.
func (l *loader) checkScope() {
	if len(l.records) == 0 && len(l.lists) == 0 {
		l.wrong("records", "no name is set, so there is nothing to keep pointing home", "set it to the names, such as "+strings.TrimPrefix(l.toSet("records", "home.example.org"), "export "))
		return
	}
	if l.cfg.looks() {
		return
	}
	if len(l.cfg.LAN()) > 0 {
		return
	}
	if slices.ContainsFunc(l.records, func(r *record) bool { return slices.Contains(r.Types, dns.TXT) && r.Content == (plan.Template{}) }) {
		return // that is what is wrong
	}
	if slices.ContainsFunc(l.problems, func(p *Problem) bool { return leaf(p.path) == "site" || strings.HasPrefix(p.path, "sites.") }) {
		return // as that is
	}
	if len(l.cfg.Accounts) > 0 {
		l.wrong("detect.ipv4.sources", "no name has a family whose address would be looked for, so there is nothing to do",
			fmt.Sprintf("give %s a source other than none", strings.Join(slices.Compact([]string{l.name("detect.ipv4.sources"), l.name("detect.ipv6.sources")}), " or ")))
	}
}

// checkOwnership refuses what homing would write and then take for somebody else's.
func (l *loader) checkOwnership() {
	for _, a := range l.cfg.Accounts {
		for _, r := range a.Spec.Records {
			if len(l.problems) > maxProblems {
				return // nobody reads more, and each is looked for among all
			}
			if id := plan.CommentOwner(r.Attrs.Comment); id != "" && id != a.Spec.OwnerID {
				l.wrong(l.commentOf(r.Name), fmt.Sprintf("it bears the mark of the owner %s", id), "leave the mark out: "+l.name("policy.owner_id")+" sets it")
			}
			if c := r.Attrs.Comment; !a.Spec.Owns(dns.Record{Comment: c}) {
				l.wrong(l.commentOf(r.Name), fmt.Sprintf("%s=%q does not match it, so homing would not know its own records again", l.name("policy.owner"), a.Spec.Owned),
					"choose a comment that the expression matches")
			}
		}
		for _, list := range a.Spec.Lists {
			if len(l.problems) > maxProblems {
				return
			}
			if c := list.Comment; !a.Spec.OwnsItem(plan.ListItem{Comment: c}) {
				l.wrong(l.commentOfList(list), fmt.Sprintf("%s=%q does not match it, so homing would not know its own items again", l.name("policy.list_owner"), a.Spec.OwnedItems),
					"choose a comment that the expression matches")
			}
		}
	}
}

// commentOf is where the comment of a record comes from.
func (l *loader) commentOf(n dns.Name) string {
	for _, r := range l.records {
		if r.Name == n && r.own["comment"] {
			return r.path + ".comment"
		}
	}
	return "record_defaults.comment"
}

// commentOfList is where the comment of a list's items comes from.
func (l *loader) commentOfList(list plan.List) string {
	for _, x := range l.lists {
		if x.List == list && x.own["comment"] {
			return x.path + ".comment"
		}
	}
	return "list_defaults.comment"
}

func (l *loader) checkSchedule() {
	s, every := l.cfg.Schedule, "schedule.every"
	switch {
	case s.Once() && !l.cfg.OnStart:
		l.wrong("schedule.on_start", "with "+l.name(every)+"=@once the only round is the one at the start", "set it to true, or set another schedule")
	case s.Once() && l.cfg.DeleteOnStop && !l.empties():
		l.wrong("policy.delete_on_stop", "with "+l.name(every)+"=@once homing stops after its first round, so what it has just written would be deleted at once",
			"set it to false, or set another schedule")
	case !s.Once() && s.Next(l.in.Now).IsZero():
		l.wrong(every, fmt.Sprintf("%s never comes", s), "check the day and the month")
	}
}

// empties reports whether all that is wanted is that there be nothing.
func (l *loader) empties() bool {
	real := func(detect map[addr.Family]Detection) bool {
		for _, d := range detect {
			if slices.ContainsFunc(d.Sources, func(s Source) bool { return s.Word != "static.empty" }) {
				return true
			}
		}
		return false
	}
	for _, s := range l.cfg.Sites {
		if real(s.Detect) {
			return false
		}
	}
	return !real(l.cfg.Detect)
}
