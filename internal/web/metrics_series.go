package web

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// of is a metric of an origin with its labels. A site with a name has metrics of
// its own, so that those without the label go on to say what they said.
func of(o plan.Origin, name string, labels ...string) (string, []string) {
	labels = append(labels, "family", label(o.Family))
	if o.Site == "" {
		return "homing_" + name, labels
	}
	return "homing_site_" + name, append(labels, "site", o.Site)
}

func seriesOf(o plan.Origin, name string) string {
	name, labels := of(o, name)
	return series(name, labels...)
}

// series is a metric with its labels, name and value in turn. Prometheus knows
// three escapes in a value; any other, as Go writes them, spoils the whole answer.
func series(name string, labels ...string) string {
	var b bytes.Buffer
	b.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		fmt.Fprintf(&b, `%s="%s"`, labels[i], escaped(plain(labels[i+1])))
	}
	if len(labels) > 0 {
		b.WriteByte('}')
	}
	return b.String()
}

// escaped is a value of a label as it is written.
func escaped(s string) string {
	if !strings.ContainsAny(s, "\\\"\n") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}

func label(f addr.Family) string {
	if f == addr.IPv6 {
		return "ipv6"
	}
	return "ipv4"
}
