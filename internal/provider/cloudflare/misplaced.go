package cloudflare

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// misplacedRecord is a record that Cloudflare made under another name: what does not end
// in the name of the zone, it takes for a name below the zone. That happens
// where the zone of a configured id could not be read and is another one.
type misplacedRecord struct{ id, name string }

// parseMisplaced returns r if its name is a wanted one with more behind it.
func (r *recordRow) parseMisplaced(w wantedRecords) (recordIdentity, misplacedRecord, bool) {
	word, _ := r.Type.asText()
	kind, known := parseType(word)
	says := parseData(kind, r.Content.String())
	full := r.Name.String()
	if !known || !says.Addr.IsValid() && kind != dns.TXT || !isValidID(r.ID.String()) {
		return recordIdentity{}, misplacedRecord{}, false
	}
	for i := strings.LastIndexByte(full, '.'); i > 0; i = strings.LastIndexByte(full[:i], '.') {
		if name, ok := w.namesOfType(kind).find([]byte(full[:i])); ok {
			return recordIdentity{dns.Key{Name: name, Type: kind}, says}, misplacedRecord{r.ID.String(), rest.Printable(full)}, true
		}
	}
	return recordIdentity{}, misplacedRecord{}, false
}

// deleteMisplaced removes what went astray: it is homing's own beyond doubt, because
// its id came with the answer to the call that made it.
func (j *applyJob) deleteMisplaced(c *plan.Change, made misplacedRecord) provider.Result {
	_, err := j.p.client.do(j.graceCtx, call{what: "remove " + made.name + " again", method: http.MethodDelete,
		path: j.recordsPath("/" + made.id), notFoundKind: provider.Stale, result: expectDeleted(made.id)})
	why := fmt.Errorf("%s: the zone with this id is not the one of %s; Cloudflare made %s of it, which homing has removed again",
		describeChange(c), c.New.Name.Describe(), made.name)
	var hint text.Hint = "correct the zone id ({records.zone_id})"
	if err != nil {
		why = fmt.Errorf("%s: the zone with this id is not the one of %s; Cloudflare made %s of it, and that is still there: %w",
			describeChange(c), c.New.Name.Describe(), made.name, err)
		hint += ", and delete that record in the dashboard"
	}
	return provider.Result{Err: &provider.Error{Kind: provider.Rejected, Err: why, Hint: hint}}
}
