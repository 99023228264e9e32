package route53test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const namespace = ` xmlns="https://route53.amazonaws.com/doc/2013-04-01/"`

func tag(name, text string) string {
	return "<" + name + ">" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text) + "</" + name + ">"
}

// page is how many things are asked for; 0 where that cannot be.
func page(q url.Values, most int, known ...string) int {
	for name := range q {
		if name != "maxitems" && !slices.Contains(known, name) {
			return 0
		}
	}
	if !q.Has("maxitems") {
		return most
	}
	n, err := strconv.Atoi(q.Get("maxitems"))
	if err != nil || n < 1 {
		return 0
	}
	return min(n, most)
}

func (z *zone) xml() string {
	return "<HostedZone>" + tag("Id", "/hostedzone/"+z.id) + tag("Name", z.name) + tag("CallerReference", "ref-"+z.id) +
		"<Config>" + tag("PrivateZone", strconv.FormatBool(z.private)) + "</Config>" + tag("ResourceRecordSetCount", strconv.Itoa(len(z.sets))) + "</HostedZone>"
}

func (f *Server) listZones(q url.Values) answer {
	n, marker := page(q, 100, "marker"), q.Get("marker")
	if n == 0 {
		return refuse(http.StatusBadRequest, "InvalidInput", "1 validation error detected")
	}
	from := 0
	if marker != "" {
		from = slices.IndexFunc(f.zones, func(z *zone) bool { return z.id == marker })
	}
	if from < 0 {
		return refuse(http.StatusBadRequest, "NoSuchHostedZone", "No hosted zone found with ID: "+marker)
	}
	var b strings.Builder
	b.WriteString("<ListHostedZonesResponse" + namespace + "><HostedZones>")
	end := min(from+n, len(f.zones))
	for _, z := range f.zones[from:end] {
		b.WriteString(z.xml())
	}
	b.WriteString("</HostedZones>")
	if marker != "" {
		b.WriteString(tag("Marker", marker))
	}
	b.WriteString(tag("IsTruncated", strconv.FormatBool(end < len(f.zones))))
	if end < len(f.zones) {
		b.WriteString(tag("NextMarker", f.zones[end].id))
	}
	b.WriteString(tag("MaxItems", strconv.Itoa(n)) + "</ListHostedZonesResponse>")
	return answer{http.StatusOK, b.String()}
}

func noZone(id string) answer {
	return refuse(http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: "+id)
}

func (f *Server) getZone(id string) answer {
	z := f.zone(id)
	if z == nil {
		return noZone(id)
	}
	return answer{http.StatusOK, "<GetHostedZoneResponse" + namespace + ">" + z.xml() +
		"<DelegationSet><NameServers><NameServer>ns-1.awsdns-00.com</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>"}
}

func (f *Server) getChange(id string) answer {
	done, known := f.changes[id]
	if !known {
		return refuse(http.StatusNotFound, "NoSuchChange", "Could not find resource with ID: "+id)
	}
	return answer{http.StatusOK, "<GetChangeResponse" + namespace + ">" + changeInfo(id, done) + "</GetChangeResponse>"}
}

func changeInfo(id string, done bool) string {
	status := "PENDING"
	if done {
		status = "INSYNC"
	}
	return "<ChangeInfo>" + tag("Id", "/change/"+id) + tag("Status", status) + tag("SubmittedAt", "2026-11-29T12:00:00.000Z") + "</ChangeInfo>"
}

func (f *Server) listSets(id string, q url.Values) answer {
	z := f.zone(id)
	n := page(q, 300, "name", "type", "identifier")
	name, kind, ident := lower(q.Get("name")), q.Get("type"), q.Get("identifier")
	switch {
	case z == nil:
		return noZone(id)
	case n == 0, kind != "" && name == "", ident != "" && kind == "":
		return refuse(http.StatusBadRequest, "InvalidInput", "The request is not valid")
	}
	from := 0
	if name != "" {
		from = slices.IndexFunc(z.sets, func(s Set) bool { return s.compare(name, kind, ident) >= 0 })
	}
	if from < 0 {
		from = len(z.sets)
	}
	end := min(from+n, len(z.sets))
	var b strings.Builder
	b.WriteString("<ListResourceRecordSetsResponse" + namespace + "><ResourceRecordSets>")
	for i := from; i < end; i++ {
		z.sets[i].write(&b)
	}
	b.WriteString("</ResourceRecordSets>" + tag("IsTruncated", strconv.FormatBool(end < len(z.sets))))
	if end < len(z.sets) {
		next := z.sets[end]
		b.WriteString(tag("NextRecordName", escaped(next.Name)) + tag("NextRecordType", next.Type))
		if next.ID != "" {
			b.WriteString(tag("NextRecordIdentifier", next.ID))
		}
	}
	b.WriteString(tag("MaxItems", strconv.Itoa(n)) + "</ListResourceRecordSetsResponse>")
	return answer{http.StatusOK, b.String()}
}

func (s *Set) write(b *strings.Builder) {
	b.WriteString("<ResourceRecordSet>" + tag("Name", escaped(s.Name)) + tag("Type", s.Type))
	for _, f := range []struct{ name, text string }{{"SetIdentifier", s.ID}, {"Region", s.Region}, {"Failover", s.Failover}} {
		if f.text != "" {
			b.WriteString(tag(f.name, f.text))
		}
	}
	if s.Weight > 0 {
		b.WriteString(tag("Weight", strconv.Itoa(s.Weight)))
	}
	if s.Country != "" {
		b.WriteString("<GeoLocation>" + tag("CountryCode", s.Country) + "</GeoLocation>")
	}
	if s.MultiValue {
		b.WriteString(tag("MultiValueAnswer", "true"))
	}
	if s.Alias != "" {
		b.WriteString("<AliasTarget>" + tag("HostedZoneId", "Z2FDTNDATAQYW2") + tag("DNSName", s.Alias) + tag("EvaluateTargetHealth", "false") + "</AliasTarget>")
	} else {
		b.WriteString(tag("TTL", strconv.Itoa(s.TTL)) + "<ResourceRecords>")
		for _, v := range s.Values {
			b.WriteString("<ResourceRecord>" + tag("Value", v) + "</ResourceRecord>")
		}
		b.WriteString("</ResourceRecords>")
	}
	if s.HealthCheck != "" {
		b.WriteString(tag("HealthCheckId", s.HealthCheck))
	}
	b.WriteString("</ResourceRecordSet>")
}

// escaped is a name as the API writes it: all but letters, digits, hyphens,
// underscores and dots as octal numbers.
func escaped(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7})
	}
	return b.String()
}

// lower is a name as it is kept: in lower case, with the dot, without escapes.
func lower(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '\\' && i+3 < len(name) {
			n, _ := strconv.ParseUint(name[i+1:i+4], 8, 8)
			b.WriteByte(byte(n))
			i += 3
			continue
		}
		b.WriteByte(name[i])
	}
	if s := strings.ToLower(b.String()); s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return strings.ToLower(b.String()) + "."
}
