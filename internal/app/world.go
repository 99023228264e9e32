package app

import (
	"log/slog"
	"net"

	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
)

// World is what a source or a provider needs of the world around it: how to
// reach servers, and how homing introduces itself to them. The demo gives a
// world of its own.
type World struct {
	Dial    httpx.Dial // nil: the network
	Traces  []string   // the trace hosts, as URLs
	DoH     string
	Agent   string
	Machine *Machine // that of the demo; nil: the one homing runs on

	dns    httpx.Dial         // to name servers, those of the system too; nil: Dial, and as the system does
	line   httpx.Bind         // what Dial leaves by, where over chose it
	ask    httpx.Dial         // as Dial, for those who are asked for an address; nil: Dial
	free   httpx.Dial         // as Dial was before a line was chosen; see unbound
	log    *slog.Logger       // of requests and answers; nil: none
	hosts  []*host            // whose rows have counted calls before; nil: new ones
	beside *detect.Neighbours // of this machine, and for how long; nil: nothing is known of before
}

// known are the names that are looked up as they are, whatever the search
// domain of this machine.
func known() []string {
	names := detect.Hosts()
	for _, h := range hosts() {
		if h.address != "" {
			names = append(names, h.address)
		}
	}
	return names
}

// network is the world as it is, to a client of this name.
func network(agent string) World {
	return World{Traces: detect.TraceURLs(), DoH: detect.DoHURL, Agent: agent}
}

// over is w where everything leaves by this line. What is asked for an address
// must be far away: this machine would tell its own, or what somebody wrote.
func (w *World) over(line httpx.Bind) *World {
	left := *w
	left.free, left.line = w.unbound(), line
	d := httpx.Dialer{Bind: line, Known: known()}
	left.Dial = d.Dial
	d.Remote = true
	left.ask = d.Dial
	return &left
}

// asking is how those are reached who are asked for an address.
func (w *World) asking() httpx.Dial {
	if w.ask != nil {
		return w.ask
	}
	return w.Dial
}

// unbound leaves by the line that the system chooses, as mail does.
func (w *World) unbound() httpx.Dial {
	switch {
	case w.free != nil:
		return w.free
	case w.Dial != nil:
		return w.Dial
	}
	return httpx.Dialer{}.Dial
}

// port53 is how name servers are asked.
func (w *World) port53() httpx.Dial {
	if w.dns != nil {
		return w.dns
	}
	return w.Dial
}

// resolver looks names up as everything else here does.
func (w *World) resolver() *net.Resolver {
	if w.dns != nil {
		return &net.Resolver{PreferGo: true, Dial: w.dns}
	}
	return w.line.Resolver()
}
