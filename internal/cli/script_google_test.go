//go:build unix

package cli_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/provider/google/googletest"
)

// googleCommand speaks to a Google Cloud DNS of the script:
//
//	google zone ZONE                  there is one, at $SERVER_URL, with this zone, whose id has dashes for dots; google.json is the key of its account
//	google more ID ZONE               there is another zone
//	google put ID NAME [ADDRESS…]     somebody has made a set
//	google holds ID NAME [ADDRESS…]   exactly these addresses stand at the name
//	google deny REASON                every call is refused for it
//	google account WORD               the account is "gone", "disabled", "unknown key"; "" again
//	google late DURATION              its clock is ahead
func googleCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: google WHAT …")
	}
	switch args[0] {
	case "zone":
		w.google = googletest.New("my-project")
		w.google.Add(googletest.Zone{Name: strings.ReplaceAll(args[1], ".", "-"), DNSName: args[1] + "."})
		s := httptest.NewServer(w.gate.before(w.google))
		ts.Defer(s.Close)
		ts.Setenv("SERVER_URL", s.URL)
		ts.Check(os.WriteFile(ts.MkAbs("google.json"), []byte(w.google.KeyFile(s.URL+"/token")), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs("stray.json"), []byte(w.google.KeyFile("https://example.org/token")), 0o600))
	case "more":
		w.google.Add(googletest.Zone{Name: args[1], DNSName: args[2] + "."})
	case "put":
		w.google.Put(args[1], googletest.RRset{Name: args[2] + ".", Type: "A", TTL: 300, Data: args[3:]})
	case "holds":
		var got []string
		for _, s := range w.google.At(args[1], args[2]+".") {
			if s.Type == "A" {
				got = s.Data
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(args[3:]) {
			ts.Fatalf("at %s stands %s", args[2], got)
		}
	case "deny":
		w.google.Be(func(s *googletest.State) { s.Deny = args[1] })
	case "account":
		w.google.Be(func(s *googletest.State) { s.Account = args[1] })
	case "late":
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		w.google.Be(func(s *googletest.State) { s.Skew = d })
	default:
		ts.Fatalf("google: no such command: %s", args[0])
	}
}
