package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
)

// failure is a call that did not do what it was to do, as the client saw it.
// It is what a provider.Error of this package wraps.
type failure struct {
	status   int       // of the answer; 0: none came
	read     bool      // the answer could be read as one of Cloudflare's
	said     []message // its errors
	sent     bool      // the call may have reached Cloudflare
	unproved bool      // who answered has no certificate that is trusted; then nothing was sent
	untimely bool      // by this machine's clock, that certificate is not valid now
	sinkhole *httpx.Sinkhole
	pause    time.Duration
	closed   string // why the gate let nothing through; then nothing was sent
	detail   string // what went wrong on the way, or what else came; clean
	context  error  // when the caller's time was over
	verdict  meaning
	key      *failure // of the same call with the Global API key, which was refused too
}

// judge finds out what f means for the call r. A write whose answer is lost may
// have happened.
func (f *failure) judge(r call) {
	lost := meaning{kind: provider.Unavailable, cause: "no usable answer came", cure: cureLost}
	if r.write() {
		lost.kind, lost.cause = provider.Unconfirmed, "no usable answer came, so the change may have happened or not"
	}
	switch {
	case f.closed != "":
		f.verdict = meaning{kind: provider.Throttled, cause: f.closed, cure: cureAsMuch}
	case f.sinkhole != nil:
		f.verdict = meaning{kind: provider.Unavailable, cause: "Cloudflare cannot be reached", cure: f.sinkhole.Cure()}
	case f.untimely:
		f.verdict = meaning{kind: provider.Unavailable, cause: httpx.ClockReads(time.Now()), cure: httpx.ClockCure}
	case f.unproved:
		f.verdict = meaning{kind: provider.Unavailable, cause: "who answers cannot prove to be Cloudflare", cure: cureProof}
	case f.status == 0 && !f.sent:
		f.verdict = meaning{kind: provider.Unavailable, cause: "Cloudflare cannot be reached", cure: cureReach}
	case f.status == http.StatusNotImplemented: // so nothing was done
		f.verdict = meaning{kind: provider.Unavailable, cause: "what answered does not know this call", cure: cureBetween}
	case f.status == 0, f.status >= 500, f.status == http.StatusRequestTimeout:
		f.verdict = lost
	case f.status < 400 && len(f.said) == 0: // a redirect, or a success that cannot be read
		f.verdict = lost
	case f.read || f.status == http.StatusTooManyRequests || f.status == http.StatusRequestEntityTooLarge:
		f.verdict = lookUp(r.table(), f.status, f.said)
		if f.verdict.kind == provider.Throttled && f.status != http.StatusTooManyRequests {
			f.pause = max(f.pause, blocked) // nobody says for how long
		}
		if f.status == http.StatusNotFound && f.verdict.code == 0 {
			f.verdict = meaning{kind: r.gone, cause: "Cloudflare says that this is not there"}
		}
	default: // a refusal, but not Cloudflare's API's
		f.verdict = meaning{kind: provider.Unavailable, cause: "something else than Cloudflare's API answered", cure: cureBetween}
	}
}

const (
	cureLost    = "homing tries again by itself; if it stays so, see www.cloudflarestatus.com, and UPDATE_TIMEOUT for slow lines"
	cureReach   = "check the network, the name servers and the firewall of this machine"
	cureProof   = "install the CA certificates of this system (often the package ca-certificates), check its clock, and look for a proxy, a firewall or a login page on the way"
	cureBetween = "look for a proxy, a firewall or a login page between this machine and api.cloudflare.com, and check CLOUDFLARE_BASE_URL"
)

// Error says the cause, and then what Cloudflare said itself.
func (f *failure) Error() string {
	var more []string
	said := f.words()
	if f.status != 0 && len(said) == 0 {
		more = append(more, fmt.Sprintf("HTTP %d", f.status))
	}
	if f.detail != "" {
		more = append(more, f.detail)
	}
	if len(said) > 0 {
		more = append(more, "Cloudflare says "+strings.Join(said, ", "))
	}
	if f.status != 0 && len(said) > 0 {
		more = append(more, fmt.Sprintf("HTTP %d", f.status))
	}
	if f.pause > 0 {
		more = append(more, fmt.Sprintf("wait %s", f.pause.Round(time.Second)))
	}
	if f.key != nil {
		more = append(more, "the Global API key was refused too: "+f.key.Error())
	}
	if len(more) == 0 {
		return f.verdict.cause
	}
	return f.verdict.cause + " (" + strings.Join(more, "; ") + ")"
}

// maxWords bounds how many messages are shown.
const maxWords = 4

// words is each message with its code, what is general before what is particular.
func (f *failure) words() []string {
	var all []string
	for _, one := range errorsOf(f.said) {
		for i := range one {
			m := one[len(one)-1-i]
			if all = append(all, fmt.Sprintf("%q (code %d)", m.Message, m.Code)); len(all) == maxWords {
				return all
			}
		}
	}
	return all
}

// Unwrap is the end of the caller's time, if it was that; nothing else of what
// a network error holds is known to be free of secrets.
func (f *failure) Unwrap() error { return f.context }

// has says whether Cloudflare named this code.
func (f *failure) has(code int) bool {
	return slices.ContainsFunc(f.said, func(m message) bool { return int(m.Code) == code })
}

// busy says that the host has something else to finish first; this is 429 like
// the limit of calls, which has codes of its own (971, 10300).
func (f *failure) busy() bool {
	return f != nil && f.status == http.StatusTooManyRequests && !f.has(971) && !f.has(10300)
}

// closedDoor says that it may be the endpoint itself that was refused, whatever
// it was asked; a proxy or a firewall on the way may know only some of them.
func (f *failure) closedDoor() bool {
	switch f.status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return f.verdict.code == 0 || f.has(codeNoRoute) || f.has(codeNoObject)
	case http.StatusForbidden:
		return !f.read || f.verdict.kind == provider.Auth
	}
	return f.has(codeNoRoute) || f.has(codeNoObject)
}

// Codes that decide more than words.
const (
	codeNoRoute  = 7000
	codeNoObject = 7003
	codeAbsent   = 81044
	codeQuota    = 81045
)

// explain is f as an error of the seam.
func (f *failure) explain(what string) *provider.Error {
	return &provider.Error{
		Kind:       f.verdict.kind,
		RetryAfter: f.pause,
		Hint:       f.verdict.cure,
		What:       what,
		Err:        f,
	}
}

// causeOf is the failure an error of this package came from.
func causeOf(err *provider.Error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return &failure{}
}

// notTried is the error of what was given up before it was sent.
func notTried(what string, why error) *provider.Error {
	return &provider.Error{Kind: provider.NotTried, What: what, Err: fmt.Errorf("not tried: %w", why)}
}

// tooSlow is why a call was given up; it names the setting that says so.
type tooSlow struct{ limit time.Duration }

func (t *tooSlow) Error() string {
	return fmt.Sprintf("no answer within %s (UPDATE_TIMEOUT)", t.limit)
}

func (t *tooSlow) Unwrap() error { return context.DeadlineExceeded }
