package config

import (
	"slices"
	"strings"
)

// tellMisspelt tells of variables that homing does not have and that look as if
// somebody meant one of its own: each that begins with HOMING_, and what is
// close to another variable, while that is not set.
func (d *Draft) tellMisspelt(in Input) {
	known := knownVariables()
	for _, e := range in.Environ {
		name, text, _ := strings.Cut(e, "=")
		if text == "" || slices.Contains(known, name) || ofKubernetes(name) {
			continue
		}
		meant := meantBy(name, known)
		switch {
		case strings.HasPrefix(name, "HOMING_") && in.Strict:
			d.Wrong("environment."+name, Variable(name), "", "homing has no such setting", askFor(meant))
		case strings.HasPrefix(name, "HOMING_"):
			d.Notice("%s", strings.TrimSuffix(name+": homing has no such setting; "+askFor(meant), "; "))
		case meant != "" && in.Env(meant) == "" && in.Env(meant+"_FILE") == "":
			d.Notice("%s has no effect; did you mean %s?", name, meant)
		}
	}
}

func askFor(meant string) string {
	if meant == "" {
		return ""
	}
	return "did you mean " + meant + "?"
}

// knownVariables is every variable that means something to homing.
func knownVariables() []string {
	// read by the commands, or set for programs that homing starts, or for its tests
	all := []string{"HOMING_DIALECT", "HOMING_CONFIG", "HOMING_IMAGE", "HOMING_CONTAINER", "HOMING_FAMILY", "HOMING_EVENT", "HOMING_CHANGES", "HOMING_NAMES",
		"HOMING_IPV4", "HOMING_IPV6", "CF_ACCOUNT_ID", "PUID", "PGID"}
	for _, s := range Settings() {
		if s.Env != "" {
			all = append(all, s.Env)
		}
		if s.File {
			all = append(all, s.Env+"_FILE")
		}
	}
	for _, o := range oldNames() {
		all = append(all, o.name)
	}
	return all
}

// ofKubernetes reports whether a variable is one that Kubernetes sets in each
// pod for a service that is called homing, or is for homing's own tests.
func ofKubernetes(name string) bool {
	return slices.ContainsFunc([]string{"HOMING_SERVICE_", "HOMING_PORT", "HOMING_TEST_", "HOMING_LIVE_"}, func(begin string) bool { return strings.HasPrefix(name, begin) })
}

// meantBy is the variable that somebody may have meant by name: one letter
// away, or in words of it, or by a name that other programs have for it.
func meantBy(name string, known []string) string {
	switch name {
	case "PROXY":
		return "PROXIED"
	case "DOMAIN", "HOSTNAMES", "SUBDOMAINS":
		return "DOMAINS"
	}
	longest := 0
	best := ""
	for _, k := range known {
		near := len(name) > 5 && len(k) > 5 && distance(name, k) == 1 || strings.HasPrefix(name, "HOMING_") && distance(name, k) <= 2
		if near || partOf(name, k) {
			if common := prefixOf(name, k); best == "" || common > longest {
				longest, best = common, k
			}
		}
	}
	return best
}

// partOf reports whether name is k with words left out, as IP6_PREFIX_LEN is
// IP6_DEFAULT_PREFIX_LEN without one.
func partOf(name, k string) bool {
	of, rest := strings.Split(name, "_"), strings.Split(k, "_")
	if len(of) < 3 || len(of) >= len(rest) || of[0] != rest[0] {
		return false
	}
	for _, word := range of {
		i := slices.Index(rest, word)
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

func prefixOf(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
