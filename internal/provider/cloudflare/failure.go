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
	messages []message // the errors in the answer
	meaning  errorMeaning
}

// hostInfo returns Cloudflare's API in texts.
func hostInfo() rest.Host {
	return rest.Host{Name: "Cloudflare", Address: Host, StatusPage: "www.cloudflarestatus.com", BaseSetting: "{accounts.base_url}"}
}

// classify finds out what f means for the call r.
func (f *failure) classify(r call) {
	f.Messages = quoteMessages(f.messages)
	m, decided := f.TransportMeaning(hostInfo(), r.isWrite())
	if decided {
		f.setMeaning(errorMeaning{kind: m.Kind, cause: m.Cause, cure: m.Cure})
		return
	}
	row := findMeaning(r.errorTable(), f.Status, f.messages)
	if row.kind == provider.Throttled && f.Status != http.StatusTooManyRequests {
		f.Pause = max(f.Pause, rateBlockTime) // nobody says for how long
	}
	if f.Status == http.StatusNotFound && row.code == 0 {
		row = errorMeaning{kind: r.notFoundKind, cause: "Cloudflare says that this is not there"}
	}
	f.setMeaning(row)
}

// setMeaning gives f the meaning of a line of the table.
func (f *failure) setMeaning(m errorMeaning) {
	f.meaning = m
	f.Meaning = rest.Meaning{Kind: m.kind, Cause: m.cause, Cure: m.cure}
}

// maxQuotedMessages bounds how many messages are shown.
const maxQuotedMessages = 4

// quoteMessages returns each message with its code, what is general before what is particular.
func quoteMessages(said []message) []string {
	var all []string
	for _, one := range groupByError(said) {
		for i := range one {
			m := one[len(one)-1-i]
			if all = append(all, fmt.Sprintf("%q (code %d)", m.Message, m.Code)); len(all) == maxQuotedMessages {
				return all
			}
		}
	}
	return all
}

// hasCode reports whether Cloudflare named this code.
//
//go:noinline // many callers: see dependencies.md
func (f *failure) hasCode(code int) bool {
	return slices.ContainsFunc(f.messages, func(m message) bool { return int(m.Code) == code })
}

// isBusy reports whether the host has something else to finish first; this is 429 like
// the limit of calls, which has codes of its own (971, 10300).
func (f *failure) isBusy() bool {
	return f != nil && f.Status == http.StatusTooManyRequests && !f.hasCode(971) && !f.hasCode(10300)
}

// isEndpointRefused reports whether it may be the endpoint itself that was refused, whatever
// it was asked; a proxy or a firewall on the way may know only some of them.
func (f *failure) isEndpointRefused() bool {
	switch f.Status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return f.meaning.code == 0 || f.hasCode(codeNoRoute) || f.hasCode(codeNoSuchObject)
	case http.StatusForbidden:
		return !f.Understood || f.meaning.kind == provider.Auth
	}
	return f.hasCode(codeNoRoute) || f.hasCode(codeNoSuchObject)
}

// Codes that decide more than words.
const (
	codeNoRoute        = 7000
	codeNoSuchObject   = 7003
	codeRecordNotFound = 81044
	codeRecordQuota    = 81045
)

// toProviderError returns f as an error of the seam.
func (f *failure) toProviderError(what string) *provider.Error { return f.Wrap(what, f) }

// failureFrom returns the failure an error of this package came from.
//
//go:noinline // many callers: see dependencies.md
func failureFrom(err *provider.Error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return &failure{}
}

// notTriedError returns the error of what was given up before it was sent.
func notTriedError(what string, why error) *provider.Error {
	return &provider.Error{Kind: provider.NotTried, What: what, Err: fmt.Errorf("not tried: %w", why)}
}
