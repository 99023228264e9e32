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
	Messages   []string // its own words, for people
	Parts      []int    // which parts of the call it is about, where it says so
	Meaning    Meaning  // without a Cause: by the status
	// Busy says that it has something else to finish first, which keeps no other call.
	Busy bool
	// Pause is how long to wait where it says so in no header.
	Pause time.Duration
}

// Failure is a call that did not do what it was to do, as the client saw it.
type Failure struct {
	Status      int           // of the answer; 0: none came
	Sent        bool          // the call may have reached the host
	Understood  bool          // it was the API that answered
	Busy        bool          // it has something else to finish first; other calls need not wait
	Pause       time.Duration // how long it asks to wait
	QuotaReason string        // why the quota let nothing through; then nothing was sent
	Messages    []string      // the API's own words, clean
	Parts       []int         // which parts of the call they are about, where that is known
	Detail      string        // what went wrong on the way, or what else came; clean
	Note        string        // what else is to be told
	CtxErr      error         // when the caller's time was over
	Meaning

	name          string // of the host
	untrustedCert bool   // who answered has no certificate that is trusted; then nothing was sent
	unknownCA     bool   // it is that of a CA that is not known here
	clockWrong    bool   // by this machine's clock, that certificate is not valid now
	sinkhole      *httpx.Sinkhole
}

// StatusOf returns the HTTP status that a Failure in err came with; 0 for no error, and
// where no answer came.
func StatusOf(err *provider.Error) int {
	if err == nil {
		return 0
	}
	if f, ok := errors.AsType[*Failure](err.Err); ok {
		return f.Status
	}
	return 0
}

// PartsOf returns which parts of the call a Failure in err is about; nil where nobody says.
func PartsOf(err *provider.Error) []int {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Failure](err.Err); ok {
		return f.Parts
	}
	return nil
}

// transportFailure returns the failure of a call without an answer.
func (c *Client) transportFailure(ctx context.Context, err error, sent bool) *Failure {
	f := &Failure{Sent: sent, Detail: c.Sanitize(err.Error()), CtxErr: ctx.Err()}
	if ctx.Err() != nil {
		f.Detail = context.Cause(ctx).Error()
	}
	_, f.untrustedCert = errors.AsType[*tls.CertificateVerificationError](err)
	_, f.unknownCA = errors.AsType[x509.UnknownAuthorityError](err)
	f.clockWrong = httpx.IsCertTimeError(err)
	f.sinkhole, _ = errors.AsType[*httpx.Sinkhole](err)
	return f
}

// TransportMeaning returns what f means if the answer of the API does not decide it; false
// if it does. A write whose answer is lost may have happened.
func (f *Failure) TransportMeaning(h Host, write bool) (Meaning, bool) {
	f.name = h.Name
	switch {
	case f.QuotaReason != "":
		return Meaning{provider.Throttled, f.QuotaReason, cureRateLimit}, true
	case f.sinkhole != nil:
		return Meaning{provider.Unavailable, h.Name + " cannot be reached", f.sinkhole.Cure()}, true
	case f.clockWrong:
		return Meaning{provider.Unavailable, httpx.ClockReads(time.Now()), httpx.ClockCure}, true
	case f.untrustedCert && f.unknownCA && h.CASetting != "":
		return Meaning{provider.Unavailable, "who answers cannot prove to be " + h.Name, "if it has a certificate of a CA of your own, name the file with that of the CA in " + h.CASetting + "; else " + cureCertificate}, true
	case f.untrustedCert:
		return Meaning{provider.Unavailable, "who answers cannot prove to be " + h.Name, cureCertificate}, true
	case f.Status == 0 && !f.Sent:
		return Meaning{provider.Unavailable, h.Name + " cannot be reached", cureNetwork}, true
	case f.Status == http.StatusNotImplemented: // so nothing was done
		return Meaning{provider.Unavailable, "what answered does not know this call", h.interceptedHint()}, true
	case f.Status == 0, f.Status >= 500, f.Status == http.StatusRequestTimeout,
		f.Status < 400 && len(f.Messages) == 0: // a redirect, or a success that cannot be read
		return h.noAnswerMeaning(write), true
	case f.Understood || f.Status == http.StatusTooManyRequests || f.Status == http.StatusRequestEntityTooLarge:
		return Meaning{}, false
	}
	return Meaning{provider.Unavailable, "something else than " + h.Name + "'s API answered", h.interceptedHint()}, true
}

// Error says the cause, and then what the host said itself.
func (f *Failure) Error() string {
	var more []string
	if f.Status != 0 && len(f.Messages) == 0 {
		more = append(more, fmt.Sprintf("HTTP %d", f.Status))
	}
	if f.Detail != "" {
		more = append(more, f.Detail)
	}
	if len(f.Messages) > 0 {
		more = append(more, f.name+" says "+strings.Join(f.Messages, ", "))
	}
	if f.Status != 0 && len(f.Messages) > 0 {
		more = append(more, fmt.Sprintf("HTTP %d", f.Status))
	}
	if f.Pause > 0 {
		more = append(more, fmt.Sprintf("wait %s", f.Pause.Round(time.Second)))
	}
	if f.Note != "" {
		more = append(more, f.Note)
	}
	if len(more) == 0 {
		return f.Cause
	}
	return f.Cause + " (" + strings.Join(more, "; ") + ")"
}

// Unwrap returns the end of the caller's time, if it was that; nothing else of what a
// network error holds is known to be free of secrets.
func (f *Failure) Unwrap() error { return f.CtxErr }

// Wrap returns err as an error of the seam, with what f means: f itself, or what a
// host's package made of it.
func (f *Failure) Wrap(what string, err error) *provider.Error {
	return &provider.Error{Kind: f.Kind, RetryAfter: f.Pause, Hint: f.Cure, What: what, Err: err}
}
