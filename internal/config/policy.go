package config

import (
	"fmt"
	"regexp"

	"github.com/homing-dns/homing/internal/plan"
)

// policy is what holds for the records of all accounts.
type policy struct {
	enforced   plan.Fields // of the list
	kept       plan.Fields // attribute by attribute
	brought    plan.Fields // the same, enforced
	owned      *regexp.Regexp
	ownerID    string
	ownedItems *regexp.Regexp
}

func (p policy) fields() plan.Fields { return p.enforced | p.brought }

// fieldsOf is the attribute of this name; 0 when it is none.
func fieldsOf(attribute string) plan.Fields {
	switch attribute {
	case "proxied":
		return plan.Proxied
	case "ttl":
		return plan.TTL
	case "comment":
		return plan.Comment
	case "tags":
		return plan.Tags
	}
	return 0
}

// parseFields reads a list of attributes.
func parseFields(v *value) (all plan.Fields, err error) {
	err = each(v, func(w string) error {
		f := fieldsOf(w)
		if f == 0 {
			return hinted(fmt.Sprintf("%q is not an attribute that can be enforced", w), "the attributes are proxied, ttl, comment and tags")
		}
		all |= f
		return nil
	})
	return all, err
}

// setAttribute reads keep or enforce for one attribute.
func (p *place) setAttribute(s string) error {
	f := fieldsOf(leaf(p.value.path))
	switch s {
	case "keep":
		p.policy.kept |= f
	case "enforce":
		p.policy.brought |= f
	default:
		return hinted("it is neither keep nor enforce", "write enforce to have existing records brought to it as well")
	}
	return nil
}

func checkOwnerID(s string) error {
	if err := plan.CheckOwnerID(s); err != nil {
		return hinted(err.Error(), "write a word of its own for each homing, such as home or office-2")
	}
	return nil
}

// finishPolicy finds an attribute that is to be kept and enforced, and two ways to
// tell whose a record is.
func (l *loader) finishPolicy() {
	if l.policy.ownerID != "" && l.policy.owned != nil {
		l.wrong("policy.owner_id", fmt.Sprintf("%s tells whose a record is as well, and one record cannot be told by both", l.name("policy.owner")),
			"keep one of the two: an id marks records by itself, an expression goes by comments that are set")
	}
	for _, name := range attributes {
		if f := fieldsOf(name); l.policy.kept&l.policy.enforced&f != 0 {
			l.wrong("policy."+name, "it is to be kept, and "+l.name("policy.enforce")+" enforces it", "keep one of the two")
		}
	}
}
