package httpx

import (
	"crypto/x509"
	"errors"
	"time"
)

// IsCertTimeError reports whether err is a certificate that is not valid at the time this
// machine's clock reads. Where every server has such a one, it is the clock that
// is wrong: a machine without a battery begins with the time of its last stop,
// or in 1970.
func IsCertTimeError(err error) bool {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	return ok && invalid.Reason == x509.Expired
}

// ClockReads returns what is wrong then, and ClockCure what to do about it.
func ClockReads(now time.Time) string {
	return "the clock of this machine reads " + now.UTC().Format("2006-01-02 15:04") + " UTC, and no certificate is valid then"
}

const ClockCure = "set the clock, or let NTP do so"
