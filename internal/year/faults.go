package year

import (
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
)

// fault is a way for the world to go wrong.
type fault struct {
	kind   string
	within time.Duration // so long after it ended all is right at the latest; zero: two rounds
	mild   bool          // what is true is published all the same
	alone  string        // of those that share this word one is enough
	fits   func(*world) bool
	begin  func(*world) (end func())
}

// clashes says whether two faults would get in each other's way.
func (f fault) clashes(g fault) bool {
	return f.kind == g.kind || f.alone != "" && f.alone == g.alone
}

// faults are all of them, with the times of the documents: what is refused is
// tried again after 15 minutes at the latest (ownership-and-deletion.md), a
// listing is 15 minutes old at the most, a change is held back for 5, what a
// rival does is put right after an hour.
func faults() []fault {
	const (
		seen    = resync + 2*every           // what somebody did is seen with the next listing
		retried = 15*time.Minute + every     // what was refused
		both    = resync + retried + 2*every // a listing that lied led to what was refused
	)
	return append(slices.Concat(listFaults(seen), updateFaults(retried), routerFaults()), []fault{
		{kind: "a liar", mild: true, begin: lies(1, apart)},
		{kind: "a way that is late by a day", mild: true, begin: lies(1, late)},
		{kind: "an address that comes back, and a way that is late", within: 5*time.Minute + 2*every, mild: true, begin: comesBack},
		{kind: "an address that comes back while records are deleted", within: seen, mild: true, begin: comesBackAmidEdits},
		{kind: "most ways lie, each another lie", begin: lies(3, apart)},
		{kind: "most ways tell the same lie", begin: collusion},
		{kind: "an operator lies by all its ways", fits: majority, mild: true, begin: lies(4, alike)},
		{kind: "some ways tell what is not public", begin: lies(4, hidden)},
		{kind: "a captive portal", begin: everywhere(portal)},
		{kind: "a way that answers badly", mild: true, begin: bad(1)},
		{kind: "ways that answer badly", begin: bad(3)},
		{kind: "ways that are slow", begin: slowWays},
		{kind: "a line that is down", mild: true, fits: unwired, begin: lineDown},
		{kind: "a line that is down", fits: wire, begin: lineDown}, // nobody reaches Cloudflare either
		{kind: "a line that flaps", within: 5*time.Minute + 2*every, begin: flapping},
		{kind: "two lines", within: 5 * every, fits: unwired, begin: twoLines},

		{kind: "answers that are lost", fits: inMap, begin: hostFault(writes, provider.Unconfirmed, after, 3)},
		{kind: "a host that is away", fits: inMap, begin: hostFault(anything, provider.Unavailable, before, 1)},
		{kind: "reads that fail", fits: inMap, begin: hostFault(reads, provider.Unavailable, before, 2)},
		{kind: "writes that fail", fits: inMap, begin: hostFault(writes, provider.Unavailable, before, 2)},
		{kind: "a host that asks to wait", within: 5*time.Minute + 2*every, fits: inMap, begin: hostFault(anything, provider.Throttled, before, 2)},
		{kind: "a credential that is refused", within: retried, fits: inMap, begin: hostFault(anything, provider.Auth, before, 1)},
		{kind: "a zone that is gone", within: retried + 2*every, fits: inMap, begin: hostFault(inZone, provider.NoZone, before, 1)},
		{kind: "a name that is refused", within: retried, mild: true, fits: inMap, begin: refusal(provider.Rejected)},
		{kind: "a name that proves stale", within: retried, mild: true, fits: inMap, begin: refusal(provider.Stale)},
		{kind: "a zone that is full", within: both, fits: inMap, begin: full},
		{kind: "listings that lag behind", within: both, fits: inMap, begin: lagging},
		{kind: "listings that show nothing", within: both, fits: inMap, begin: blank},
		{kind: "listings that miss a part", within: both, fits: inMap, begin: partial},
		{kind: "a host that is slow", fits: inMap, begin: slowHost},

		{kind: "somebody edits a record", within: seen, begin: edits(content)},
		{kind: "somebody edits attributes", within: seen, fits: free, begin: edits(attributes)},
		{kind: "somebody deletes a record", within: seen, begin: edits(nothing)},
		{kind: "somebody adds a record", within: seen, fits: free, begin: edits(another)},
		{kind: "somebody takes a record over", within: both, fits: owning, begin: takesOver},
		{kind: "a CNAME in the way", within: both, begin: alias},
		{kind: "a rival", within: 75 * time.Minute, begin: rival},

		{kind: "settings read again", begin: reloads},
		{kind: "a name taken out of the settings", within: seen, alone: "settings", begin: dropped},
		{kind: "settings of a name that are changed", within: both, alone: "settings", begin: resettled},
		{kind: "a name put into the settings", within: seen, alone: "settings", fits: free, begin: added},
		{kind: "a restart", begin: restarts},
		{kind: "killed in the midst of it", begin: kills},
		{kind: "cleaned up, and started again", within: both, fits: free, begin: cleans},
		{kind: "a machine that sleeps", within: 3 * every, begin: sleeps},
		{kind: "a clock that was wrong", begin: wrongClock},
		{kind: "a full disk", begin: fullDisk},
		{kind: "a history that was cut off", begin: torn},
		{kind: "a file of somebody else's in its place", begin: strange},
	}...)
}

// all is what may go wrong in this world.
func (w *world) all() (fit []fault) {
	for _, f := range append(faults(), wireFaults()...) {
		if f.fits == nil || f.fits(w) {
			fit = append(fit, f)
		}
	}
	return fit
}

func unwired(w *world) bool { return !w.report.Wire }
func wire(w *world) bool    { return w.report.Wire }
func inMap(w *world) bool   { return !w.report.Wire && !w.updates }
func owning(w *world) bool  { return w.settings.owned }
func free(w *world) bool    { return !w.updates } // a name may hold what somebody likes, and lose it

// writes, reads and the like are the steps of a host in a map at which something
// goes wrong; before: in its stead, after: when it was done.
func writes(c memory.Call) bool { return c.Step == memory.WriteBatch || writesList(c) }
func reads(c memory.Call) bool {
	return c.Step == memory.ReadRecords || c.Step == memory.FindZones || c.Step == memory.ReadList
}
func inZone(c memory.Call) bool   { return c.Step == memory.ReadRecords || c.Step == memory.WriteBatch }
func anything(c memory.Call) bool { return reads(c) || writes(c) }

const (
	before = false
	after  = true
)
