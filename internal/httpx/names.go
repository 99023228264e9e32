package httpx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Unresolved is a request that was given up while its host was still being
// looked up: the time was over, and nothing else would say what it went by on.
type Unresolved struct {
	Host string
	Err  error // why it was given up
}

func (e *Unresolved) Error() string {
	return fmt.Sprintf("no name server answered for %s: %v", e.Host, e.Err)
}

func (e *Unresolved) Unwrap() error { return e.Err }

// IsLookupFailure reports whether err is a lookup that no name server answered, or none
// sensibly. That a name does not exist is an answer.
func IsLookupFailure(err error) bool {
	_, given := errors.AsType[*Unresolved](err)
	lookup, failed := errors.AsType[*net.DNSError](err)
	return given || failed && !lookup.IsNotFound
}

// lookupTrace is what became of the lookups for one request.
type lookupTrace struct{ begun, answered atomic.Bool }

func (a *lookupTrace) withTrace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { a.begun.Store(true) },
		DNSDone: func(i httptrace.DNSDoneInfo) {
			if i.Err == nil {
				a.answered.Store(true)
			}
		},
	})
}

func (a *lookupTrace) explainError(r *http.Request, err error) error {
	if err != nil && r.Context().Err() != nil && a.begun.Load() && !a.answered.Load() {
		return &Unresolved{r.URL.Hostname(), err}
	}
	return err
}
