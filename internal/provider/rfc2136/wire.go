package rfc2136

import (
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
)

const (
	headerSize = 12
	maxMessage = 1<<16 - 1 // over TCP (RFC 1035, section 4.2.2)
	maxName    = 255       // in wire form

	opUpdate = 5 // RFC 2136, section 1.3

	typeTSIG  dnsmessage.Type  = 250
	typeDNAME dnsmessage.Type  = 39
	classNone dnsmessage.Class = 254
	classAny  dnsmessage.Class = 255
)

// sizeForSets is how many octets of a message there are for sets: what is left beside
// the header, the longest name of a zone and a signature.
const sizeForSets = maxMessage - 1024

var errNotDNSMessage = errors.New("it is not a DNS message")

// encodeName returns a name in wire form, without a pointer.
func encodeName(name string) ([]byte, error) { return appendLabels(nil, name, true) }

// appendLabels adds the labels of a name without a final dot, and its end where
// it is whole.
func appendLabels(b []byte, name string, whole bool) ([]byte, error) {
	start := len(b)
	for rest := name; rest != ""; {
		label, after, more := strings.Cut(rest, ".")
		if label == "" || len(label) > 63 || more && after == "" || strings.ContainsFunc(label, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return nil, errors.New("it is no name of the DNS")
		}
		b = append(append(b, byte(len(label))), label...)
		rest = after
	}
	if whole {
		b = append(b, 0)
	}
	if len(b)-start > maxName {
		return nil, errors.New("it is too long for a name of the DNS")
	}
	return b, nil
}

// appendOwnerName adds a name of the zone, whose own name stands behind the header.
func appendOwnerName(b []byte, n, zone dns.Name) []byte {
	labels := strings.TrimSuffix(strings.TrimSuffix(n.String(), zone.String()), ".")
	b, _ = appendLabels(b, labels, false) // a dns.Name can always be written
	return append(b, 0xc0, headerSize)
}

// appendRecord adds a record of the zone.
func appendRecord(b []byte, n, zone dns.Name, t dnsmessage.Type, c dnsmessage.Class, ttl uint32, data []byte) []byte {
	b = appendOwnerName(b, n, zone)
	return appendRRBody(b, t, c, ttl, data)
}

// appendRRBody adds what stands behind the name of a record.
func appendRRBody(b []byte, t dnsmessage.Type, c dnsmessage.Class, ttl uint32, data []byte) []byte {
	b = appendUint16(b, uint16(t))
	b = appendUint16(b, uint16(c))
	b = appendUint32(b, ttl)
	return appendLengthPrefixed(b, data)
}

// appendLengthPrefixed appends the number of octets and the octets.
func appendLengthPrefixed(b, data []byte) []byte {
	return append(appendUint16(b, uint16(len(data))), data...)
}

// appendUint16 and append32 add a number. They are small, and called from dozens of
// places.
//
//go:noinline // many callers: see dependencies.md
func appendUint16(b []byte, n uint16) []byte { return binary.BigEndian.AppendUint16(b, n) }

//go:noinline // many callers: see dependencies.md
func appendUint32(b []byte, n uint32) []byte { return binary.BigEndian.AppendUint32(b, n) }

// newMessage begins a message with one question, or one zone, and its counts still to be set.
func newMessage(opcode int, name string, t dnsmessage.Type) []byte {
	b := make([]byte, headerSize, 512)
	b[2] = byte(opcode << 3)
	binary.BigEndian.PutUint16(b[4:], 1)
	b, _ = appendLabels(b, name, true)
	b = appendUint16(b, uint16(t))
	return appendUint16(b, uint16(dnsmessage.ClassINET))
}

// wireReader reads a message in wire form.
type wireReader struct {
	msg    []byte
	offset int
}

// readBytes returns the next n octets.
//
//go:noinline // many callers: see dependencies.md
func (w *wireReader) readBytes(n int) ([]byte, error) {
	if n < 0 || len(w.msg)-w.offset < n {
		return nil, errNotDNSMessage
	}
	w.offset += n
	return w.msg[w.offset-n : w.offset], nil
}

func (w *wireReader) readUint16() (uint16, error) {
	b, err := w.readBytes(2)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint16(b), nil
}

// readName returns the next name in small letters and without pointers. Each pointer leads
// further back than the one before, so that it ends.
func (w *wireReader) readName() ([]byte, error) {
	var name []byte
	after, back := -1, w.offset
	for {
		head, err := w.readBytes(1)
		if err != nil {
			return nil, err
		}
		switch n := int(head[0]); {
		case n >= 0xc0:
			low, err := w.readBytes(1)
			if err != nil {
				return nil, err
			}
			to := n&0x3f<<8 | int(low[0])
			if to >= back {
				return nil, errNotDNSMessage
			}
			if after < 0 {
				after = w.offset
			}
			w.offset, back = to, to
		case n > 63:
			return nil, errNotDNSMessage
		default:
			label, err := w.readBytes(n)
			if err != nil || len(name)+n+1 > maxName {
				return nil, errNotDNSMessage
			}
			name = append(append(name, head[0]), lowerASCII(label)...)
			if n == 0 {
				if after >= 0 {
					w.offset = after
				}
				return name, nil
			}
		}
	}
}

// skipName passes a name without looking where it leads.
func (w *wireReader) skipName() error {
	for {
		head, err := w.readBytes(1)
		if err != nil {
			return err
		}
		switch n := int(head[0]); {
		case n == 0:
			return nil
		case n >= 0xc0:
			_, err := w.readBytes(1)
			return err
		case n > 63:
			return errNotDNSMessage
		default:
			if _, err := w.readBytes(n); err != nil {
				return err
			}
		}
	}
}

// nameToText converts a name to text, without a dot at its end.
func nameToText(wire []byte) string {
	var b []byte
	for len(wire) > 1 {
		n := int(wire[0])
		if len(b) > 0 {
			b = append(b, '.')
		}
		b, wire = append(b, wire[1:1+n]...), wire[1+n:]
	}
	return string(b)
}

// rrHeader is a resource record without its data, which stands at data and ends at end.
type rrHeader struct {
	name  []byte
	typ   dnsmessage.Type
	class dnsmessage.Class
	ttl   uint32
	data  wireReader // at the data, which may point back into the message
	end   int
}

// readRecord returns the next record.
func (w *wireReader) readRecord() (h rrHeader, err error) {
	if h.name, err = w.readName(); err != nil {
		return h, err
	}
	fixed, err := w.readBytes(10)
	if err != nil {
		return h, err
	}
	h.typ, h.class = dnsmessage.Type(binary.BigEndian.Uint16(fixed)), dnsmessage.Class(binary.BigEndian.Uint16(fixed[2:]))
	h.ttl = binary.BigEndian.Uint32(fixed[4:])
	h.data = *w
	_, err = w.readBytes(int(binary.BigEndian.Uint16(fixed[8:])))
	h.end = w.offset
	return h, err
}

// skipRecord passes a record.
func (w *wireReader) skipRecord() error {
	if err := w.skipName(); err != nil {
		return err
	}
	fixed, err := w.readBytes(10)
	if err != nil {
		return err
	}
	_, err = w.readBytes(int(binary.BigEndian.Uint16(fixed[8:])))
	return err
}

func lowerASCII(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return out
}
