package rfc2136

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// SentMessage is one that was sent, and what became of it.
type SentMessage struct {
	Server string
	Answer string        // its code, such as "NOERROR"; empty where none came, or none that is believed
	Took   time.Duration // since it was sent, with others beside it perhaps

	octets []byte
}

// Kind returns "UPDATE" or "QUERY".
func (m SentMessage) Kind() string {
	if m.octets[2]>>3 == opUpdate {
		return "UPDATE"
	}
	return "QUERY"
}

// About returns what is asked for, or the zone and how many of its sets are changed at most.
func (m SentMessage) About() string {
	w := wireReader{m.octets, headerSize}
	asked, err := w.readQuestion()
	if err != nil || len(asked) < 4 {
		return ""
	}
	var name strings.Builder
	for rest := asked[:len(asked)-4]; len(rest) > 1; rest = rest[1+int(rest[0]):] {
		name.WriteString(string(rest[1:1+int(rest[0])]) + ".")
	}
	if m.octets[2]>>3 == opUpdate {
		return fmt.Sprintf("%s (%d conditions, %d changes)", name.String(), binary.BigEndian.Uint16(m.octets[6:]), binary.BigEndian.Uint16(m.octets[8:]))
	}
	kind := strings.TrimPrefix(dnsmessage.Type(binary.BigEndian.Uint16(asked[len(asked)-4:])).String(), "Type")
	return kind + " " + name.String()
}

// reportMessage hands a message that was sent to OnMessage.
func (s *session) reportMessage(msg []byte, answer string, began time.Time) {
	if s.p.onMessage != nil {
		s.p.onMessage(SentMessage{Server: s.server, Answer: answer, Took: time.Since(began), octets: msg})
	}
}
