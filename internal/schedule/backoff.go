package schedule

import "time"

// Jitter spreads rounds so that many machines do not ask at the same instant.
// The most is a tenth of the interval and 30 s; an interval below a minute has
// none. u is the caller's dice, from 0 up to but not 1.
func Jitter(interval time.Duration, u float64) time.Duration {
	const most = 30 * time.Second
	if interval < time.Minute {
		return 0
	}
	return time.Duration(u * float64(min(interval/10, most)))
}

// Backoff is how long to wait after so many failures in a row: base, twice
// base, four times base … and never more than most. Without failures it is zero.
func Backoff(base, most time.Duration, failures int) time.Duration {
	if failures < 1 {
		return 0
	}
	doublings := min(failures-1, 62)
	if base > most>>doublings {
		return most
	}
	return base << doublings
}
