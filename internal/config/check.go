package config

import (
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// check looks at what settings mean together.
func (l *loader) check() {
	l.checkSchedule()
	for _, f := range addr.Families() {
		l.checkAgreement(f)
	}
	if l.in.DetectOnly {
		return
	}
	l.checkAccount()
	l.checkScope()
	l.checkOwnership()
	l.checkHosts()
}

// wrong reports name, unless something is wrong with it already.
func (l *loader) wrong(name, value, reason, hint string) {
	for _, p := range l.problems {
		if p.Name == name || p.Name == name+"_FILE" {
			return
		}
	}
	if value != "" {
		value = shown(value)
	}
	l.problems = append(l.problems, Problem{Name: name, Value: value, Reason: reason, Hint: hint})
}

func (l *loader) checkAccount() {
	a := l.account
	switch {
	case a.Key.IsZero() && a.Email == "":
		if a.Token.IsZero() {
			l.wrong("CLOUDFLARE_API_TOKEN", "", "it is not set, and without it no record can be changed",
				"create a token at https://dash.cloudflare.com/profile/api-tokens with the template \"Edit zone DNS\", "+
					"then: export CLOUDFLARE_API_TOKEN=…")
		}
	case a.Key.IsZero():
		l.half("CLOUDFLARE_API_KEY", "CLOUDFLARE_API_EMAIL")
	case a.Email == "":
		l.half("CLOUDFLARE_API_EMAIL", "CLOUDFLARE_API_KEY")
	default:
		if err := l.catalogue.CheckKey(a.Key.Reveal(), a.Email); err != nil {
			l.wrong("CLOUDFLARE_API_KEY", "", err.Error(), hintOf(err))
		}
	}
}

// half is a key without its email, or the other way round. Beside a token it
// is left out.
func (l *loader) half(missing, set string) {
	if l.account.Token.IsZero() {
		l.wrong(missing, "", "it is not set, but "+set+" is", "set both, or better CLOUDFLARE_API_TOKEN alone")
		return
	}
	l.notice(set + " is ignored, because " + missing + " is not set")
}

// checkScope finds settings that leave nothing to do.
func (l *loader) checkScope() {
	if len(l.entries) == 0 && len(l.account.Spec.Lists) == 0 {
		l.wrong("DOMAINS", "", "no name is set, so there is nothing to keep pointing home", "set it to the names, such as DOMAINS=home.example.org")
		return
	}
	for f := range l.cfg.Detect {
		if l.cfg.Uses(f) {
			return
		}
	}
	l.wrong("IP4_PROVIDER", "", "no name has a family whose address would be looked for, so there is nothing to do",
		"give IP4_PROVIDER or IP6_PROVIDER a source other than none")
}

// checkOwnership refuses what homing would write and then take for somebody else's.
func (l *loader) checkOwnership() {
	spec := l.account.Spec
	if comment := l.record.Attrs.Comment; !spec.Owns(dns.Record{Comment: comment}) {
		l.wrong("RECORD_COMMENT", comment, fmt.Sprintf("MANAGED_RECORDS_COMMENT_REGEX=%q does not match it, so homing would not know its own records again", spec.Owned),
			"choose a comment that the expression matches")
	}
	if comment := l.list.Comment; !spec.OwnsItem(plan.ListItem{Comment: comment}) {
		l.wrong("WAF_LIST_ITEM_COMMENT", comment, fmt.Sprintf("MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX=%q does not match it, so homing would not know its own items again", spec.OwnedItems),
			"choose a comment that the expression matches")
	}
}

// checkHosts tells about host ids nobody would choose.
func (l *loader) checkHosts() {
	for _, r := range l.account.Spec.Records {
		for _, h := range r.Hosts {
			if why := h.Suspicious(); why != "" {
				l.notice("hostid6 of " + r.Name.Describe() + ": " + why)
			}
		}
		if r.Hosts != nil && !slices.Contains(r.Types, dns.AAAA) {
			l.notice("hostid6 of " + r.Name.Describe() + " has no effect: the name has no AAAA records")
		}
	}
}

func (l *loader) checkSchedule() {
	s := l.cfg.Schedule
	switch {
	case s.Once() && !l.cfg.OnStart:
		l.wrong("UPDATE_ON_START", "", "with UPDATE_CRON=@once the only round is the one at the start", "set it to true, or set another schedule")
	case s.Once() && l.cfg.DeleteOnStop && !l.empties():
		l.wrong("DELETE_ON_STOP", "", "with UPDATE_CRON=@once homing stops after its first round, so what it has just written would be deleted at once",
			"set it to false, or set another schedule")
	case !s.Once() && s.Next(l.in.Now).IsZero():
		l.wrong("UPDATE_CRON", "", fmt.Sprintf("%s never comes", s), "check the day and the month")
	}
}

// empties says whether all that is wanted is that there be nothing.
func (l *loader) empties() bool {
	for _, d := range l.cfg.Detect {
		if slices.ContainsFunc(d.Sources, func(s Source) bool { return s.Word != "static.empty" }) {
			return false
		}
	}
	return true
}
