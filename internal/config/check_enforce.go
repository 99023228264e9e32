package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// enforceable is the fields that r enforces and has a value for. What is not
// set cannot be enforced: a default is no value, and bringing a record to it
// would wipe what somebody wrote there. An empty value that is written on
// purpose is one.
func (l *loader) enforceable(r *record) plan.Fields {
	fields := r.Enforce
	for _, name := range attributes {
		if f := fieldsOf(name); fields.Has(f) && !r.own[name] && !l.isSet("record_defaults."+name) {
			fields &^= f
			path := l.enforcedBy(r, f, name)
			l.unset[path] = l.unset[path] | f
		}
	}
	return fields
}

// isSet reports whether somebody wrote a setting.
func (l *loader) isSet(path string) bool {
	return l.said.at[path] != nil
}

// enforcedBy is the setting that enforces an attribute of r.
func (l *loader) enforcedBy(r *record, f plan.Fields, name string) string {
	switch {
	case r.own["enforce"]:
		return r.path + ".enforce"
	case l.policy.enforced.Has(f):
		return "policy.enforce"
	}
	return "policy." + name
}

// mayEnforce reports whether path is an attribute of records that something may
// enforce, so that to write its default down would make a value of it.
func (l *loader) mayEnforce(path string) bool {
	name, ok := strings.CutPrefix(path, "record_defaults.")
	return ok && fieldsOf(name) != 0 && slices.ContainsFunc(l.said.values, func(v *value) bool {
		return leaf(v.path) == "enforce" || v.path == "policy."+name
	})
}

// checkEnforced tells what is to be enforced and is not set.
func (l *loader) checkEnforced() {
	for _, path := range slices.Sorted(maps.Keys(l.unset)) {
		var missing []string
		for _, name := range l.unset[path].Names() {
			missing = append(missing, l.name("record_defaults."+name))
		}
		what, are := text.List(missing, 0), "is"
		if len(missing) > 1 {
			are = "are"
		}
		l.strictly(path, fmt.Sprintf("%s %s not set, so existing records keep their %s", what, are, text.List(l.unset[path].Names(), 0)),
			"set "+what+", or leave that out here")
	}
}
