package rfc2136

import (
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// fudge is by how many seconds clocks may differ (RFC 8945, section 10).
const fudge = 300

// The errors a signature can have (RFC 8945, section 3).
const (
	badSig   = 16
	badKey   = 17
	badTime  = 18
	badTrunc = 22
)

// tsig is the signature record of a message.
type tsig struct {
	offset     int // where it begins
	name       []byte
	algorithm  []byte
	signed     uint64 // when, in seconds
	fudge      uint16
	mac        []byte
	originalID uint16
	err        uint16
	other      []byte
}

// signedVariables returns what of the record is signed (RFC 8945, section 4.3.3).
func (t tsig) signedVariables() []byte {
	b := append([]byte(nil), t.name...)
	b = appendUint16(b, uint16(classAny))
	b = appendUint32(b, 0)
	b = append(b, t.algorithm...)
	b = appendUint48(b, t.signed)
	b = appendUint16(b, t.fudge)
	return appendLengthPrefixed(appendUint16(b, t.err), t.other)
}

// rdata returns the content of the record.
func (t tsig) rdata() []byte {
	b := append([]byte(nil), t.algorithm...)
	b = appendUint48(b, t.signed)
	b = appendUint16(b, t.fudge)
	b = appendLengthPrefixed(b, t.mac)
	b = appendUint16(b, t.originalID)
	return appendLengthPrefixed(appendUint16(b, t.err), t.other)
}

func appendUint48(b []byte, n uint64) []byte {
	b = appendUint16(b, uint16(n>>32))
	return appendUint32(b, uint32(n))
}

// sign appends the signature to a message; before is the MAC of the
// message it answers, with its length in front, or nothing.
func (s *tsigSigner) sign(msg, before []byte, now time.Time) (signed, mac []byte) {
	return s.signWith(tsig{signed: uint64(now.Unix())}, msg, before)
}

func (s *tsigSigner) signWith(t tsig, msg, before []byte) (signed, mac []byte) {
	t.name, t.algorithm, t.fudge, t.originalID = s.name, s.algorithm, fudge, binary.BigEndian.Uint16(msg)
	t.mac = s.computeMAC(before, msg, t.signedVariables())
	signed = append([]byte(nil), msg...)
	binary.BigEndian.PutUint16(signed[10:], binary.BigEndian.Uint16(signed[10:])+1)
	signed = append(signed, t.name...)
	return appendRRBody(signed, typeTSIG, classAny, 0, t.rdata()), t.mac
}

// prefixMACLength puts the length of a MAC before it, as the answer's signature has it.
func prefixMACLength(mac []byte) []byte {
	return appendLengthPrefixed(nil, mac)
}

// unverifiedAnswerError is an answer that nobody can say is the server's.
type unverifiedAnswerError struct {
	code dnsmessage.RCode
	err  uint16 // of its signature
}

func (u *unverifiedAnswerError) Error() string { return "its answer is not signed" }

// isPlainRefusal reports whether the answer only refuses, as for a zone that is not there.
func (u *unverifiedAnswerError) isPlainRefusal() bool {
	return u.err == 0 && (u.code == dnsmessage.RCodeRefused || u.code == rcodeNotAuth)
}

// clockSkewError is a message whose time the server does not take.
type clockSkewError struct{ behind time.Duration } // this machine's clock; negative: ahead

func (s *clockSkewError) Error() string {
	if s.behind < 0 {
		return fmt.Sprintf("the clock of this machine is %d s ahead of the server's (BADTIME)", int(-s.behind.Seconds()))
	}
	return fmt.Sprintf("the clock of this machine is %d s behind the server's (BADTIME)", int(s.behind.Seconds()))
}

var errBadSignature = errors.New("the signature of its answer is wrong")

// verify checks that msg is signed by the key as the answer to the message with this
// MAC, and gives it without the signature.
func (s *tsigSigner) verify(msg, before []byte, now time.Time) ([]byte, error) {
	t, ok, err := findTSIG(msg)
	if err != nil {
		return nil, err
	}
	code := dnsmessage.RCode(msg[3] & 15)
	switch {
	case !ok:
		return nil, &unverifiedAnswerError{code: code}
	case len(t.mac) == 0 && t.err != 0:
		return nil, &unverifiedAnswerError{code, t.err}
	case string(t.name) != string(s.name) || string(t.algorithm) != string(s.algorithm):
		return nil, errBadSignature
	}
	bare := append([]byte(nil), msg[:t.offset]...)
	binary.BigEndian.PutUint16(bare, t.originalID)
	binary.BigEndian.PutUint16(bare[10:], binary.BigEndian.Uint16(bare[10:])-1)
	if !hmac.Equal(t.mac, s.computeMAC(before, bare, t.signedVariables())) { // a shortened one is none
		return nil, errBadSignature
	}
	binary.BigEndian.PutUint16(bare, binary.BigEndian.Uint16(msg))
	behind := t.clockAhead(now)
	s.clockBehind.Store(&behind)
	return bare, t.checkTime(behind)
}

// clockAhead is by how much the clock of who signed is ahead of this one.
func (t tsig) clockAhead(now time.Time) time.Duration {
	at := t.signed
	if t.err == badTime && len(t.other) == 6 {
		at = uint64(binary.BigEndian.Uint16(t.other))<<32 | uint64(binary.BigEndian.Uint32(t.other[2:]))
	}
	behind := time.Duration(min(at, 1<<33)) * time.Second // 2^33 s are the most that fit
	return behind - time.Duration(now.Unix())*time.Second
}

// checkTime checks whether a valid signature is of this time, where this
// machine's clock is so far behind.
func (t tsig) checkTime(behind time.Duration) error {
	switch {
	case t.err == badTime:
		return &clockSkewError{behind}
	case t.err != 0, behind.Abs() > fudge*time.Second:
		return errBadSignature
	}
	return nil
}

// findTSIG returns the signature of a message: its last record, if it is one.
func findTSIG(msg []byte) (t tsig, ok bool, err error) {
	if len(msg) < headerSize {
		return tsig{}, false, errNotDNSMessage
	}
	count := func(at int) int { return int(binary.BigEndian.Uint16(msg[at:])) }
	w := wireReader{msg, headerSize}
	for range count(4) {
		if err := w.skipName(); err != nil {
			return tsig{}, false, err
		}
		if _, err := w.readBytes(4); err != nil {
			return tsig{}, false, err
		}
	}
	records := count(6) + count(8) + count(10)
	for range records - 1 {
		if err := w.skipRecord(); err != nil {
			return tsig{}, false, err
		}
	}
	if count(10) == 0 {
		return tsig{}, false, nil
	}
	t.offset = w.offset
	ok, err = t.parse(&w)
	return t, ok, err
}

// parse takes the record at w, which has to be the last; ok says whether it is a
// signature.
func (t *tsig) parse(w *wireReader) (ok bool, err error) {
	h, err := w.readRecord()
	if err != nil || h.typ != typeTSIG {
		return false, err
	}
	if h.class != classAny || h.end != len(w.msg) {
		return false, errNotDNSMessage
	}
	t.name, *w = h.name, h.data
	if t.algorithm, err = w.readName(); err != nil {
		return false, err
	}
	when, err := w.readBytes(8)
	if err != nil {
		return false, err
	}
	t.signed = uint64(binary.BigEndian.Uint16(when))<<32 | uint64(binary.BigEndian.Uint32(when[2:]))
	t.fudge = binary.BigEndian.Uint16(when[6:])
	if t.mac, err = w.readLengthPrefixed(); err != nil {
		return false, err
	}
	if t.originalID, err = w.readUint16(); err != nil {
		return false, err
	}
	if t.err, err = w.readUint16(); err != nil {
		return false, err
	}
	if t.other, err = w.readLengthPrefixed(); err != nil || w.offset != len(w.msg) {
		return false, errNotDNSMessage
	}
	return true, nil
}

// readLengthPrefixed reads octets that follow their number.
func (w *wireReader) readLengthPrefixed() ([]byte, error) {
	n, err := w.readUint16()
	if err != nil {
		return nil, err
	}
	return w.readBytes(int(n))
}
