package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// The binary holds sort.Slice once, and ten functions for each type that the
// like of slices.SortFunc is used for: 20 KB for a struct.
func TestNoSortIsMadeForOneType(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasPrefix(s.folder, "internal/provider/providertest") || strings.HasPrefix(s.folder, "internal/provider/memory") || s.folder == "internal/year" {
			continue // not in the binary
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "slices" &&
				slices.Contains([]string{"SortFunc", "SortStableFunc", "SortedFunc", "SortedStableFunc"}, sel.Sel.Name) {
				t.Errorf("%s: uses slices.%s; sort.Slice and sort.SliceStable are smaller", s.path, sel.Sel.Name)
			}
			return true
		})
	}
}
