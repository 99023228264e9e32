package rfc2136

import (
	"encoding/binary"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// message is a DNS UPDATE in the making (RFC 2136, section 2): the conditions
// come before the changes.
type message struct {
	zone       dns.Name
	conditions []byte
	changes    []byte
	counts     [2]int
}

// bytes is the message, not yet signed and without an id.
func (m *message) bytes() []byte {
	b := begin(opUpdate, m.zone.String(), dnsmessage.TypeSOA)
	binary.BigEndian.PutUint16(b[6:], uint16(m.counts[0]))
	binary.BigEndian.PutUint16(b[8:], uint16(m.counts[1]))
	return append(append(b, m.conditions...), m.changes...)
}

func (m *message) want(n dns.Name, t dnsmessage.Type, c dnsmessage.Class, data []byte) {
	m.conditions = appendRecord(m.conditions, n, m.zone, t, c, 0, data)
	m.counts[0]++
}

// wants makes it a condition that k holds just these records; TTLs do not count
// (section 2.4).
func (m *message) wants(k dns.Key, records []dns.Record) {
	if len(records) == 0 {
		m.want(k.Name, wireType(k.Type), classNone, nil)
	}
	for i := range records {
		r := &records[i]
		m.want(k.Name, wireType(k.Type), dnsmessage.ClassINET, dataOf(r))
	}
}

// wantsAny makes it a condition that there is a record of k, whatever it says.
func (m *message) wantsAny(k dns.Key) { m.want(k.Name, wireType(k.Type), classAny, nil) }

// replace puts these records in the place of all that k holds. It deletes first:
// Knot keeps the TTL of a value that is already there (section 2.5).
func (m *message) replace(k dns.Key, records []dns.Record) {
	change := func(c dnsmessage.Class, ttl int, data []byte) {
		m.changes = appendRecord(m.changes, k.Name, m.zone, wireType(k.Type), c, uint32(ttl), data)
		m.counts[1]++
	}
	change(classAny, 0, nil)
	for i := range records {
		r := &records[i]
		change(dnsmessage.ClassINET, r.TTL, dataOf(r))
	}
}

// dataOf is what an address record or a TXT record says, in wire form.
func dataOf(r *dns.Record) []byte {
	if r.Type != dns.TXT {
		return r.Addr.AsSlice()
	}
	var b []byte
	for _, s := range r.Data().Strings() {
		b = append(append(b, byte(len(s))), s...)
	}
	return b
}

// updating is the message that carries out these sets, if each is as it was read.
func updating(zone dns.Name, sets []plan.Set) []byte {
	m := message{zone: zone}
	for i := range sets {
		m.add(&sets[i])
	}
	return m.bytes()
}

// add carries out a set if it is as it was read, and is its owner's as it was.
func (m *message) add(s *plan.Set) {
	m.wants(s.Key, s.Records)
	if !s.Mark.Name.IsZero() {
		m.wants(s.Mark, s.Marks)
	}
	m.replace(s.Key, s.After())
}

// octets is what a set adds to the length of a message, and no less.
func octets(zone dns.Name) func(*plan.Set) int {
	return func(s *plan.Set) int {
		m := message{zone: zone}
		m.add(s)
		return len(m.conditions) + len(m.changes)
	}
}
