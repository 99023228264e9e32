package daemon

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/web"
)

// messenger shows the page who is told by one set of settings, and sends a test.
type messenger struct {
	sinks   *notify.Dispatcher
	version string
}

func (m *messenger) Services() []web.Service {
	var all []web.Service
	can := m.sinks.CanTest()
	for i, h := range m.sinks.Health() {
		all = append(all, web.Service{Name: h.Sink, Tests: can[i], Sent: h.Sent, Failed: h.Failed, Tried: h.Tried, Since: h.Since, Err: h.Err, Hint: h.Hint})
	}
	return all
}

func (m *messenger) Test(ctx context.Context, service string) error {
	return m.sinks.Test(ctx, service, notify.Testing(time.Now(), "homing "+m.version))
}
