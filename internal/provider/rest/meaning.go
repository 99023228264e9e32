package rest

import (
	"net/http"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

const (
	cureRateLimit   = "homing waits and goes on by itself. The limit counts everything this user does, the dashboard and other programs too"
	cureNetwork     = "check the network, the name servers and the firewall of this machine"
	cureCertificate = "install the CA certificates of this system (often the package ca-certificates), check its clock, and look for a proxy, a firewall or a login page on the way"
	cureReread      = "homing reads it again and goes on by itself"
	cureGrant       = "check what the credential may do at the host, and in which zones"
	cureLater       = "homing tries again later by itself; if it stays so, look at the record at the host"
)

// noAnswerMeaning returns what it means that no usable answer came.
func (h Host) noAnswerMeaning(write bool) Meaning {
	m := Meaning{provider.Unavailable, "no usable answer came", "homing tries again by itself; if it stays so, see "}
	if write {
		m.Kind, m.Cause = provider.Unconfirmed, "no usable answer came, so the change may have happened or not"
	}
	if h.StatusPage != "" {
		m.Cure += text.Advise("%s, and ", h.StatusPage)
	}
	m.Cure += "{network.update_timeout} for slow lines"
	return m
}

// interceptedHint returns what to do about something that answers in the place of the API.
func (h Host) interceptedHint() text.Hint {
	s := text.Advise("look for a proxy, a firewall or a login page between this machine and %s", h.Address)
	if h.BaseSetting != "" {
		s += ", and check " + h.BaseSetting
	}
	return s
}

// meaningOfStatus returns what a refusal means where its words do not say more.
func meaningOfStatus(status int, gone provider.Kind, name string) Meaning {
	switch status {
	case http.StatusUnauthorized:
		return Meaning{provider.Auth, name + " refused the credential", cureGrant}
	case http.StatusForbidden:
		return Meaning{provider.Auth, "the credential may not do this", cureGrant}
	case http.StatusNotFound:
		return Meaning{gone, name + " says that this is not there", cureReread}
	case http.StatusConflict, http.StatusPreconditionFailed:
		return Meaning{provider.Stale, "it was changed in the meantime", cureReread}
	case http.StatusTooManyRequests:
		return Meaning{provider.Throttled, "too many calls", cureRateLimit}
	}
	return Meaning{provider.Rejected, name + " refused", cureLater}
}
