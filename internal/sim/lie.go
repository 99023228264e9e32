package sim

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// Lie is how a host that is asked for the home's address answers wrongly. Each
// field adds one wrong; the zero value is the truth.
type Lie struct {
	Family addr.Family // told over this family only; zero: over both

	Addr netip.Addr   // another address: stale, invented, or of the other family
	More []netip.Addr // further addresses after the first
	Warp string       // the trace says warp=…
	Host string       // the trace says h=…

	Status   int           // another status
	Body     string        // another body, as text/html
	Pad      int           // so many more bytes after the body
	Redirect string        // to this URL; to itself, it is a loop
	Trickle  time.Duration // the body comes byte by byte, so far apart
	Hang     bool          // no answer until the client gives up
}

// Portal is a captive portal: 200, HTML, and an address that is not the home's.
func Portal() Lie {
	return Lie{Status: http.StatusOK, Body: "<html><body><h1>Welcome</h1>Log in from 198.18.0.1 or 192.168.1.23.\nip=192.168.1.23\n</body></html>"}
}

// answer answers with whatever is left of the truth.
func (l *Lie) answer(w http.ResponseWriter, r *http.Request, truth func() hostAnswer) {
	if l.Hang {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if l.Redirect != "" {
		w.Header().Set("Location", l.Redirect)
		w.WriteHeader(http.StatusFound)
		return
	}
	s := truth()
	if l.Body != "" {
		s.kind, s.body = "text/html", []byte(l.Body)
	}
	if l.Status != 0 {
		s.status = l.Status
	}
	s.body = append(s.body, strings.Repeat("\n", l.Pad)...)
	w.Header().Set("Content-Type", s.kind)
	w.WriteHeader(s.status)
	if l.Trickle == 0 {
		_, _ = w.Write(s.body) // an error means that nobody listens any more
		return
	}
	flush := http.NewResponseController(w)
	for i := range s.body {
		if _, err := w.Write(s.body[i : i+1]); err != nil || flush.Flush() != nil || !waitOrGone(r.Context(), l.Trickle) {
			return
		}
	}
}

func stripPort(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}
