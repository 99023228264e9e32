package route53test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxValues = 1000
	maxChars  = 32000
	setValues = 400
	zoneSets  = 10000
)

// edit is one change of a batch.
type edit struct {
	action string
	set    Set
}

// change carries out all of a batch or nothing, and says why not.
func (f *Server) change(id, body string) answer {
	z := f.zone(id)
	if z == nil {
		return noZone(id)
	}
	edits, malformed := editsOf(body)
	if malformed != "" {
		return refuse(http.StatusBadRequest, "InvalidInput", malformed)
	}
	if f.busy > 0 {
		f.busy--
		return refuse(http.StatusBadRequest, "PriorRequestNotComplete", "The request was rejected because Route 53 was still processing a prior request.")
	}
	if over := tooMuch(edits); over != "" {
		return refuse(http.StatusBadRequest, "InvalidChangeBatch", "["+over+"]")
	}
	next := &zone{name: z.name, sets: slices.Clone(z.sets)}
	var refused []string
	for _, e := range edits {
		if why := next.apply(e); why != "" {
			refused = append(refused, why)
		}
	}
	if len(next.sets) > zoneSets {
		refused = append(refused, "Exceeded limit MAX_RRSETS_BY_ZONE for zone: "+id)
	}
	if len(refused) > 0 {
		return refuse(http.StatusBadRequest, "InvalidChangeBatch", "["+strings.Join(refused, ", ")+"]")
	}
	z.sets = next.sets
	change := fmt.Sprintf("C%08dXYZ", len(f.changes)+1)
	f.changes[change] = false
	return answer{http.StatusOK, "<ChangeResourceRecordSetsResponse" + namespace + ">" + changeInfo(change, false) + "</ChangeResourceRecordSetsResponse>"}
}

// tooMuch says whether a batch holds more than one may.
func tooMuch(edits []edit) string {
	values, chars := 0, 0
	for _, e := range edits {
		n, c := len(e.set.Values), 0
		for _, v := range e.set.Values {
			c += utf8.RuneCountInString(v)
		}
		if e.action == "UPSERT" {
			n, c = 2*n, 2*c
		}
		values, chars = values+n, chars+c
	}
	switch {
	case values > maxValues:
		return "Number of records limit of 1000 exceeded."
	case chars > maxChars:
		return "RDATA character limit of 32000 exceeded."
	}
	return ""
}

// apply makes one change, or says why not.
func (z *zone) apply(e edit) string {
	s := e.set
	if s.Name != z.name && !strings.HasSuffix(s.Name, "."+z.name) {
		return fmt.Sprintf("RRSet with DNS name %s is not permitted in zone %s", escaped(s.Name), escaped(z.name))
	}
	at := z.find(s)
	what := fmt.Sprintf("Tried to %s resource record set [name='%s', type='%s']", strings.ToLower(e.action), escaped(s.Name), s.Type)
	switch {
	case e.action == "DELETE" && at < 0:
		return what + " but it was not found"
	case e.action == "DELETE" && !z.sets[at].same(s):
		return what + " but the values provided do not match the current values"
	case e.action == "DELETE" && s.Name == z.name && (s.Type == "NS" || s.Type == "SOA"):
		return "A HostedZone must contain exactly one SOA record and at least one NS record."
	case e.action == "DELETE":
		z.sets = slices.Delete(z.sets, at, at+1)
		return ""
	case e.action == "CREATE" && at >= 0:
		return what + " but it already exists"
	}
	if why := z.unfit(s); why != "" {
		return why
	}
	if at >= 0 {
		z.sets[at] = s
	} else {
		z.put(s)
	}
	return ""
}

// same says whether a set is what is to be deleted: values count as they are
// written, in any order.
func (s Set) same(o Set) bool {
	a, b := slices.Sorted(slices.Values(s.Values)), slices.Sorted(slices.Values(o.Values))
	return s.TTL == o.TTL && !s.policy() && slices.Equal(a, b)
}

// unfit is why a set cannot stand beside the others.
func (z *zone) unfit(s Set) string {
	if s.Type == "CNAME" && s.Name == z.name {
		return fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", escaped(s.Name), escaped(z.name))
	}
	for _, o := range z.sets {
		if o.Name == s.Name && o.Type != s.Type && (o.Type == "CNAME" || s.Type == "CNAME") || o.Name == s.Name && o.Type == s.Type && o.policy() {
			return fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s", s.Type, escaped(s.Name), escaped(z.name))
		}
	}
	for i, v := range s.Values {
		if slices.Contains(s.Values[:i], v) {
			return "Duplicate Resource Record: '" + v + "'"
		}
		if problem := wrong(s.Type, v); problem != "" {
			return "Invalid Resource Record: 'FATAL problem: " + problem + " encountered with '" + v + "''"
		}
	}
	if len(s.Values) > setValues {
		return fmt.Sprintf("Cannot have more than %d records in a RRSet.", setValues)
	}
	return ""
}

// wrong is what is wrong with a value.
func wrong(kind, v string) string {
	a, err := netip.ParseAddr(v)
	switch {
	case kind == "A" && (err != nil || !a.Is4()):
		return "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"
	case kind == "AAAA" && (err != nil || !a.Is6() || a.Zone() != ""):
		return "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"
	case kind == "TXT":
		return wrongText(v)
	}
	return ""
}

// wrongText reads strings in quotes with octal escapes, of at most 255 octets.
func wrongText(v string) string {
	for v = strings.TrimSpace(v); v != ""; v = strings.TrimLeft(v, " ") {
		if v[0] != '"' {
			return "InvalidCharacterString (Value should be enclosed in quotation marks)"
		}
		n, i := 0, 1
		for ; i < len(v) && v[i] != '"'; i, n = i+1, n+1 {
			switch {
			case v[i] < ' ' || v[i] > '~':
				return "InvalidCharacterString (Unescaped special character)"
			case v[i] == '\\' && i+3 < len(v) && v[i+1] >= '0' && v[i+1] <= '9':
				if _, err := strconv.ParseUint(v[i+1:i+4], 8, 8); err != nil {
					return "InvalidCharacterString (Bad octal escape)"
				}
				i += 3
			case v[i] == '\\':
				i++
			}
		}
		if i >= len(v) {
			return "InvalidCharacterString (Value should be enclosed in quotation marks)"
		}
		if n > 255 {
			return "CharacterStringTooLong (Value is too long)"
		}
		v = v[i+1:]
	}
	return ""
}
