package notify

import (
	"net/netip"
	"testing"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

func TestAListThatChangedIsToldByItself(t *testing.T) {
	r := round(0)
	item := plan.ListItem{Prefix: netip.MustParsePrefix("203.0.113.7/32")}
	r.Lists = []status.List{{Name: "home", Done: []status.ListDone{{ListChange: plan.ListChange{Action: plan.ToCreate, Item: item}}}}}
	m, ok := changedMessage(&r, happened(r), after(r))
	if !ok || m.Title != "homing: 1 list item changed" || m.Body != "created 203.0.113.7/32 in the list home" {
		t.Errorf("%v %+v", ok, m)
	}
}
