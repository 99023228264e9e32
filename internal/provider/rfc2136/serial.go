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

// fewQuestions is up to how many of them are asked without more ado.
const fewQuestions = 8

// serials is what was read at which serial, by server and zone.
type serials struct {
	mu sync.Mutex
	at map[string]*known
}

// known is what was asked of a zone that had this serial.
type known struct {
	serial uint32
	asked  map[question]struct{}
}

// read takes note that these were answered while the zone had this serial.
func (s *serials) read(server string, zone dns.Name, serial uint32, questions []question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := server + " " + zone.String()
	k := s.at[key]
	if k == nil || k.serial != serial {
		if s.at == nil {
			s.at = make(map[string]*known)
		}
		k = &known{serial, make(map[question]struct{}, len(questions))}
		s.at[key] = k
	}
	for _, q := range questions {
		k.asked[q.whole()] = struct{}{}
	}
}

// wrote takes note of a message that the server took: all of it was done, or nobody
// knows.
func (s *serials) wrote(server string, zone dns.Name, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := server + " " + zone.String()
	if k := s.at[key]; k != nil && done {
		k.serial++
	} else {
		delete(s.at, key)
	}
}

// unknown are those of these questions of which it is not known that the answer is as
// it was, now that the zone has this serial.
func (s *serials) unknown(server string, zone dns.Name, serial uint32, questions []question) (left []question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.at[server+" "+zone.String()]
	if k == nil || k.serial != serial {
		return questions
	}
	for _, q := range questions {
		if _, ok := k.asked[q.whole()]; !ok {
			left = append(left, q)
		}
	}
	return left
}

// serial asks for that of a zone; zero where it is not told.
func (s *session) serial(ctx context.Context, zone dns.Name) uint32 {
	q := question{zone, dnsmessage.TypeSOA}
	answers, err := s.ask(ctx, []question{q})
	if err != nil || !answers[q].answered() || answers[q].soa != zone.String() {
		return 0 // what is asked next tells why
	}
	return answers[q].serial
}

// readSerial takes it out of the data of a SOA record (RFC 1035, section 3.3.13);
// zero where that is none.
func (h *head) readSerial() uint32 {
	for range 2 {
		if h.data.skipName() != nil {
			return 0
		}
	}
	b, err := h.data.take(20)
	if err != nil || h.data.at != h.end {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

// whole stands for both families of a name: they are always read together.
func (q question) whole() question {
	if q.typ == dnsmessage.TypeAAAA {
		q.typ = dnsmessage.TypeA
	}
	return q
}
