package schedule

import (
	"math"
	"testing"
	"time"
)

func TestJitterIsATenthAndThirtySecondsAtMost(t *testing.T) {
	const almostOne = 1 - 1e-9
	tests := []struct {
		interval time.Duration
		most     time.Duration
	}{
		{0, 0},
		{59 * time.Second, 0},
		{time.Minute, 6 * time.Second},
		{5 * time.Minute, 30 * time.Second},
		{24 * time.Hour, 30 * time.Second},
	}
	for _, tt := range tests {
		if got := Jitter(tt.interval, 0); got != 0 {
			t.Errorf("%s: %s without luck", tt.interval, got)
		}
		if got := Jitter(tt.interval, almostOne); got > tt.most || got < tt.most-time.Millisecond {
			t.Errorf("%s: %s, want just below %s", tt.interval, got, tt.most)
		}
	}
}

func TestBackoffDoublesUpToItsMost(t *testing.T) {
	want := []time.Duration{0, 1, 2, 4, 8, 16, 32, 60, 60, 60}
	for failures, seconds := range want {
		if got := Backoff(time.Second, time.Minute, failures); got != seconds*time.Second {
			t.Errorf("after %d failures: %s, want %d s", failures, got, seconds)
		}
	}
	for _, failures := range []int{-1, 62, 63, 64, 1000, math.MaxInt} {
		got := Backoff(time.Second, math.MaxInt64, failures)
		if want := time.Duration(math.MaxInt64); failures > 0 && got != want || failures < 0 && got != 0 {
			t.Errorf("after %d failures: %s", failures, got)
		}
	}
	if got := Backoff(time.Minute, time.Second, 1); got != time.Second {
		t.Errorf("a base above the most gives %s", got)
	}
}
