package rfc2136

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// What DNS UPDATE adds to the codes of answers (RFC 2136, section 2.2).
const (
	rcodeYXDomain dnsmessage.RCode = 6
	rcodeYXRRSet  dnsmessage.RCode = 7
	rcodeNXRRSet  dnsmessage.RCode = 8
	rcodeNotAuth  dnsmessage.RCode = 9
	rcodeNotZone  dnsmessage.RCode = 10
)

// codeName returns a code as people find it in logs and manuals.
func codeName(c dnsmessage.RCode) string {
	names := []string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("code %d", c)
}

const (
	hintServer     text.Hint = "check that a name server is there and takes TCP ({accounts.server})"
	hintKey        text.Hint = "give the server this key, with the same algorithm and secret; see {accounts.key_file}, or {accounts.key_name}, {accounts.algorithm} and {accounts.secret}"
	hintKeyOrClock text.Hint = "; a clock that is off is refused in the same words by PowerDNS, so set the clocks of both by NTP"
	hintClock      text.Hint = "set the clocks of both by NTP"
	hintZone       text.Hint = "check {accounts.server} and {accounts.zone}, and that the server answers questions signed with this key"
	hintPermission text.Hint = "let the key change it: update-policy at BIND, acl at Knot DNS, TSIG-ALLOW-DNSUPDATE at PowerDNS"
	hintLog        text.Hint = "look into its log; often it may not write into the folder of the zone"
	hintLoaded     text.Hint = "look into its log; perhaps it has not loaded the zone"
	hintNotImp     text.Hint = "turn DNS UPDATE on at the server: dnsupdate=yes at PowerDNS"
	hintCNAME      text.Hint = "delete the CNAME, or remove the name from homing's records"
)

// rcodeError is an answer that is verified and says no.
type rcodeError struct {
	code dnsmessage.RCode
	what string // to what
}

func (r *rcodeError) Error() string { return codeName(r.code) }

// unreachableError is the error for a server to which there is no connection.
func unreachableError(server string, err error) *provider.Error {
	return newError(provider.Unavailable, hintServer, "connect to %s: %w", server, err)
}

// readError classifies err for a read.
func (s *session) readError(err error) *provider.Error {
	if e := s.verificationError(err, provider.Auth); e != nil {
		return e
	}
	if r, ok := errors.AsType[*rcodeError](err); ok {
		e := s.refusedError(r)
		if e.Hint == hintLog {
			e.Hint = hintLoaded
		}
		return e
	}
	return newError(provider.Unavailable, hintServer, "ask %s: %w", s.server, err)
}

// writeError classifies err for a write: unless the server
// said so itself, nobody knows what was done.
func (s *session) writeError(err error) *provider.Error {
	if e := s.verificationError(err, provider.Unconfirmed); e != nil {
		return e
	}
	if r, ok := errors.AsType[*rcodeError](err); ok {
		return s.refusedError(r)
	}
	return newError(provider.Unconfirmed, "", "wait for the answer of %s: %w", s.server, err)
}

// verificationError is the error, of this kind, for an answer that could not be verified,
// which is nil for any other err.
func (s *session) verificationError(err error, kind provider.Kind) *provider.Error {
	if k, ok := errors.AsType[*clockSkewError](err); ok {
		return newError(provider.Auth, hintClock, "%s does not take the time of messages: %w", s.server, k)
	}
	u, ok := errors.AsType[*unverifiedAnswerError](err)
	if ok && u.err == badKey && kind == provider.Unconfirmed { // Knot says so of an acl; to a stranger no zone was told
		return newError(kind, hintPermission, "%s does not let the key %s change anything, or no longer knows it (BADKEY)", s.server, s.p.key.label)
	}
	if ok && u.err == 0 {
		return newError(kind, hintKey+hintKeyOrClock, "%s", s.describeUnsigned(u))
	}
	if ok {
		return newError(kind, hintKey, "%s", s.describeUnsigned(u))
	}
	if errors.Is(err, errBadSignature) {
		return newError(kind, hintKey, "ask %s with the key %s: %w", s.server, s.p.key.label, err)
	}
	return nil
}

// describeUnsigned says what an answer without a signature says; it may be anybody's.
func (s *session) describeUnsigned(u *unverifiedAnswerError) string {
	switch u.err {
	case badKey:
		return fmt.Sprintf("%s does not know the key %s (BADKEY)", s.server, s.p.key.label)
	case badSig, badTrunc:
		return fmt.Sprintf("%s has another secret for the key %s (BADSIG)", s.server, s.p.key.label)
	}
	return fmt.Sprintf("%s answers the key %s without a signature (%s)", s.server, s.p.key.label, codeName(u.code))
}

// refusedError is the error for a code that the server signed: nothing was changed.
func (s *session) refusedError(r *rcodeError) *provider.Error {
	kind, hint, says := provider.Rejected, text.Hint(""), "does not take "+r.what
	switch r.code {
	case rcodeYXDomain, rcodeYXRRSet, rcodeNXRRSet, dnsmessage.RCodeNameError:
		kind, says = provider.Stale, "says that something is not as it was read"
	case dnsmessage.RCodeRefused:
		kind, hint, says = provider.Auth, hintPermission, "refuses "+r.what+" to the key "+s.p.key.label
	case rcodeNotAuth:
		kind, hint, says = provider.NoZone, hintZone, "does not speak for the zone"
	case dnsmessage.RCodeServerFailure:
		kind, hint, says = provider.Unavailable, hintLog, "failed"
	case dnsmessage.RCodeNotImplemented:
		hint, says = hintNotImp, "takes no updates"
	case rcodeNotZone:
		says = "says that " + r.what + " lies outside the zone"
	}
	return newError(kind, hint, "%s %s (%w)", s.server, says, r)
}

// newError makes a provider.Error.
//
//go:noinline // many callers: see dependencies.md
func newError(kind provider.Kind, hint text.Hint, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// notTriedError is the error of what was given up before it was sent.
func notTriedError(ctx context.Context) *provider.Error {
	return newError(provider.NotTried, "", "not tried: %w", context.Cause(ctx))
}
