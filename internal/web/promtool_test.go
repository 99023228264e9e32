//go:build check

package web_test

import (
	"os/exec"
	"strings"
	"testing"
)

func promtool(t *testing.T, in string, args ...string) {
	t.Helper()
	c := exec.Command("promtool", args...)
	c.Stdin = strings.NewReader(in)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v (make needs installs it)\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPrometheusTakesTheMetricsAndTheAlerts(t *testing.T) {
	promtool(t, full(t), "check", "metrics")
	promtool(t, odd(t), "check", "metrics")
	promtool(t, "", "check", "rules", "../../deploy/prometheus/homing.rules.yml")
	promtool(t, "", "test", "rules", "../../deploy/prometheus/homing.rules_test.yml")
}
