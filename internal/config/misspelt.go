package config

import (
	"slices"
	"strings"
)

// tellMisspelt tells of variables that homing does not have and that look as if
// somebody meant one of its own: each that begins with HOMING_, and what is
// close to another variable.
func (d *Draft) tellMisspelt(in *Input) {
	known := in.Catalogue.KnownVariables()
	for _, site := range in.siteNames() {
		known = append(known, siteVariables(site)...)
	}
	for _, e := range in.Environ {
		name, text, _ := strings.Cut(e, "=")
		if text == "" || slices.Contains(known, name) || OfKubernetes(name) {
			continue
		}
		if !strings.HasPrefix(name, "HOMING_") {
			if meant := Misspelt(in, name, text, known); meant != "" {
				d.Notice("%s has no effect; did you mean %s?", name, meant)
			}
			continue
		}
		ask := askFor(meantBy(name, known))
		if site := siteMeant(name); ask == "" && site != "" {
			ask = "if " + site + " is a site, add it to HOMING_SITES"
		}
		if in.Strict {
			d.Wrong("environment."+name, Variable(name), "", "homing has no such setting", ask)
		} else {
			d.Notice("%s", strings.TrimSuffix(name+": homing has no such setting; "+ask, "; "))
		}
	}
}

// Misspelt is which of the known variables somebody may have meant who set name
// to text; empty for none. A long name that is one slip away is one even while
// that is set; any other may be somebody else's.
func Misspelt(in *Input, name, text string, known []string) string {
	meant := meantBy(name, known)
	switch {
	case meant == "", meant == "PROXIED" && strings.Contains(text, "://"): // a proxy of the network
		return ""
	case len(name) >= 8 && slip(name, meant):
		return meant
	case in.Env(meant) != "" || in.Env(meant+"_FILE") != "":
		return ""
	}
	return meant
}

func askFor(meant string) string {
	if meant == "" {
		return ""
	}
	return "did you mean " + meant + "?"
}

// KnownVariables is every variable that means something to homing.
func (c *Catalogue) KnownVariables() []string { return c.variables(c.rows()) }

// variables are those of rows, of old names and of what is no setting.
func (c *Catalogue) variables(rows []*Setting) []string {
	// read by the commands, or set for programs that homing starts, or for its tests
	all := []string{"HOMING_DIALECT", "HOMING_CONFIG", "HOMING_IMAGE", "HOMING_CONTAINER", "HOMING_FAMILY", "HOMING_EVENT", "HOMING_CHANGES", "HOMING_NAMES",
		"HOMING_IPV4", "HOMING_IPV6", "CF_ACCOUNT_ID", "PUID", "PGID"}
	for _, s := range rows {
		if s.Env != "" {
			all = append(all, s.Env)
		}
		if s.File {
			all = append(all, s.Env+"_FILE")
		}
	}
	for _, o := range c.oldNames() {
		all = append(all, o.name)
	}
	return all
}

// OfKubernetes reports whether a variable is one that Kubernetes sets in each
// pod for a service whose name begins with homing, or is for homing's own tests.
func OfKubernetes(name string) bool {
	if strings.HasPrefix(name, "HOMING_TEST_") || strings.HasPrefix(name, "HOMING_LIVE_") {
		return true
	}
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		next := ""
		if rest := words[i+2:]; len(rest) > 0 {
			next = rest[0]
		}
		if word == "PORT" && (next == "" || strings.Trim(next, "0123456789") == "") || word == "SERVICE" && (next == "HOST" || next == "PORT") {
			return words[0] == "HOMING"
		}
	}
	return false
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
		near := len(name) > 5 && len(k) > 5 && slip(name, k) || strings.HasPrefix(name, "HOMING_") && distance(name, k) <= 2
		if near || partOf(name, k) {
			if common := prefixOf(name, k); best == "" || common > longest {
				longest, best = common, k
			}
		}
	}
	return best
}

// slip reports whether two words are one typing error apart: a letter that is
// wrong, missing or too many, or two that changed places.
func slip(a, b string) bool {
	if distance(a, b) == 1 {
		return true
	}
	i := prefixOf(a, b)
	return len(a) == len(b) && i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// partOf reports whether name is k with words left out, as IP6_PREFIX_LEN is
// IP6_DEFAULT_PREFIX_LEN without one.
func partOf(name, k string) bool {
	of, rest := strings.Split(name, "_"), strings.Split(k, "_")
	if len(of) < 2 || len(of) >= len(rest) || of[0] != rest[0] {
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
