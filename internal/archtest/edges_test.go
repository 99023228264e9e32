package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// networking is what reaches the network by itself, by package. Whoever uses it
// cannot be put into a simulated world.
func networking() map[string][]string {
	return map[string][]string{
		"net": {"Dial", "DialTimeout", "DialIP", "DialTCP", "DialUDP", "DialUnix", "Dialer", "Resolver", "DefaultResolver",
			"LookupAddr", "LookupCNAME", "LookupHost", "LookupIP", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT",
			"ResolveIPAddr", "ResolveTCPAddr", "ResolveUDPAddr"},
		"net/http":                 {"DefaultClient", "DefaultTransport", "Client", "Transport", "Get", "Head", "Post", "PostForm"},
		"net/smtp":                 {"Dial", "SendMail"},
		"crypto/tls":               {"Dial", "DialWithDialer", "Dialer"},
		module + "/internal/httpx": {"New", "Dialer", "Bind"},
	}
}

// mayNetwork is who may, and why: whole packages, or single files.
func mayNetwork() map[string]string {
	return map[string]string{
		"internal/httpx":                  "it makes the functions that dial",
		"internal/app":                    "the composition root hands them out",
		"internal/provider/rest/resttest": "its clients reach a fake, by a RoundTripper",
		"internal/year":                   "its clients reach a simulated world, by a RoundTripper or by pipes",
		"internal/sim/net.go":             "it connects to its own listeners on loopback; what it gives is a function that dials",
		"internal/web/listen.go":          "whether somebody listens on a socket in the file system is told by connecting to it; no network is reached",
		"internal/cli/client.go":          "a command talks to the daemon of this machine, over its socket or its port",
		"internal/cli/doctor_machine.go":  "it asks a Bind which name servers it leads to, and dials nothing",
	}
}

func TestEveryEdgeDialsByAFunctionHandedIn(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		found := reaches(s.file)
		for _, at := range []string{s.folder, s.path} {
			if _, ok := mayNetwork()[at]; ok && len(found) > 0 {
				used[at], found = true, nil
			}
		}
		for _, f := range found {
			t.Errorf("%s: uses %s; take a function that dials, or a client, from the caller", s.path, f)
		}
	}
	for at := range mayNetwork() {
		if !used[at] {
			t.Errorf("%s is an exception that nobody needs", at)
		}
	}
}

// reaches lists what a file uses of networking.
func reaches(f *ast.File) []string {
	names := map[string][]string{} // the forbidden ones, by the name of their package in this file
	for _, i := range f.Imports {
		from, _ := strconv.Unquote(i.Path.Value)
		name := path.Base(from)
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = networking()[from]
	}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(names[x.Name], sel.Sel.Name) {
				found = append(found, x.Name+"."+sel.Sel.Name)
			}
		}
		return true
	})
	return found
}

func TestWhatReachesTheNetworkIsFound(t *testing.T) {
	for body, want := range map[string]string{
		`net.Dial("tcp", "a:1")`: "net.Dial", `_ = net.Dialer{}`: "net.Dialer", `n.LookupHost("a")`: "n.LookupHost",
		`http.Get("a")`: "http.Get", `_ = http.DefaultClient`: "http.DefaultClient", `_ = &http.Transport{}`: "http.Transport",
		`_ = http.MethodGet`: "", `net.Listen("tcp", "a:1")`: "", `http.ListenAndServe("", nil)`: "",
	} {
		text := "package a\nimport (\n\"net\"\nn \"net\"\n\"net/http\"\n)\nfunc f() { " + body + " }"
		f, err := parser.ParseFile(token.NewFileSet(), "a.go", text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(reaches(f), " "); got != want {
			t.Errorf("%s: found %q", body, got)
		}
	}
}
