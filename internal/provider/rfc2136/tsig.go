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
	start      int // where it begins
	name       []byte
	algorithm  []byte
	signed     uint64 // when, in seconds
	fudge      uint16
	mac        []byte
	originalID uint16
	err        uint16
	other      []byte
}

// variables is what of the record is signed (RFC 8945, section 4.3.3).
func (t tsig) variables() []byte {
	b := append([]byte(nil), t.name...)
	b = append16(b, uint16(classAny))
	b = append32(b, 0)
	b = append(b, t.algorithm...)
	b = append48(b, t.signed)
	b = append16(b, t.fudge)
	return appendCounted(append16(b, t.err), t.other)
}

// data is the content of the record.
func (t tsig) data() []byte {
	b := append([]byte(nil), t.algorithm...)
	b = append48(b, t.signed)
	b = append16(b, t.fudge)
	b = appendCounted(b, t.mac)
	b = append16(b, t.originalID)
	return appendCounted(append16(b, t.err), t.other)
}

func append48(b []byte, n uint64) []byte {
	b = append16(b, uint16(n>>32))
	return append32(b, uint32(n))
}

// sign is a message with its signature behind it; before is the MAC of the
// message it answers, with its length in front, or nothing.
func (s *signer) sign(msg, before []byte, now time.Time) (signed, mac []byte) {
	return s.signAs(tsig{signed: uint64(now.Unix())}, msg, before)
}

func (s *signer) signAs(t tsig, msg, before []byte) (signed, mac []byte) {
	t.name, t.algorithm, t.fudge, t.originalID = s.name, s.algorithm, fudge, binary.BigEndian.Uint16(msg)
	t.mac = s.mac(before, msg, t.variables())
	signed = append([]byte(nil), msg...)
	binary.BigEndian.PutUint16(signed[10:], binary.BigEndian.Uint16(signed[10:])+1)
	signed = append(signed, t.name...)
	return appendBody(signed, typeTSIG, classAny, 0, t.data()), t.mac
}

// chained is a MAC as the answer to its message signs it.
func chained(mac []byte) []byte {
	return appendCounted(nil, mac)
}

// unverified is an answer that nobody can say is the server's.
type unverified struct {
	code dnsmessage.RCode
	err  uint16 // of its signature
}

func (u *unverified) Error() string { return "its answer is not signed" }

// refuses says whether it says no more than that, as of a zone that is not there.
func (u *unverified) refuses() bool {
	return u.err == 0 && (u.code == dnsmessage.RCodeRefused || u.code == rcodeNotAuth)
}

// skewed is a message whose time the server does not take.
type skewed struct{ behind time.Duration } // this machine's clock; negative: ahead

func (s *skewed) Error() string {
	if s.behind < 0 {
		return fmt.Sprintf("the clock of this machine is %d s ahead of the server's (BADTIME)", int(-s.behind.Seconds()))
	}
	return fmt.Sprintf("the clock of this machine is %d s behind the server's (BADTIME)", int(s.behind.Seconds()))
}

var errSignature = errors.New("the signature of its answer is wrong")

// verify wants msg to be signed by the key as the answer to the message with this
// MAC, and gives it without the signature.
func (s *signer) verify(msg, before []byte, now time.Time) ([]byte, error) {
	t, ok, err := findTSIG(msg)
	if err != nil {
		return nil, err
	}
	code := dnsmessage.RCode(msg[3] & 15)
	switch {
	case !ok:
		return nil, &unverified{code: code}
	case len(t.mac) == 0 && t.err != 0:
		return nil, &unverified{code, t.err}
	case string(t.name) != string(s.name) || string(t.algorithm) != string(s.algorithm):
		return nil, errSignature
	}
	bare := append([]byte(nil), msg[:t.start]...)
	binary.BigEndian.PutUint16(bare, t.originalID)
	binary.BigEndian.PutUint16(bare[10:], binary.BigEndian.Uint16(bare[10:])-1)
	if !hmac.Equal(t.mac, s.mac(before, bare, t.variables())) { // a shortened one is none
		return nil, errSignature
	}
	binary.BigEndian.PutUint16(bare, binary.BigEndian.Uint16(msg))
	behind := t.ahead(now)
	s.behind.Store(&behind)
	return bare, t.timely(behind)
}

// ahead is by how much the clock of who signed is ahead of this one.
func (t tsig) ahead(now time.Time) time.Duration {
	at := t.signed
	if t.err == badTime && len(t.other) == 6 {
		at = uint64(binary.BigEndian.Uint16(t.other))<<32 | uint64(binary.BigEndian.Uint32(t.other[2:]))
	}
	behind := time.Duration(min(at, 1<<33)) * time.Second // 2^33 s are the most that fit
	return behind - time.Duration(now.Unix())*time.Second
}

// timely says whether a signature that is right is of this time, where this
// machine's clock is so far behind.
func (t tsig) timely(behind time.Duration) error {
	switch {
	case t.err == badTime:
		return &skewed{behind}
	case t.err != 0, behind.Abs() > fudge*time.Second:
		return errSignature
	}
	return nil
}

// findTSIG is the signature of a message: its last record, if it is one.
func findTSIG(msg []byte) (t tsig, ok bool, err error) {
	if len(msg) < headerSize {
		return tsig{}, false, errMessage
	}
	count := func(at int) int { return int(binary.BigEndian.Uint16(msg[at:])) }
	w := walk{msg, headerSize}
	for range count(4) {
		if err := w.skipName(); err != nil {
			return tsig{}, false, err
		}
		if _, err := w.take(4); err != nil {
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
	t.start = w.at
	ok, err = t.read(&w)
	return t, ok, err
}

// read takes the record at w, which has to be the last; ok says whether it is a
// signature.
func (t *tsig) read(w *walk) (ok bool, err error) {
	h, err := w.record()
	if err != nil || h.typ != typeTSIG {
		return false, err
	}
	if h.class != classAny || h.end != len(w.msg) {
		return false, errMessage
	}
	t.name, *w = h.name, h.data
	if t.algorithm, err = w.name(); err != nil {
		return false, err
	}
	when, err := w.take(8)
	if err != nil {
		return false, err
	}
	t.signed = uint64(binary.BigEndian.Uint16(when))<<32 | uint64(binary.BigEndian.Uint32(when[2:]))
	t.fudge = binary.BigEndian.Uint16(when[6:])
	if t.mac, err = w.counted(); err != nil {
		return false, err
	}
	if t.originalID, err = w.uint16(); err != nil {
		return false, err
	}
	if t.err, err = w.uint16(); err != nil {
		return false, err
	}
	if t.other, err = w.counted(); err != nil || w.at != len(w.msg) {
		return false, errMessage
	}
	return true, nil
}

// counted is octets behind their number.
func (w *walk) counted() ([]byte, error) {
	n, err := w.uint16()
	if err != nil {
		return nil, err
	}
	return w.take(int(n))
}
