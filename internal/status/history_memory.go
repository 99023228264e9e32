package status

import (
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// memoryStep is how many changes are taken together: a Memory is copied each time.
const memoryStep = 1000

// Memory is what the history says of homing's own writing: what each family's
// addresses were, and what was written at these RRsets. It is a hint which of
// several records is homing's, the one thing the history may decide, and never
// one whether anything is changed.
func (h *History) Memory(keys []dns.Key) (plan.Memory, error) {
	var m plan.Memory
	at := make(map[string]dns.Key)
	for _, k := range keys {
		at[string(k.Type)+" "+k.Name.String()] = k
	}
	var written []plan.Change
	_, err := h.read(time.Time{}, func(e *entry) {
		switch e.Kind {
		case entryAddress:
			m = m.Published(e.origin(), e.observation(), e.At)
		case entryPublished:
			written = append(written, e.changes(at)...)
			if len(written) > memoryStep {
				m, written = m.Written(written...), written[:0]
			}
		}
	})
	return m.Written(written...), err
}

// observation is the addresses of an Address entry.
func (e *entry) observation() addr.Observation {
	var prefixes []netip.Prefix
	for _, s := range e.Addresses {
		if a, err := netip.ParseAddr(s); err == nil {
			bits := 32
			if a.Is6() {
				bits = 64 // as an address comes that says nothing of its prefix
			}
			prefixes = append(prefixes, netip.PrefixFrom(a, bits))
		}
	}
	return addr.Known(prefixes...)
}

// changes is those that a Published entry tells of, at these RRsets, which are
// found by their type and name.
func (e *entry) changes(at map[string]dns.Key) []plan.Change {
	if e.List != "" {
		return nil
	}
	before, after := e.data(e.Old), e.data(e.New)
	var changes []plan.Change
	for _, n := range e.Names {
		if k, wanted := at[e.Type+" "+n]; wanted {
			old := dns.Record{Name: k.Name, Type: k.Type}.WithData(before)
			next := dns.Record{Name: k.Name, Type: k.Type}.WithData(after)
			changes = append(changes, plan.Change{Action: action(e.Action), Old: old, New: next})
		}
	}
	return changes
}

// data is a content of the entry, as a record says it.
func (e *entry) data(content string) dns.Data {
	if e.Type == string(dns.TXT) {
		return dns.Data{Text: content}
	}
	a, _ := netip.ParseAddr(content)
	return dns.Data{Addr: a}
}

func action(word string) plan.Action {
	return map[string]plan.Action{"create": plan.ToCreate, "update": plan.ToUpdate, "delete": plan.ToDelete}[word]
}
