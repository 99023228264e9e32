package config

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoad is how long a start waits for its configuration.
func BenchmarkLoad(b *testing.B) {
	many, list := []string{}, strings.Builder{}
	for i := range 2000 {
		name := fmt.Sprintf("host%d.example.org", i)
		many = append(many, name)
		fmt.Fprintf(&list, "  - {name: %s, ttl: 120}\n", name)
	}
	for name, files := range map[string]map[string]string{
		"environment": nil,
		"a file":      {"homing.yaml": everything, "tokens/cf": "t"},
		"2000 names":  {"homing.yaml": "accounts: {default: {token: x}}\nrecords:\n" + list.String()},
	} {
		b.Run(name, func(b *testing.B) {
			env := map[string]string{"WORK_KEY": "k"}
			if files == nil {
				env = ok("DOMAINS", strings.Join(many[:20], ","))
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := load(env, files); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
