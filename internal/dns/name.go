// Package dns holds the values of the Domain Name System that homing works
// with: names, record types, RRset keys and records.
package dns

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Name is a fully qualified domain name of at least two labels, in lower-case
// ASCII (A-labels) without the trailing dot; its first label may be "*". Two
// names are the same name exactly when they are ==. The zero value is no name.
type Name struct{ ascii string }

// Limits of RFC 1035, section 2.3.4, in octets.
const (
	maxName  = 253
	maxLabel = 63

	maxUnicodeName = 4 * maxName // in Unicode; no name within maxName needs more
)

// idnaProfile maps as RFC 5895 and UTS #46 say, non-transitional: ß stays ß, the
// ideographic and full-width dots are dots, upper case is lower case. STD3 is
// off because Cloudflare stores names with underscores; checkLabel is stricter
// about everything else.
func idnaProfile() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false),
		idna.StrictDomainName(false), idna.CheckHyphens(false))
}

// ParseName reads a name as a person writes it: any case, with or without the
// trailing dot, in Unicode or in Punycode.
func ParseName(s string) (Name, error) {
	refuse := func(why string) (Name, error) { return Name{}, fmt.Errorf("%q is not a domain name: %s", s, why) }
	if strings.TrimSpace(s) == "" {
		return refuse("it is empty")
	}
	if !utf8.ValidString(s) {
		return refuse("it is not valid UTF-8")
	}
	if len(s) > maxUnicodeName {
		return refuse(fmt.Sprintf("it is longer than %d characters", maxName))
	}
	rest, wildcard := cutWildcard(s)
	ascii, err := idnaProfile().ToASCII(rest)
	if err != nil {
		return refuse(strings.TrimPrefix(err.Error(), "idna: "))
	}
	ascii = strings.TrimSuffix(ascii, ".")
	if wildcard {
		ascii = "*." + ascii
	}
	if len(ascii) > maxName {
		return refuse(fmt.Sprintf("it is longer than %d characters", maxName))
	}
	labels := strings.Split(ascii, ".")
	if len(labels) < 2 || (wildcard && len(labels) < 3) {
		return refuse("it needs at least two labels, such as example.org")
	}
	for i, l := range labels {
		if wildcard && i == 0 {
			continue
		}
		if err := checkLabel(l); err != nil {
			return refuse(err.Error())
		}
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return refuse("its last label is a number, as in an address")
	}
	return Name{ascii}, nil
}

// cutWildcard takes a leading "*" label off; the dot behind it may be any of
// the four that count as one (UTS #46, section 4).
func cutWildcard(s string) (rest string, wildcard bool) {
	for _, dot := range []string{".", "。", "．", "｡"} {
		if rest, ok := strings.CutPrefix(s, "*"+dot); ok {
			return rest, true
		}
	}
	return s, false
}

func checkLabel(l string) error {
	switch {
	case l == "":
		return errors.New("a label is empty")
	case len(l) > maxLabel:
		return fmt.Errorf("a label is longer than %d characters", maxLabel)
	case l[0] == '-' || l[len(l)-1] == '-':
		return fmt.Errorf("the label %q begins or ends with a hyphen", l)
	}
	for _, c := range []byte(l) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return fmt.Errorf("the label %q has a %q in it", l, c)
		}
	}
	return nil
}

// String returns n in ASCII, as the DNS and every API write it.
func (n Name) String() string { return n.ascii }

// Describe returns n for a person: in Unicode where that reads back as the same name.
func (n Name) Describe() string {
	rest, wildcard := strings.CutPrefix(n.ascii, "*.")
	u, err := idnaProfile().ToUnicode(rest)
	if err != nil {
		return n.ascii
	}
	if wildcard {
		u = "*." + u
	}
	if back, err := ParseName(u); err != nil || back != n {
		return n.ascii
	}
	return u
}

func (n Name) IsZero() bool     { return n.ascii == "" }
func (n Name) IsWildcard() bool { return strings.HasPrefix(n.ascii, "*.") }

// Parent returns n without its first label; ok is false when that would leave a
// single label.
func (n Name) Parent() (parent Name, ok bool) {
	_, rest, _ := strings.Cut(n.ascii, ".")
	if !strings.Contains(rest, ".") {
		return Name{}, false
	}
	return Name{rest}, true
}

// IsWithin reports whether n is the zone itself or lies below it.
func (n Name) IsWithin(zone Name) bool {
	head, ok := strings.CutSuffix(n.ascii, zone.ascii)
	return ok && !zone.IsZero() && (head == "" || strings.HasSuffix(head, "."))
}

// Compare orders names by their ASCII form.
func (n Name) Compare(m Name) int { return cmp.Compare(n.ascii, m.ascii) }

func (n Name) MarshalText() ([]byte, error) { return []byte(n.ascii), nil }
