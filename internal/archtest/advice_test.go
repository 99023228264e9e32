package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
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

// belowConfig are the packages that do not know how somebody sets a setting.
func belowConfig() []string {
	return []string{"addr", "dns", "expr", "schedule", "secret", "text", "plan", "resolve", "detect", "provider", "status", "engine", "notify", "web", "httpx"}
}

// forChildren are the files that name variables all the same: those they hand to
// a program that is run, which are an interface and no advice.
func forChildren() []string { return []string{"internal/detect/exec.go", "internal/notify/exec.go"} }

// What is told below config names settings by reference, since not everybody sets
// them by a variable.
func TestNoTextBelowConfigNamesAVariable(t *testing.T) {
	variables := regexp.MustCompile(`\b(HOMING_[A-Z0-9_]+|IP[46%]d?_[A-Z_]+|CLOUDFLARE_API_[A-Z_]+|UPDATE_TIMEOUT|DETECTION_TIMEOUT|PROXIED|RECORD_COMMENT|MANAGED_[A-Z_]+|WAF_[A-Z_]+|DELETE_ON_STOP|API_TOKEN|SHOUTRRR|DOMAINS)\b`)
	below := func(folder string) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(folder, "internal/"), "/")
		return slices.Contains(belowConfig(), name) && !strings.HasPrefix(folder, "internal/web/webtest") // a house made up for tests
	}
	seen := make(map[string]bool)
	for _, s := range sources(t) {
		if !below(s.folder) {
			continue
		}
		for _, name := range named(s.file, variables) {
			seen[s.path] = true
			if !slices.Contains(forChildren(), s.path) {
				t.Errorf("%s names the variable %s; refer to the setting, as in text.Hint", s.path, name)
			}
		}
	}
	for _, path := range forChildren() {
		if !seen[path] {
			t.Errorf("%s is an exception and names no variable", path)
		}
	}
}

// named is what of a pattern stands in the texts of a file.
func named(f *ast.File, pattern *regexp.Regexp) (found []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok {
			found = append(found, pattern.FindAllString(literalText(l), -1)...)
		}
		return true
	})
	return found
}
