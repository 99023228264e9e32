package rfc2136

import (
	"context"
	"encoding/binary"
	"sync"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/dns"
)

// A server compares values before a change, and not TTLs: what somebody else made of
// those since they were read has to be asked for. The serial of the zone tells it of
// all sets at once. Every change counts it up (RFC 2136, section 3.6): while it is the
// one at which a set was read, counted up by one for each message of our own, nobody
// else changed anything. Where a server counts otherwise, as one that signs the zone
// may, or where anything else was changed, the sets are asked for one by one.

// maxQuestionsWithoutSerial is up to how many of them are asked without more ado.
const maxQuestionsWithoutSerial = 8

// serialCache remembers what was read at which serial, by server and zone.
type serialCache struct {
	mu     sync.Mutex
	byZone map[string]*serialState
}

// serialState is what was asked of a zone that had this serial.
type serialState struct {
	serial   uint32
	answered map[question]struct{}
}

// recordRead remembers that these were answered while the zone had this serial.
func (s *serialCache) recordRead(server string, zone dns.Name, serial uint32, questions []question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := server + " " + zone.String()
	k := s.byZone[key]
	if k == nil || k.serial != serial {
		if s.byZone == nil {
			s.byZone = make(map[string]*serialState)
		}
		k = &serialState{serial, make(map[question]struct{}, len(questions))}
		s.byZone[key] = k
	}
	for _, q := range questions {
		k.answered[q.bothFamilies()] = struct{}{}
	}
}

// recordWrite remembers a message that the server took: all of it was done, or nobody
// knows.
func (s *serialCache) recordWrite(server string, zone dns.Name, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := server + " " + zone.String()
	if k := s.byZone[key]; k != nil && done {
		k.serial++
	} else {
		delete(s.byZone, key)
	}
}

// staleQuestions returns those of these questions of which it is not known that the answer is as
// it was, now that the zone has this serial.
func (s *serialCache) staleQuestions(server string, zone dns.Name, serial uint32, questions []question) (left []question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.byZone[server+" "+zone.String()]
	if k == nil || k.serial != serial {
		return questions
	}
	for _, q := range questions {
		if _, ok := k.answered[q.bothFamilies()]; !ok {
			left = append(left, q)
		}
	}
	return left
}

// querySerial asks for that of a zone; zero where it is not told.
func (s *session) querySerial(ctx context.Context, zone dns.Name) uint32 {
	q := question{zone, dnsmessage.TypeSOA}
	answers, err := s.query(ctx, []question{q})
	if err != nil || !answers[q].isConclusive() || answers[q].zoneApex != zone.String() {
		return 0 // what is asked next tells why
	}
	return answers[q].serial
}

// parseSOASerial takes it out of the data of a SOA record (RFC 1035, section 3.3.13);
// zero where that is none.
func (h *rrHeader) parseSOASerial() uint32 {
	for range 2 {
		if h.data.skipName() != nil {
			return 0
		}
	}
	b, err := h.data.readBytes(20)
	if err != nil || h.data.offset != h.end {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

// bothFamilies stands for both families of a name: they are always read together.
func (q question) bothFamilies() question {
	if q.typ == dnsmessage.TypeAAAA {
		q.typ = dnsmessage.TypeA
	}
	return q
}
