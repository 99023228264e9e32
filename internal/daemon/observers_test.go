package daemon

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/secret"
)

// slow is a service that takes its time and does not answer the first time.
type slow struct{ asked, heard int }

func (s *slow) Do(r *http.Request) (*http.Response, error) {
	s.asked++
	select {
	case <-time.After(9 * time.Second):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if s.asked == 1 {
		return nil, errors.New("connection reset")
	}
	s.heard++
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

// A one-shot has nothing else to do than to tell; a daemon that ends has.
func TestOnlyWhoIsWaitedForGivesUpASlowService(t *testing.T) {
	for moment, want := range map[time.Duration]int{FlushTimeout: 1, flushTimeoutStopping: 0, minFlushTime: 0} {
		synctest.Test(t, func(t *testing.T) {
			service := &slow{}
			sink, err := notify.NewWebhook(secret.New("http://service.example/"), service)
			if err != nil {
				t.Fatal(err)
			}
			w := &observers{dispatcher: notify.NewDispatcher([]notify.Sink{sink}, nil)}
			w.dispatcher.Send(notify.ScheduleEndedEvent(time.Now()))
			began := time.Now()
			w.flush(t.Context(), moment)
			if took := time.Since(began); service.heard != want || took > moment {
				t.Errorf("within %s it heard %d messages, after %s", moment, service.heard, took)
			}
		})
	}
}

func TestASignalEndsTheWaitForAService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slow{}
		sink, err := notify.NewWebhook(secret.New("http://service.example/"), service)
		if err != nil {
			t.Fatal(err)
		}
		w := &observers{dispatcher: notify.NewDispatcher([]notify.Sink{sink}, nil)}
		w.dispatcher.Send(notify.ScheduleEndedEvent(time.Now()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if w.flush(ctx, FlushTimeout); time.Since(began) != time.Second {
			t.Errorf("it took %s", time.Since(began))
		}
	})
}
