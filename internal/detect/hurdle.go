package detect

import (
	"errors"
	"net"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/text"
)

// Hurdle is what kept a source from answering, as far as a person can do
// something about it. Its zero value is anything else.
type Hurdle uint8

const (
	OtherHurdle Hurdle = iota
	NoWay              // no connection came about
	NoLine             // the interface it is to leave by is not there
	Late               // nothing came in time
	NoName             // no name server answered
	NoSuchName         // one did: the host has no address of the family
	Blocked            // a DNS blocker answers for the host
	WrongClock         // no certificate is valid at the time this machine's clock reads
	ThroughWARP        // the question left through Cloudflare WARP
)

// HurdleOf finds the hurdle in the reason of an Observation.
func HurdleOf(why error) Hurdle {
	_, warp := errors.AsType[*WARP](why)
	_, hole := errors.AsType[*httpx.Sinkhole](why)
	_, lookup := errors.AsType[*net.DNSError](why)
	_, late := errors.AsType[*TimedOut](why)
	_, op := errors.AsType[*net.OpError](why)
	_, missing := errors.AsType[*httpx.NoInterface](why)
	switch {
	case missing:
		return NoLine
	case warp:
		return ThroughWARP
	case hole:
		return Blocked
	case httpx.IsCertTimeError(why):
		return WrongClock
	case httpx.IsLookupFailure(why):
		return NoName
	case lookup:
		return NoSuchName
	case late:
		return Late
	case op:
		return NoWay
	}
	return OtherHurdle
}

// CureOf returns what to do about what kept a source from answering, or its answer
// from being heard; empty where only the reason itself is known.
func CureOf(why error) text.Hint {
	if _, ok := errors.AsType[*WARP](why); ok {
		return "what is asked leaves through Cloudflare WARP: turn it off for homing, name the line by {network.bind}, " +
			"or take the address from the line itself (local.iface:<interface>)"
	}
	if hole, ok := errors.AsType[*httpx.Sinkhole](why); ok {
		return hole.Cure() + ", or take another source"
	}
	if out, ok := errors.AsType[*FilteredOut](why); ok {
		return text.Advise("look at the filter (%s)", text.Setting{Path: "detect." + strings.ToLower(out.Family.String()) + ".filter"})
	}
	if page, ok := errors.AsType[*privatePageError](why); ok {
		return text.Advise("ask a page on the internet for the public address, or, if this one is meant, read it by exec:<command> or file:<path> and set %s",
			text.The("detect.allow").To(page.allowed))
	}
	if _, ok := errors.AsType[*TimedOut](why); ok {
		return "where the line is slow, set {detect.timeout} to more"
	}
	if _, ok := errors.AsType[*httpx.NoInterface](why); ok {
		return "bring the interface up, or correct its name"
	}
	if httpx.IsCertTimeError(why) {
		return httpx.ClockCure
	}
	return ""
}

// ClockReads says what is wrong where every source meets WrongClock.
func ClockReads(now time.Time) string { return httpx.ClockReads(now) }
