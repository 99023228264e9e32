//go:build check

package powerdns

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
)

// watched notes the calls that go through it.
type watched struct {
	next http.RoundTripper

	mu    sync.Mutex
	calls []pdnstest.Call
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case r.Method == http.MethodPatch:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		w.note(pdnstest.Call{Sets: bytes.Count(body, []byte(`"changetype"`))})
		r.Body = io.NopCloser(bytes.NewReader(body))
	case strings.HasSuffix(r.URL.Path, "."):
		w.note(pdnstest.Call{})
	}
	return w.next.RoundTrip(r)
}

func (w *watched) note(c pdnstest.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
}

func (w *watched) take() []pdnstest.Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}
