package daemon

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/web"
)

// notifyServices shows the page who is told by one set of settings, and sends a test.
type notifyServices struct {
	dispatcher *notify.Dispatcher
	version    string
}

func (m *notifyServices) Services() []web.Service {
	var all []web.Service
	can := m.dispatcher.Testable()
	for i, h := range m.dispatcher.Health() {
		all = append(all, web.Service{Name: h.Sink, Tests: can[i], Sent: h.Sent, Failed: h.Failed, Tried: h.Tried, Since: h.Since, Err: h.Err, Hint: h.Hint})
	}
	return all
}

func (m *notifyServices) Test(ctx context.Context, service string) error {
	return m.dispatcher.Test(ctx, service, notify.TestEvent(time.Now(), "homing "+m.version))
}
