package config

import (
	"fmt"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// check looks at what settings mean together.
func (l *loader) check() {
	l.checkSchedule()
	if l.in.DetectOnly {
		return
	}
	l.checkAccount()
	l.checkScope()
}

// wrong reports name, unless something is wrong with it already.
func (l *loader) wrong(name, reason, hint string) {
	for _, p := range l.problems {
		if p.Name == name || p.Name == name+"_FILE" {
			return
		}
	}
	l.problems = append(l.problems, Problem{Name: name, Reason: reason, Hint: hint})
}

func (l *loader) checkAccount() {
	a := l.cfg.Account
	switch {
	case !a.Token.IsZero():
	case a.Key.IsZero() && a.Email == "":
		l.wrong("CLOUDFLARE_API_TOKEN", "it is not set, and without it no record can be changed",
			"create a token at https://dash.cloudflare.com/profile/api-tokens with the template \"Edit zone DNS\", "+
				"then: export CLOUDFLARE_API_TOKEN=…")
	case a.Key.IsZero():
		l.wrong("CLOUDFLARE_API_KEY", "it is not set, but CLOUDFLARE_API_EMAIL is", "set both, or better CLOUDFLARE_API_TOKEN alone")
	case a.Email == "":
		l.wrong("CLOUDFLARE_API_EMAIL", "it is not set, but CLOUDFLARE_API_KEY is", "set both, or better CLOUDFLARE_API_TOKEN alone")
	default:
		if err := l.catalogue.CheckKey(a.Key.Reveal(), a.Email); err != nil {
			l.wrong("CLOUDFLARE_API_KEY", err.Error(), hintOf(err))
		}
	}
}

// checkScope finds settings that leave nothing to do.
func (l *loader) checkScope() {
	if len(l.names) == 0 {
		l.wrong("DOMAINS", "no name is set, so there is nothing to keep pointing home", "set it to the names, such as DOMAINS=home.example.org")
		return
	}
	for _, f := range addr.Families() {
		if l.uses(f) && len(l.cfg.Sources[f]) > 0 {
			return
		}
	}
	l.wrong("IP4_PROVIDER", "no name has a family whose address would be looked for, so there is nothing to do",
		"give IP4_PROVIDER or IP6_PROVIDER a source other than none")
}

func (l *loader) uses(f addr.Family) bool {
	t := map[addr.Family]dns.Type{addr.IPv4: dns.A, addr.IPv6: dns.AAAA}[f]
	for _, n := range l.names {
		for _, nt := range n.types {
			if nt == t {
				return true
			}
		}
	}
	return false
}

func (l *loader) checkSchedule() {
	s := l.cfg.Schedule
	switch {
	case s.Once() && !l.cfg.OnStart:
		l.wrong("UPDATE_ON_START", "with UPDATE_CRON=@once the only round is the one at the start", "set it to true, or set another schedule")
	case !s.Once() && s.Next(l.in.Now).IsZero():
		l.wrong("UPDATE_CRON", fmt.Sprintf("%s never comes", s), "check the day and the month")
	}
}
