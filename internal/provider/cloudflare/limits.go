package cloudflare

import "sync"

// Limits is what Cloudflare allows: so many calls to a credential, and one change
// at a time to the lists of an account. Providers that share one keep to it
// together, and it outlives them: a reload does not begin to count anew. Its
// zero value is ready.
type Limits struct {
	turns turns // of the accounts whose lists are changed

	mu    sync.Mutex
	gates map[Credential]*gate
}

// gate is the one that all calls with a credential go through.
func (l *Limits) gate(c Credential) *gate {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gates[c] == nil {
		if l.gates == nil {
			l.gates = make(map[Credential]*gate)
		}
		l.gates[c] = new(gate)
	}
	return l.gates[c]
}
