package provider

import (
	"context"

	"github.com/homing-dns/homing/internal/plan"
)

// Lists is implemented by a Provider whose host keeps IP lists. Its methods may
// be called side by side for different lists; for one list one call at a time.
// Every error is, or wraps, an *Error.
type Lists interface {
	// List reads a list. One that is not there comes back without an ID and
	// without items; an error means that nothing is known about it.
	List(ctx context.Context, wanted plan.List) (List, error)

	// ApplyList makes the list where held has no ID and something is to be put
	// into it, adds what is to be created, then removes what is to be deleted: nothing is removed when the
	// adding failed. It returns once the host says that all is done, with the
	// list as it was read again after that. Once ctx is done no write is begun.
	//
	// With an error the list that comes back means nothing, and some of the
	// changes may have happened. Stale says that the list is not as held has
	// it: an item to be created stands there by now, or one to be deleted is
	// another by now. Nobody's item is written over.
	ApplyList(ctx context.Context, wanted plan.List, held List, changes []plan.ListChange) (List, error)
}

// List is an IP list as the host holds it.
type List struct {
	ID     string // empty: it is not there
	Items  []plan.ListItem
	Limits plan.ListLimits // also of one that is not there
}
