package app

import (
	"log/slog"

	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
)

// World is what a source or a provider needs of the world around it: how to
// reach servers, and how homing introduces itself to them. The demo gives a
// world of its own.
type World struct {
	Dial   httpx.Dial // nil: the network
	Traces []string   // the trace hosts, as URLs
	DoH    string
	Agent  string

	ask   httpx.Dial   // as Dial, for those who are asked for an address; nil: Dial
	free  httpx.Dial   // as Dial was before a line was chosen; see unbound
	log   *slog.Logger // of requests and answers; nil: none
	hosts []host       // whose rows have counted calls before; nil: new ones
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
func (w World) over(line httpx.Bind) World {
	w.free = w.unbound()
	d := httpx.Dialer{Bind: line, Known: known()}
	w.Dial = d.Dial
	d.Remote = true
	w.ask = d.Dial
	return w
}

// asking is how those are reached who are asked for an address.
func (w World) asking() httpx.Dial {
	if w.ask != nil {
		return w.ask
	}
	return w.Dial
}

// unbound leaves by the line that the system chooses, as mail does.
func (w World) unbound() httpx.Dial {
	switch {
	case w.free != nil:
		return w.free
	case w.Dial != nil:
		return w.Dial
	}
	return httpx.Dialer{}.Dial
}
