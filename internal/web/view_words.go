package web

import (
	"fmt"
	"time"
)

func rfc(t time.Time) string                           { return t.UTC().Format(time.RFC3339) }
func num[N int | int64 | uint64 | float64](n N) string { return fmt.Sprint(n) }
func pct(f float64) string                             { return fmt.Sprint(f) + "%" }
