//go:build unix

package cli_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
)

const pdnsKey = "canary-pdns-key"

// pdnsCommand speaks to a PowerDNS server of the script:
//
//	pdns zone ZONE…                       there is one, with these zones
//	pdns bare                             its backend keeps no comments
//	pdns put ZONE NAME ADDRESS [ADDRESS]  somebody has made a record, and one that is disabled
//	pdns is ZONE KIND                     the zone is a Slave
//	pdns served ZONE NAME [ADDRESS…]      exactly these addresses are served at the name
//	pdns text ZONE NAME [CONTENT…]        the name has these TXT records
//	pdns texts ZONE NAME [CONTENT…]       exactly these TXT records are served at the name
//	pdns down                             every call fails
func pdnsCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: pdns WHAT …")
	}
	w.gate.Lock()
	defer w.gate.Unlock()
	switch args[0] {
	case "zone":
		w.pdns = pdnstest.New(pdnsKey, strings.Split(strings.Join(args[1:], ". ")+".", " ")...)
		s := httptest.NewServer(w.gate.before(w.pdns))
		ts.Defer(s.Close)
		ts.Setenv("SERVER_URL", s.URL)
		ts.Setenv("SERVER_KEY", pdnsKey)
	case "bare":
		w.pdns.Bare = true
	case "put":
		set := pdnstest.RRset{Name: args[2] + ".", Type: "A", TTL: 300}
		for i, content := range args[3:] {
			set.Records = append(set.Records, pdnstest.Value{Content: content, Disabled: i > 0})
		}
		w.pdns.Put(args[1]+".", set)
	case "is":
		w.pdns.Be(args[1]+".", args[2], "")
	case "served":
		if got := fmt.Sprint(w.pdns.Served(args[1]+".", args[2]+".", "A")); got != "["+strings.Join(args[3:], " ")+"]" {
			ts.Fatalf("at %s is served %s", args[2], got)
		}
	case "text":
		set := pdnstest.RRset{Name: args[2] + ".", Type: "TXT", TTL: 3600}
		for _, content := range args[3:] {
			set.Records = append(set.Records, pdnstest.Value{Content: content})
		}
		w.pdns.Put(args[1]+".", set)
	case "texts":
		if got := w.pdns.Served(args[1]+".", args[2]+".", "TXT"); !slices.Equal(got, args[3:]) {
			ts.Fatalf("at %s are the texts %q, want %q", args[2], got, args[3:])
		}
	case "down":
		w.pdns.Fail(pdnstest.Down)
	default:
		ts.Fatalf("pdns: no such command: %s", args[0])
	}
}
