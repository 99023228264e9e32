package dialect

import (
	"errors"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/homing-dns/homing/internal/config"
)

// What is wrong is told in the words of the dialect, all of it at once.
func TestProblemsAreToldInTheWordsOfTheDialect(t *testing.T) {
	archives(t, "problems", 20, func(t *testing.T, path string, archive *txtar.Archive) {
		w := worldOf(t, archive)
		_, _, err := build(w.input())
		if _, ok := errors.AsType[config.Problems](err); !ok {
			t.Fatalf("got %v, want Problems", err)
		}
		if strings.Contains(err.Error(), "c4n4ry") {
			t.Errorf("a secret is in it: %v", err)
		}
		golden(t, path, archive, "want", err.Error())
	})
}
