package cloudflare

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// failure is a call that did not do what it was to do, as the client saw it.
// It is what a provider.Error of this package wraps.
type failure struct {
	rest.Failure
	said    []message // the errors in the answer
	verdict meaning
}

// host is Cloudflare's API in texts.
func host() rest.Host {
	return rest.Host{Name: "Cloudflare", Address: Host, Outages: "www.cloudflarestatus.com", Setting: "{accounts.base_url}"}
}

// judge finds out what f means for the call r.
func (f *failure) judge(r call) {
	f.Said = words(f.said)
	m, decided := f.Transport(host(), r.write())
	if decided {
		f.mean(meaning{kind: m.Kind, cause: m.Cause, cure: m.Cure})
		return
	}
	row := lookUp(r.table(), f.Status, f.said)
	if row.kind == provider.Throttled && f.Status != http.StatusTooManyRequests {
		f.Pause = max(f.Pause, blocked) // nobody says for how long
	}
	if f.Status == http.StatusNotFound && row.code == 0 {
		row = meaning{kind: r.gone, cause: "Cloudflare says that this is not there"}
	}
	f.mean(row)
}

// mean gives f the meaning of a line of the table.
func (f *failure) mean(m meaning) {
	f.verdict = m
	f.Meaning = rest.Meaning{Kind: m.kind, Cause: m.cause, Cure: m.cure}
}

// maxWords bounds how many messages are shown.
const maxWords = 4

// words is each message with its code, what is general before what is particular.
func words(said []message) []string {
	var all []string
	for _, one := range errorsOf(said) {
		for i := range one {
			m := one[len(one)-1-i]
			if all = append(all, fmt.Sprintf("%q (code %d)", m.Message, m.Code)); len(all) == maxWords {
				return all
			}
		}
	}
	return all
}

// has says whether Cloudflare named this code.
//
//go:noinline // many callers: see dependencies.md
func (f *failure) has(code int) bool {
	return slices.ContainsFunc(f.said, func(m message) bool { return int(m.Code) == code })
}

// busy says that the host has something else to finish first; this is 429 like
// the limit of calls, which has codes of its own (971, 10300).
func (f *failure) busy() bool {
	return f != nil && f.Status == http.StatusTooManyRequests && !f.has(971) && !f.has(10300)
}

// closedDoor says that it may be the endpoint itself that was refused, whatever
// it was asked; a proxy or a firewall on the way may know only some of them.
func (f *failure) closedDoor() bool {
	switch f.Status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return f.verdict.code == 0 || f.has(codeNoRoute) || f.has(codeNoObject)
	case http.StatusForbidden:
		return !f.Understood || f.verdict.kind == provider.Auth
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
func (f *failure) explain(what string) *provider.Error { return f.Wrap(what, f) }

// causeOf is the failure an error of this package came from.
//
//go:noinline // many callers: see dependencies.md
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
