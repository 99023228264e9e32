package rfc2136

import (
	"encoding/binary"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// updateMessage builds a DNS UPDATE (RFC 2136, section 2): the prerequisites
// come before the changes.
type updateMessage struct {
	zone          dns.Name
	prerequisites []byte
	changes       []byte
	counts        [2]int
}

// encode returns the message, unsigned and without an id.
func (m *updateMessage) encode() []byte {
	b := newMessage(opUpdate, m.zone.String(), dnsmessage.TypeSOA)
	binary.BigEndian.PutUint16(b[6:], uint16(m.counts[0]))
	binary.BigEndian.PutUint16(b[8:], uint16(m.counts[1]))
	return append(append(b, m.prerequisites...), m.changes...)
}

func (m *updateMessage) addPrerequisite(n dns.Name, t dnsmessage.Type, c dnsmessage.Class, data []byte) {
	m.prerequisites = appendRecord(m.prerequisites, n, m.zone, t, c, 0, data)
	m.counts[0]++
}

// requireExactSet makes it a prerequisite that k holds just these records; TTLs do not count
// (section 2.4).
func (m *updateMessage) requireExactSet(k dns.Key, records []dns.Record) {
	if len(records) == 0 {
		m.addPrerequisite(k.Name, toWireType(k.Type), classNone, nil)
	}
	for i := range records {
		r := &records[i]
		m.addPrerequisite(k.Name, toWireType(k.Type), dnsmessage.ClassINET, encodeRData(r))
	}
}

// requireExists makes it a prerequisite that there is a record of k, whatever it says.
func (m *updateMessage) requireExists(k dns.Key) {
	m.addPrerequisite(k.Name, toWireType(k.Type), classAny, nil)
}

// replaceSet puts these records in the place of all that k holds. It deletes first:
// Knot keeps the TTL of a value that is already there (section 2.5).
func (m *updateMessage) replaceSet(k dns.Key, records []dns.Record) {
	change := func(c dnsmessage.Class, ttl int, data []byte) {
		m.changes = appendRecord(m.changes, k.Name, m.zone, toWireType(k.Type), c, uint32(ttl), data)
		m.counts[1]++
	}
	change(classAny, 0, nil)
	for i := range records {
		r := &records[i]
		change(dnsmessage.ClassINET, r.TTL, encodeRData(r))
	}
}

// encodeRData returns the data of an address or TXT record in wire form.
func encodeRData(r *dns.Record) []byte {
	if r.Type != dns.TXT {
		return r.Addr.AsSlice()
	}
	var b []byte
	for _, s := range r.Data().Strings() {
		b = append(append(b, byte(len(s))), s...)
	}
	return b
}

// encodeUpdate returns the message that carries out these sets, if each is as it was read.
func encodeUpdate(zone dns.Name, sets []plan.Set) []byte {
	m := updateMessage{zone: zone}
	for i := range sets {
		m.addSet(&sets[i])
	}
	return m.encode()
}

// addSet carries out a set if it is as it was read, and is its owner's as it was.
func (m *updateMessage) addSet(s *plan.Set) {
	m.requireExactSet(s.Key, s.Records)
	if !s.Mark.Name.IsZero() {
		m.requireExactSet(s.Mark, s.Marks)
	}
	m.replaceSet(s.Key, s.After())
}

// setSize returns a function for an upper bound of what a set adds to a message's length.
func setSize(zone dns.Name) func(*plan.Set) int {
	return func(s *plan.Set) int {
		m := updateMessage{zone: zone}
		m.addSet(s)
		return len(m.prerequisites) + len(m.changes)
	}
}
