//go:build unix

package cli_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/provider/azure/azuretest"
)

// azureCommand speaks to an Azure DNS of the script:
//
//	azure zone ZONE               there is one, at $SERVER_URL, with this zone in the group dns; secret has the secret of its application
//	azure more GROUP ZONE         there is another zone
//	azure put ZONE NAME ADDRESS   somebody has made a set
//	azure holds GROUP ZONE NAME [ADDRESS…]   exactly these addresses stand at the name
//	azure deny CODE               every call is refused with this code; "" again
//	azure refuse CODE             tokens are refused with this code of Entra
//	azure late DURATION           its clock is ahead
func azureCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: azure WHAT …")
	}
	switch args[0] {
	case "zone":
		w.azure = azuretest.New()
		w.azure.Add("dns", args[1], false)
		s := httptest.NewServer(w.gate.before(w.azure))
		ts.Defer(s.Close)
		ts.Setenv("SERVER_URL", s.URL)
		ts.Setenv("SUBSCRIPTION", azuretest.Subscription)
		ts.Setenv("TENANT", azuretest.Tenant)
		ts.Setenv("CLIENT", azuretest.Client)
		ts.Check(os.WriteFile(ts.MkAbs("secret"), []byte(azuretest.Secret+"\n"), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs("federated"), []byte(azuretest.Federated+"\n"), 0o600))
	case "more":
		w.azure.Add(args[1], args[2], false)
	case "put":
		w.azure.Put("dns", args[1], args[2], "A", azuretest.Properties{TTL: 300, A: []azuretest.A{{Address: args[3]}}})
	case "holds":
		var got []string
		for _, a := range w.azure.At(args[1], args[2], args[3])["A"].A {
			got = append(got, a.Address)
		}
		if fmt.Sprint(got) != fmt.Sprint(args[4:]) {
			ts.Fatalf("at %s stands %s", args[3], got)
		}
	case "deny":
		w.azure.Be(func(s *azuretest.State) { s.Deny = args[1] })
	case "refuse":
		w.azure.Be(func(s *azuretest.State) { s.Refuse = args[1] })
	case "late":
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		w.azure.Be(func(s *azuretest.State) { s.Skew = d })
	default:
		ts.Fatalf("azure: no such command: %s", args[0])
	}
}
