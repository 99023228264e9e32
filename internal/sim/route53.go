package sim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Route53 is the part of the API of Amazon Route 53 (2013-04-01) that the demo
// needs, over the same zones and records as a Cloudflare: public hosted zones,
// RRsets in pages, and change batches of which all is done or nothing. It is no
// fake to test a client with: it does not check signatures, and its changes are
// INSYNC at once. internal/provider/route53/route53test is one.
type Route53 struct {
	store *Cloudflare
	key   string
}

// NewRoute53 makes another API for the zones of a Cloudflare, for who has this access
// key.
func NewRoute53(c *Cloudflare, keyID string) *Route53 { return &Route53{c, keyID} }

func (a *Route53) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.store.serveWithFaults(w, r, func(r *http.Request, body []byte, _ func(*Record)) response {
		a.store.mu.Lock()
		defer a.store.mu.Unlock()
		return a.handle(r, string(body))
	})
}

const setsPerPage = 300 // the most sets in one answer

func (a *Route53) handle(r *http.Request, body string) response {
	path := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/2013-04-01/"), "/"), "/")
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+a.key+"/") {
		return errorResponse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid")
	}
	if r.Method == http.MethodGet && len(path) == 1 && path[0] == "hostedzone" {
		return a.listZones()
	}
	if len(path) != 3 || path[0] != "hostedzone" || path[2] != "rrset" {
		return errorResponse(http.StatusNotFound, "UnknownOperationException", "")
	}
	z := a.findZone(path[1])
	switch {
	case z == nil:
		return errorResponse(http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: "+path[1])
	case r.Method == http.MethodPost:
		return a.changeBatch(z, body)
	case r.Method != http.MethodGet:
		return errorResponse(http.StatusNotFound, "UnknownOperationException", "")
	}
	q := r.URL.Query()
	most, err := strconv.Atoi(cmp.Or(q.Get("maxitems"), "300"))
	for k := range q {
		if !strings.Contains(" maxitems name type ", " "+k+" ") || err != nil || most < 1 {
			return errorResponse(http.StatusBadRequest, "InvalidInput", k)
		}
	}
	return a.listSets(rrsetsOf(z), min(most, setsPerPage), q.Get("name"), q.Get("type"))
}

// route53ZoneID returns the id of a zone as Route 53 has them.
func route53ZoneID(z *zone) string { return "Z" + strings.ToUpper(z.ID[:13]) }

// findZone returns the zone with this id; nil where there is none.
func (a *Route53) findZone(id string) *zone {
	for _, z := range a.store.zones {
		if route53ZoneID(z) == id {
			return z
		}
	}
	return nil
}

func (a *Route53) listZones() response {
	var b strings.Builder
	for _, z := range a.store.zones {
		fmt.Fprintf(&b, "<HostedZone><Id>/hostedzone/%s</Id><Name>%s.</Name><CallerReference>demo</CallerReference><Config><PrivateZone>false</PrivateZone></Config>"+
			"<ResourceRecordSetCount>%d</ResourceRecordSetCount></HostedZone>", route53ZoneID(z), z.Name, len(rrsetsOf(z)))
	}
	return xmlResponse("ListHostedZonesResponse", "<HostedZones>"+b.String()+"</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>")
}

// rrset53 is an RRset: all records of a name and type.
type rrset53 struct {
	name, kind string // with the dot at the end
	ttl        int
	values     []string // sorted
}

// rrsetsOf returns what a zone holds, in the order of the API: by names with their labels
// reversed, and types.
func rrsetsOf(z *zone) (sets []*rrset53) {
	known := make(map[[2]string]*rrset53)
	for i := range z.records {
		r := &z.records[i]
		k := [2]string{r.Name, r.Type}
		s := known[k]
		if s == nil {
			s = &rrset53{name: r.Name + ".", kind: r.Type}
			known[k], sets = s, append(sets, s)
		}
		s.addRecord(r)
	}
	sort.Slice(sets, func(i, j int) bool { return sets[i].compare(sets[j].name, sets[j].kind) < 0 })
	for _, s := range sets {
		slices.Sort(s.values)
	}
	return sets
}

// addRecord is for a record of the set. The TTL of all is that of the first.
func (s *rrset53) addRecord(r *Record) {
	if s.values == nil {
		s.ttl = r.TTL
	}
	s.values = append(s.values, r.Content)
}

func (s *rrset53) compare(name, kind string) int {
	return cmp.Or(cmp.Compare(reverseLabels(s.name), reverseLabels(name)), cmp.Compare(s.kind, kind))
}

