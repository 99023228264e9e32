package notify

import (
	"strings"

	"github.com/homing-dns/homing/internal/status"
)

// blind says whether r could not have found c, even if it still is so: nothing
// is known of a record while its zone is not read or its address not known.
func blind(r status.Round, c status.Condition) bool {
	switch c.Code {
	case status.AddressUnknown, status.AddressDoubted:
		return unknown(r, c.Subject)
	case status.ZonesUnread:
		return lost(r)
	}
	for _, d := range r.Conditions {
		if d.Code == status.ZonesUnread || d.Code == status.ZoneFailed && strings.HasSuffix(c.Subject, d.Subject) {
			return true
		}
	}
	switch c.Key.Type {
	case "A":
		return unknown(r, "IPv4")
	case "AAAA":
		return unknown(r, "IPv6")
	}
	return lost(r)
}

// unknown says whether r looked for a family and did not learn its address.
func unknown(r status.Round, family string) bool {
	for f, o := range r.Seen {
		if f.String() == family {
			return !o.Known()
		}
	}
	return false
}

// lost says whether r learnt no address at all, and so had nothing to do.
func lost(r status.Round) bool {
	for _, o := range r.Seen {
		if o.Known() {
			return false
		}
	}
	return len(r.Seen) > 0
}
