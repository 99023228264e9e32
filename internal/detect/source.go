// Package detect asks sources for the addresses of the place homing runs in.
// One kind of source is one file; a Detector asks those of one family and lets the
// rules of package addr decide what is believed.
package detect

import (
	"context"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// A Source can be asked for the addresses of the one family it was made for.
// Its methods may be called side by side.
type Source interface {
	// Voter is who answers. Voter.Route is empty if there are several routes.
	Voter() addr.Voter
	// Observe returns soon after ctx is done, and nothing it started runs on,
	// save for connections that CloseIdle closes. An Observation that is not
	// known says why. Only a Source with several routes puts votes into it.
	Observe(ctx context.Context) addr.Observation
}

// MultiRoute is implemented by a Source that can be reached by several routes. Each
// route is a Source of its own, whose Voter names it in Way.
type MultiRoute interface {
	Routes() []Source
}

// Idler is implemented by a Source that keeps connections for the next question.
type Idler interface {
	CloseIdle()
}

// Wanted says what a Source is to learn.
type Wanted struct {
	Family addr.Family
	// Bits is the prefix length of an address that comes without one; zero
	// means 32 for IPv4 and 64 for IPv6.
	Bits int
}

func (w Wanted) toPrefix(a netip.Addr) netip.Prefix {
	bits := w.Bits
	if bits == 0 {
		bits = map[addr.Family]int{addr.IPv4: 32, addr.IPv6: 64}[w.Family]
	}
	return netip.PrefixFrom(a, bits)
}

// networkFor returns "tcp4" from "tcp", and so on.
func (w Wanted) networkFor(protocol string) string {
	if w.Family == addr.IPv4 {
		return protocol + "4"
	}
	return protocol + "6"
}

// routeSource is a Source of one route.
type routeSource struct {
	voter  addr.Voter
	ask    func(context.Context) ([]netip.Prefix, error)
	client *httpx.Client // nil when no connections are kept
}

func (w *routeSource) Voter() addr.Voter { return w.voter }

func (w *routeSource) Observe(ctx context.Context) addr.Observation {
	ps, err := w.ask(ctx)
	if err != nil {
		return addr.Unknown(err)
	}
	return addr.Known(ps...)
}

func (w *routeSource) CloseIdle() {
	if w.client != nil {
		w.client.CloseIdle()
	}
}

// observeWithVote asks s and makes sure that the answer carries a vote.
func observeWithVote(ctx context.Context, s Source) addr.Observation {
	start := time.Now()
	o := s.Observe(ctx)
	if len(o.Votes()) > 0 {
		return o
	}
	return o.With(addr.Vote{Voter: s.Voter(), Said: o, Took: time.Since(start)})
}

// routesOf lists the routes of s: itself, when there is only one.
func routesOf(s Source) []Source {
	if w, ok := s.(MultiRoute); ok {
		return w.Routes()
	}
	return []Source{s}
}

func closeIdle(s Source) {
	if i, ok := s.(Idler); ok {
		i.CloseIdle()
	}
}
