package year

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/router"
)

// gateway is the router of a place, as homing's own client asks it: it knows its
// address towards the provider, and tells it by NAT-PMP. Nobody proves that it is
// the router who answers.
type gateway struct {
	p      *place
	router *router.Router
}

// routerSays is what routers say instead of the truth.
type routerSays uint8

const (
	itsAddress routerSays = iota
	aLie
	itsPrivate // it is behind another NAT
	nothingAtAll
)

func newGateway(p *place) *gateway {
	g := &gateway{p: p}
	var err error
	client := httpx.New(httpx.Options{})
	client.Transport = nobody{}
	g.router, err = router.New(netip.MustParseAddr("192.168.1.1"), g.dial, client)
	must(err)
	return g
}

var errNobody = errors.New("nobody listens")

// nobody answers over HTTP.
type nobody struct{}

func (nobody) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNobody }

func (*gateway) Voter() addr.Voter {
	return addr.Voter{Source: detect.RouterWord, Operator: detect.RouterWord, Route: "the router", Weak: true}
}

// Observe asks it, as detect.Router does where the gateway is found.
func (g *gateway) Observe(ctx context.Context) addr.Observation {
	g.p.w.asked()
	a, err := g.router.IPv4(ctx)
	if err == nil {
		err = addr.Public(a, 0)
	}
	if err != nil {
		return addr.Unknown(err)
	}
	return addr.Known(g.p.prefix(a))
}

// dial reaches the port of NAT-PMP; nobody listens at any other.
func (g *gateway) dial(_ context.Context, _, address string) (net.Conn, error) {
	if !strings.HasSuffix(address, ":5351") {
		return nil, errNobody
	}
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		question := make([]byte, 2)
		for {
			if _, err := theirs.Read(question); err != nil {
				return
			}
			var a netip.Addr
			var away time.Duration
			g.p.w.locked(func() {
				a = g.p.told()
				away = g.p.w.dormant() + time.Millisecond + time.Duration(g.p.w.lots.draw("router of "+g.p.of.String())%9_000_000)
			})
			if time.Sleep(away); !a.IsValid() {
				continue
			}
			four := a.As4()
			if _, err := theirs.Write(append([]byte{0, 128, 0, 0, 0, 0, 0, 1}, four[:]...)); err != nil {
				return
			}
		}
	}()
	return ours, nil
}

// told is what the router says; none while it is silent, or has none. w.mu is held.
func (p *place) told() netip.Addr {
	switch p.says {
	case aLie:
		return p.lied
	case itsPrivate:
		return netip.MustParseAddr("100.64.7.7")
	case nothingAtAll:
		return netip.Addr{}
	}
	return p.home.Addr(p.of.Family)
}

// routed is any place whose router is asked; nil where there is none.
func (w *world) routed() *place {
	for _, p := range w.places {
		if p.router {
			return p
		}
	}
	return nil
}

func routers(says routerSays) func(*world) func() {
	return func(w *world) func() {
		p := w.trouble(w.routed())
		lie := p.foreign()
		w.locked(func() { p.says, p.lied = says, lie })
		return func() { w.locked(func() { p.says = itsAddress }) }
	}
}

// routerFaults are what goes wrong with routers. Others are asked as well, so that
// the truth comes through.
func routerFaults() []fault {
	fits := func(w *world) bool { return w.routed() != nil }
	return []fault{
		{kind: "a router that lies", mild: true, alone: "router", fits: fits, begin: routers(aLie)},
		{kind: "a router behind another NAT", mild: true, alone: "router", fits: fits, begin: routers(itsPrivate)},
		{kind: "a router that is silent", mild: true, alone: "router", fits: fits, begin: routers(nothingAtAll)},
	}
}
