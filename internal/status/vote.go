package status

import (
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
)

// Vote is what one source said of a family, as scripts read it.
type Vote struct {
	Source    string       `json:"source"`
	Operator  string       `json:"operator"`
	Way       string       `json:"way"`
	Known     bool         `json:"known"`
	Agrees    bool         `json:"agrees"` // with what is believed
	Addresses []netip.Addr `json:"addresses"`
	Why       string       `json:"why,omitempty"`
	TookMS    int64        `json:"took_ms"`
}

// Votes are those of an observation.
func Votes(o addr.Observation) []Vote {
	votes := []Vote{}
	for _, v := range o.Votes() {
		votes = append(votes, Vote{v.Source, v.Operator, v.Route, v.Said.Known(), v.Said.Same(o), v.Said.Addrs(), textOf(v.Said.Why()), v.Took.Milliseconds()})
	}
	return votes
}