func reverseLabels(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// listSets answers with a page of sets, from a name and type on.
func (a *Route53) listSets(sets []*rrset53, most int, name, kind string) response {
	from := 0
	if name != "" {
		from = sort.Search(len(sets), func(i int) bool { return sets[i].compare(name, kind) >= 0 })
	}
	end := min(from+most, len(sets))
	var b strings.Builder
	b.WriteString("<ResourceRecordSets>")
	for _, s := range sets[from:end] {
		fmt.Fprintf(&b, "<ResourceRecordSet><Name>%s</Name><Type>%s</Type><TTL>%d</TTL><ResourceRecords>", s.name, s.kind, s.ttl)
		for _, v := range s.values {
			b.WriteString("<ResourceRecord><Value>" + v + "</Value></ResourceRecord>")
		}
		b.WriteString("</ResourceRecords></ResourceRecordSet>")
	}
	fmt.Fprintf(&b, "</ResourceRecordSets><IsTruncated>%v</IsTruncated>", end < len(sets))
	if end < len(sets) {
		b.WriteString("<NextRecordName>" + sets[end].name + "</NextRecordName><NextRecordType>" + sets[end].kind + "</NextRecordType>")
	}
	fmt.Fprintf(&b, "<MaxItems>%d</MaxItems>", most)
	return xmlResponse("ListResourceRecordSetsResponse", b.String())
}

// changeBatch carries out all of a batch or nothing.
func (a *Route53) changeBatch(z *zone, body string) response {
	if !strings.Contains(body, "<ChangeResourceRecordSetsRequest") {
		return errorResponse(http.StatusBadRequest, "InvalidInput", "Invalid XML")
	}
	left := z.records // apply changes none of them in place
	var why []string
	for _, part := range strings.Split(body, "<Change>")[1:] {
		s := rrset53{name: elementText(part, "Name"), kind: elementText(part, "Type")}
		s.ttl, _ = strconv.Atoi(elementText(part, "TTL"))
		for _, v := range strings.Split(part, "<ResourceRecord>")[1:] {
			s.values = append(s.values, elementText(v, "Value"))
		}
		slices.Sort(s.values)
		var no string
		if left, no = a.applyChange(left, elementText(part, "Action"), &s); no != "" {
			why = append(why, no)
		}
	}
	if len(why) > 0 {
		return errorResponse(http.StatusBadRequest, "InvalidChangeBatch", "["+strings.Join(why, ", ")+"]")
	}
	z.records = left
	return xmlResponse("ChangeResourceRecordSetsResponse", "<ChangeInfo><Id>/change/C1DEMO</Id><Status>INSYNC</Status><SubmittedAt>2026-11-29T12:00:00.000Z</SubmittedAt></ChangeInfo>")
}

// elementText returns the text of the first element of this name.
func elementText(s, name string) string {
	_, after, _ := strings.Cut(s, "<"+name+">")
	text, _, _ := strings.Cut(after, "</")
	return text
}

// applyChange makes one change of records, or says why not.
func (a *Route53) applyChange(records []Record, action string, s *rrset53) (left []Record, why string) {
	name := strings.TrimSuffix(s.name, ".")
	var stands rrset53
	conflict := false
	for i := range records {
		r := &records[i]
		if r.Name == name && r.Type == s.kind {
			stands.addRecord(r)
			continue
		}
		conflict = conflict || r.Name == name && (r.Type == "CNAME") != (s.kind == "CNAME")
		left = append(left, *r)
	}
	slices.Sort(stands.values)
	what := fmt.Sprintf("Tried to %s resource record set [name='%s', type='%s'] ", strings.ToLower(action), s.name, s.kind)
	switch {
	case action != "CREATE" && action != "DELETE" || s.ttl < 1 || len(s.values) == 0:
		return records, "Invalid request"
	case action == "DELETE" && stands.values == nil:
		return records, what + "but it was not found"
	case action == "DELETE" && (stands.ttl != s.ttl || !slices.Equal(stands.values, s.values)):
		return records, what + "but the values provided do not match the current values"
	case action == "DELETE":
		return left, ""
	case stands.values != nil:
		return records, what + "but it already exists"
	case conflict:
		return records, fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted as it conflicts with other records with the same DNS name", s.kind, s.name)
	}
	for _, v := range s.values {
		left = append(left, Record{ID: a.store.newID(), Type: s.kind, Name: name, Content: v, TTL: s.ttl})
	}
	return left, ""
}

func xmlResponse(root, inner string) response {
	return response{http.StatusOK, http.Header{"Content-Type": {"text/xml"}}, []byte(`<?xml version="1.0"?>` + "\n<" + root + ` xmlns="https://route53.amazonaws.com/doc/2013-04-01/">` + inner + "</" + root + ">")}
}

func errorResponse(status int, code, message string) response {
	a := xmlResponse("ErrorResponse", "<Error><Type>Sender</Type><Code>"+code+"</Code><Message>"+message+"</Message></Error><RequestId>demo</RequestId>")
	a.status = status
	return a
}
