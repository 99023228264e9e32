package config

import "testing"

// Golden is golden for tests that know of the packages above this one.
func Golden(t *testing.T, path, got string) {
	t.Helper()
	golden(t, path, got)
}
