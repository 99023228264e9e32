package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
)

// checkAgreement finds rules that the sources of f at a site can never meet.
func (l *loader) checkAgreement(at *site, f addr.Family) {
	rule, voters, family := at.detect[f].Agree, at.voters[f], fmt.Sprintf("%s.ipv%d.", at.path, f)
	if len(voters) > 0 && !slices.ContainsFunc(voters, func(v addr.Voter) bool { return !v.Weak }) {
		l.wrong(family+"sources", "what stun and router say can be forged, so they are never enough alone",
			"add a source beside it, such as cloudflare.trace or cloudflare.doh")
		return
	}
	if rule.IsFirst() || len(voters) == 0 {
		return
	}
	var operators []string
	sound := false
	for _, v := range voters {
		if !slices.Contains(operators, v.Operator) {
			operators = append(operators, v.Operator)
		}
		sound = sound || v.Authenticated
	}
	name := family + "agree"
	n, needed := len(operators), rule.Needs(len(operators))
	who := fmt.Sprintf("the sources of %s are run by %s", l.name(family+"sources"), listed(operators))
	switch {
	case n == 1:
		l.wrong(name, who+" alone, and one operator has one vote", "add sources of other operators, or write first")
	case needed > n:
		l.wrong(name, fmt.Sprintf("%s, so %d votes can never come together", who, needed),
			fmt.Sprintf("write a number up to %d, or majority, or add sources of other operators", n))
	case !sound:
		l.wrong(name, "every source of this family asks over plain DNS or HTTP, whose answers whoever sits on the way can forge; together they prove nothing",
			"add a source that answers over HTTPS or DoH, such as cloudflare.trace")
	}
}

// listed is "a", "a and b" or "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
