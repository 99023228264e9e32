package main

import (
	"path/filepath"
	"testing"
)

// Each mutant still has its place in the code; go run ./tools/year --mutants all
// lets them be found.
func TestEveryMutantFitsTheCode(t *testing.T) {
	for _, m := range mutants() {
		if _, err := m.mutated(filepath.Join("..", "..")); err != nil {
			t.Error(err)
		}
	}
}
