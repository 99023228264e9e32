package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
)

// Advice refers to settings, as "{records.proxied=false}" or text.The("state").
// What it refers to exists, or its reader would be sent to look for nothing.
func TestAdviceRefersToSettingsThatAreThere(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range config.Settings(app.Catalogue()) {
		path := strings.Replace(s.Path, ".*", "", 1)
		known[path] = true
		if s.File {
			known[path+"_file"] = true
		}
	}
	for _, s := range sources(t) {
		for _, ref := range referredTo(s.file) {
			if !known[strings.NewReplacer("%d", "4", "%v", "4").Replace(ref)] {
				t.Errorf("%s refers to the setting %s, which is not there", s.path, ref)
			}
		}
	}
}

// referredTo are the paths of settings in the texts of a file: what stands in
// braces and has a dot, and what text.The is given.
func referredTo(f *ast.File) (paths []string) {
	braced := regexp.MustCompile(`\{([a-z_]+(?:\.[a-z0-9_%]+)+)(?:=[^{}]*)?\}`)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			text := literalText(n)
			for _, m := range braced.FindAllStringSubmatch(text, -1) {
				paths = append(paths, m[1])
			}
		case *ast.CallExpr:
			if callee, ok := n.Fun.(*ast.SelectorExpr); ok && callee.Sel.Name == "The" && len(n.Args) == 1 {
				if lit := firstLiteral(n.Args[0]); lit != "" && !strings.HasSuffix(lit, ".") { // else it is put together
					paths = append(paths, lit)
				}
			}
		}
		return true
	})
	return paths
}

// literalText is what a literal of a text says; empty of another.
func literalText(l *ast.BasicLit) string {
	if l.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(l.Value)
	return text
}

// firstLiteral is the first text in an expression, such as a call of Sprintf.
func firstLiteral(e ast.Expr) (text string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && text == "" {
			text = literalText(l)
		}
		return text == ""
	})
	return text
}

func TestReferencesOfAdviceAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", `package p
var a text.Hint = "set {records.proxied=false}, not {title}"
var b = text.Advise("%s", text.The("state").To("x"))
var c = text.The(fmt.Sprintf("detect.ipv%d.sources", 4))`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(referredTo(file), " "); got != "records.proxied state detect.ipv%d.sources" {
		t.Error(got)
	}
}
