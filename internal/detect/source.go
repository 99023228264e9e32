// Package detect asks sources for the addresses of the place homing runs in.
// One kind of source is one file; Panel asks those of one family and lets the
// rules of package addr decide what is believed.
package detect

import (
	"context"

	"github.com/homing-dns/homing/internal/addr"
)

// A Source can be asked for the addresses of a family. Its methods may be
// called side by side.
type Source interface {
	// Name is the source as a person would type it: "cloudflare.trace".
	Name() string
	// Operator is who runs it; sources of one operator share one vote.
	Operator() string
	// Observe returns soon after ctx is done, and leaves nothing behind. The
	// Observation carries the votes it came from, with the way that was asked;
	// one that is not known says why.
	Observe(ctx context.Context, f addr.Family) addr.Observation
}

// Ways is implemented by a Source that can be reached by several routes. Each
// route is a Source of its own, whose votes name it in Voter.Way.
type Ways interface {
	Ways() []Source
}
