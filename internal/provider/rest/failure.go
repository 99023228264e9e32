package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// Meaning is what a failure means for what happens next, and for a person.
type Meaning struct {
	Kind  provider.Kind
	Cause string    // what is wrong
	Cure  text.Hint // what to do about it; may be none
}

// Refusal is what a host's package reads out of an answer that is no success.
type Refusal struct {
	// Understood says that it is the API that answered: not a proxy, a firewall
	// or a login page.
	Understood bool
	Said       []string // its own words, for people
	Parts      []int    // which parts of the call it is about, where it says so
	Meaning    Meaning  // without a Cause: by the status
	// Busy says that it has something else to finish first, which keeps no other call.
	Busy bool
	// Pause is how long to wait where it says so in no header.
	Pause time.Duration
}

// Failure is a call that did not do what it was to do, as the client saw it.
type Failure struct {
	Status     int           // of the answer; 0: none came
	Sent       bool          // the call may have reached the host
	Understood bool          // it was the API that answered
	Busy       bool          // it has something else to finish first; other calls need not wait
	Pause      time.Duration // how long it asks to wait
	Closed     string        // why the quota let nothing through; then nothing was sent
	Said       []string      // the API's own words, clean
	Parts      []int         // which parts of the call they are about, where that is known
	Detail     string        // what went wrong on the way, or what else came; clean
	Aside      string        // what else is to be told
	Ended      error         // when the caller's time was over
	Meaning

	name     string // of the host
	unproved bool   // who answered has no certificate that is trusted; then nothing was sent
	ownCA    bool   // it is that of a CA that is not known here
	untimely bool   // by this machine's clock, that certificate is not valid now
	sinkhole *httpx.Sinkhole
}

// Status is the HTTP status that a Failure in err came with; 0 for no error, and
// where no answer came.
func Status(err *provider.Error) int {
	if err == nil {
		return 0
	}
	if f, ok := errors.AsType[*Failure](err.Err); ok {
		return f.Status
	}
	return 0
}

// Parts is which parts of the call a Failure in err is about; nil where nobody says.
func Parts(err *provider.Error) []int {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Failure](err.Err); ok {
		return f.Parts
	}
	return nil
}

// lost is the failure of a call without an answer.
func (c *Client) lost(ctx context.Context, err error, sent bool) *Failure {
	f := &Failure{Sent: sent, Detail: c.Clean(err.Error()), Ended: ctx.Err()}
	if ctx.Err() != nil {
		f.Detail = context.Cause(ctx).Error()
	}
	_, f.unproved = errors.AsType[*tls.CertificateVerificationError](err)
	_, f.ownCA = errors.AsType[x509.UnknownAuthorityError](err)
	f.untimely = httpx.Untimely(err)
	f.sinkhole, _ = errors.AsType[*httpx.Sinkhole](err)
	return f
}

// Transport is what f means where what the API says does not decide; false
// where it does. A write whose answer is lost may have happened.
func (f *Failure) Transport(h Host, write bool) (Meaning, bool) {
	f.name = h.Name
	switch {
	case f.Closed != "":
		return Meaning{provider.Throttled, f.Closed, cureAsMuch}, true
	case f.sinkhole != nil:
		return Meaning{provider.Unavailable, h.Name + " cannot be reached", f.sinkhole.Cure()}, true
	case f.untimely:
		return Meaning{provider.Unavailable, httpx.ClockReads(time.Now()), httpx.ClockCure}, true
	case f.unproved && f.ownCA && h.CA != "":
		return Meaning{provider.Unavailable, "who answers cannot prove to be " + h.Name, "if it has a certificate of a CA of your own, name the file with that of the CA in " + h.CA + "; else " + cureProof}, true
	case f.unproved:
		return Meaning{provider.Unavailable, "who answers cannot prove to be " + h.Name, cureProof}, true
	case f.Status == 0 && !f.Sent:
		return Meaning{provider.Unavailable, h.Name + " cannot be reached", cureReach}, true
	case f.Status == http.StatusNotImplemented: // so nothing was done
		return Meaning{provider.Unavailable, "what answered does not know this call", h.between()}, true
	case f.Status == 0, f.Status >= 500, f.Status == http.StatusRequestTimeout,
		f.Status < 400 && len(f.Said) == 0: // a redirect, or a success that cannot be read
		return h.unanswered(write), true
	case f.Understood || f.Status == http.StatusTooManyRequests || f.Status == http.StatusRequestEntityTooLarge:
		return Meaning{}, false
	}
	return Meaning{provider.Unavailable, "something else than " + h.Name + "'s API answered", h.between()}, true
}

// Error says the cause, and then what the host said itself.
func (f *Failure) Error() string {
	var more []string
	if f.Status != 0 && len(f.Said) == 0 {
		more = append(more, fmt.Sprintf("HTTP %d", f.Status))
	}
	if f.Detail != "" {
		more = append(more, f.Detail)
	}
	if len(f.Said) > 0 {
		more = append(more, f.name+" says "+strings.Join(f.Said, ", "))
	}
	if f.Status != 0 && len(f.Said) > 0 {
		more = append(more, fmt.Sprintf("HTTP %d", f.Status))
	}
	if f.Pause > 0 {
		more = append(more, fmt.Sprintf("wait %s", f.Pause.Round(time.Second)))
	}
	if f.Aside != "" {
		more = append(more, f.Aside)
	}
	if len(more) == 0 {
		return f.Cause
	}
	return f.Cause + " (" + strings.Join(more, "; ") + ")"
}

// Unwrap is the end of the caller's time, if it was that; nothing else of what a
// network error holds is known to be free of secrets.
func (f *Failure) Unwrap() error { return f.Ended }

// Wrap is err as an error of the seam, with what f means: f itself, or what a
// host's package made of it.
func (f *Failure) Wrap(what string, err error) *provider.Error {
	return &provider.Error{Kind: f.Kind, RetryAfter: f.Pause, Hint: f.Cure, What: what, Err: err}
}
