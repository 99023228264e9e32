package providertest

import (
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// Subject is a provider under test, and a way into its host that does not use it.
type Subject struct {
	Provider provider.Provider
	Zone     dns.Name // holds nothing but its own NS records when a test begins
	// SubZone is a second zone of the account, below Zone; zero if there is none.
	SubZone dns.Name
	// Many is how many records the zone has room for: more than one call takes
	// where the host's quota allows that. At least 2.
	Many int
	// Tags are tags that the zone takes; none if it takes none.
	Tags []string

	// Seed stores records, without their IDs, as somebody else would. Beside
	// addresses there are CNAME, NS and TXT records, with their content in Text.
	Seed func(t *testing.T, records ...dns.Record)
	// Stored reads every record at a name, of whatever type, with its ID.
	Stored func(t *testing.T, n dns.Name) []dns.Record

	// Sets says that the provider writes whole RRsets: what was read is the
	// condition of each write, and records have no ids.
	Sets bool
	// Served says that records are read by questions to a name server, which tells
	// of one delegation above a name: the one it answers with.
	Served bool
	// Single says that a name is the service's, whole: it holds one address of a
	// name and type, and deletes none.
	Single bool
	// Uncut says that a TXT record is one text, which is cut only where it is too long
	// for one string.
	Uncut bool
	// Trace is what was done at the host since it was asked last: "read" and
	// "write", a word for each RRset. Of providers that write whole sets which the
	// host compares with nothing.
	Trace func(t *testing.T) []string

	// Lists is where the host keeps IP lists; nil where it keeps none.
	Lists *ListHost

	// Faults is what can be made to fail; nil where nothing can.
	Faults *Faults
}

// Faults are the ways in which the host can be made to fail.
type Faults struct {
	// LoseAnswers makes the host carry out each following write and lose the answer.
	LoseAnswers func(t *testing.T)
	// GoDown makes every following call fail before anything happens.
	GoDown func(t *testing.T)
	// Hang makes every following call take until its caller gives up.
	Hang func(t *testing.T)
	// Ignore makes the host answer each following write as done, and leave the
	// record as it is given; nil where a host cannot.
	Ignore func(t *testing.T, as dns.Record)
}
