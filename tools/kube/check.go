package kube

import (
	"fmt"
	"slices"
)

// problems are what is wrong, in words.
type problems []string

func (p *problems) add(o Object, format string, args ...any) {
	*p = append(*p, describe(o)+": "+fmt.Sprintf(format, args...))
}

// Check says everything that is wrong with what is applied together.
func Check(s Set) []string {
	var found problems
	found.names(s)
	found.policies(s)
	found.services(s)
	for _, p := range s.Pods() {
		found.security(s, p)
		found.account(s, p)
		found.settings(s, p)
		found.volumes(s, p)
		found.ports(p)
		switch p.Daemon {
		case true:
			found.deployment(p)
		case false:
			found.cronJob(p)
		}
	}
	slices.Sort(found)
	return found
}
