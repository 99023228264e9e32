//go:build unix

package cli_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/provider/route53/route53test"
)

// awsZone is the id of the first zone of an account.
const awsZone = "Z0123456789ABCDEF"

// awsCommand speaks to a Route 53 of the script, for the key AKIACANARY with the
// secret canary-aws:
//
//	aws zone ZONE                   there is one, at $SERVER_URL, with this zone
//	aws more ID ZONE                there is another zone
//	aws put NAME [ADDRESS…]         somebody has made a set
//	aws holds NAME [ADDRESS…]       exactly these addresses stand at the name
//	aws deny RIGHT                  the key lacks it
//	aws region REGION               it is a part of AWS that is signed for there
func awsCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: aws WHAT …")
	}
	w.gate.Lock()
	defer w.gate.Unlock()
	switch args[0] {
	case "zone":
		w.aws = route53test.New("AKIACANARY", "canary-aws")
		w.aws.Add(awsZone, args[1]+".", false)
		s := httptest.NewServer(w.gate.before(w.aws))
		ts.Defer(s.Close)
		ts.Setenv("SERVER_URL", s.URL)
	case "more":
		w.aws.Add(args[1], args[2]+".", false)
	case "put":
		w.aws.Put(awsZone, route53test.Set{Name: args[1] + ".", Type: "A", TTL: 300, Values: args[2:]})
	case "holds":
		var got []string
		for _, s := range w.aws.Sets(awsZone, args[1]+".") {
			if s.Type == "A" {
				got = s.Values
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(args[2:]) {
			ts.Fatalf("at %s stands %s", args[1], got)
		}
	case "deny":
		w.aws.Deny(args[1])
	case "region":
		w.aws.Region = args[1]
	default:
		ts.Fatalf("aws: no such command: %s", args[0])
	}
}
