package web

import (
	"fmt"
	"time"
)

func (v view) long(t time.Time) string {
	return t.In(v.now.Location()).Format("Mon 2 Jan 2006, 15:04:05 MST")
}
func (v view) stamp(t time.Time) string { return stamp(t, v.now.Location()) }

func rfc(t time.Time) string                           { return t.UTC().Format(time.RFC3339) }
func num[N int | int64 | uint64 | float64](n N) string { return fmt.Sprint(n) }
func pct(f float64) string                             { return fmt.Sprint(f) + "%" }
