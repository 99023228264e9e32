//go:build unix

package cli_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
)

// oceanCommand speaks to a DigitalOcean of the script, for the token canary-ocean:
//
//	ocean zone DOMAIN                   there is one, at $SERVER_URL, with this domain
//	ocean put DOMAIN LABEL [ADDRESS…]   somebody has made records
//	ocean holds DOMAIN LABEL [ADDRESS…] exactly these stand at the name
//	ocean reads DOMAIN                  the token may only read
func oceanCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ocean WHAT DOMAIN …")
	}
	switch args[0] {
	case "zone":
		w.ocean = digitaloceantest.New("canary-ocean", args[1])
		s := httptest.NewServer(w.gate.before(w.ocean))
		ts.Defer(s.Close)
		ts.Setenv("SERVER_URL", s.URL)
	case "put":
		for _, a := range args[3:] {
			w.ocean.Put(args[1], digitaloceantest.Record{Type: "A", Name: args[2], Data: a, TTL: 300})
		}
	case "holds":
		var got []string
		for _, r := range w.ocean.At(args[1], args[2]) {
			if r.Type == "A" {
				got = append(got, r.Data)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(args[3:]) {
			ts.Fatalf("at %s stands %s", args[2], got)
		}
	case "reads":
		w.ocean.OnlyReads()
	default:
		ts.Fatalf("ocean: no such command: %s", args[0])
	}
}
