package engine

import (
	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// neighbourCondition returns the condition of a machine of the network that is not known. It
// is no failure: most machines are off now and then, and nobody reaches one that
// is by whatever address.
func neighbourCondition(of plan.Origin, seen addr.Observation) status.Condition {
	return status.Condition{Code: status.NeighbourAway, Subject: of.String(),
		Text: "its address is not known, and its records stay unchanged: " + seen.Why().Error(),
		Hint: "if the MAC address is right, this resolves once that machine talks to this one; if it never does, set its host: {records.ipv6_host=::10}"}
}
