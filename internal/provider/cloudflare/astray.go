package cloudflare

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// astray is a record that Cloudflare made under another name: what does not end
// in the name of the zone, it takes for a name below the zone. That happens
// where the zone of a configured id could not be read and is another one.
type astray struct{ id, name string }

// astray is r if its name is a wanted one with more behind it.
func (r *row) astray(w which) (identity, astray, bool) {
	word, _ := r.Type.text()
	kind, known := typeOf(word)
	says := dataOf(kind, r.Content.String())
	full := r.Name.String()
	if !known || !says.Addr.IsValid() && kind != dns.TXT || !isID(r.ID.String()) {
		return identity{}, astray{}, false
	}
	for i := strings.LastIndexByte(full, '.'); i > 0; i = strings.LastIndexByte(full[:i], '.') {
		if name, ok := w.at(kind).find([]byte(full[:i])); ok {
			return identity{dns.Key{Name: name, Type: kind}, says}, astray{r.ID.String(), printable(full)}, true
		}
	}
	return identity{}, astray{}, false
}

// takeBack removes what went astray: it is homing's own beyond doubt, because
// its id came with the answer to the call that made it.
func (j *job) takeBack(c *plan.Change, made astray) provider.Result {
	_, err := j.p.client.do(j.grace, call{what: "remove " + made.name + " again", method: http.MethodDelete,
		path: j.path("/" + made.id), gone: provider.Stale, result: deleted(made.id)})
	why := fmt.Errorf("%s: the zone with this id is not the one of %s; Cloudflare made %s of it, which homing has removed again",
		describe(c), c.New.Name.Describe(), made.name)
	var hint text.Hint = "correct the zone id ({records.zone_id})"
	if err != nil {
		why = fmt.Errorf("%s: the zone with this id is not the one of %s; Cloudflare made %s of it, and that is still there: %w",
			describe(c), c.New.Name.Describe(), made.name, err)
		hint += ", and delete that record in the dashboard"
	}
	return provider.Result{Err: &provider.Error{Kind: provider.Rejected, Err: why, Hint: hint}}
}
