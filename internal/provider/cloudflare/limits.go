package cloudflare

import (
	"time"

	"github.com/homing-dns/homing/internal/provider/rest"
)

// Cloudflare allows 1,200 calls in five minutes to a user, dashboard included,
// and refuses everything for five minutes after that (its docs, 2026-04). One
// process stops before.
const (
	callsPerWindow = 1000
	rateWindow     = 5 * time.Minute
	rateBlockTime  = rateWindow
)

// Limits is what Cloudflare allows: so many calls to a credential, and one change
// at a time to the lists of an account: it refuses a second one (its SDK, 2026-01).
// Providers that share one keep to it together, and it outlives them: a reload
// does not begin to count anew. Its zero value is ready.
type Limits struct {
	listLocks rest.KeyedMutex // of the accounts whose lists are changed
	quotas    rest.Quotas[Credential]
}

// quotaFor returns the quota that all calls with a credential go through.
func (l *Limits) quotaFor(c Credential) *rest.Quota {
	return l.quotas.For(c, rest.Limit{Host: hostInfo().Name, Calls: callsPerWindow, Window: rateWindow})
}
