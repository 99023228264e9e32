//go:build unix

package cli_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/provider/desec/desectest"
	"github.com/homing-dns/homing/internal/provider/gandi/ganditest"
	"github.com/homing-dns/homing/internal/provider/hetzner/hetznertest"
	"github.com/homing-dns/homing/internal/provider/porkbun/porkbuntest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
)

// restToken is the credential of every host of hostCommand.
const restToken = "canary-rest-token"

// restHost is the fake of a DNS host with an API.
type restHost interface {
	http.Handler
	Set(zone string, k resttest.Key) (resttest.Set, bool)
	Put(zone string, k resttest.Key, s resttest.Set)
	Fail(resttest.Fault)
}

// restHosts make the fakes by the words of their hosts.
func restHosts() map[string]func(zone string) restHost {
	return map[string]func(string) restHost{
		"desec": func(zone string) restHost { return desectest.New(restToken, zone) },
		"porkbun": func(zone string) restHost {
			s := porkbuntest.New(restToken, restToken, zone)
			s.Unlimited = true
			return s
		},
		"gandi":   func(zone string) restHost { return ganditest.New(restToken, zone) },
		"hetzner": func(zone string) restHost { return hetznertest.New(restToken, zone) },
	}
}

// hostCommand speaks to a DNS host that has an API, at $SERVER_URL for $SERVER_KEY:
//
//	host WORD zone ZONE                  there is one, with this zone
//	host put ZONE NAME ADDRESS…          somebody has made a set
//	host text ZONE NAME CONTENT…         the same of TXT, in quotes
//	host holds ZONE NAME [ADDRESS…]      exactly these addresses stand at the name, in order
//	host texts ZONE NAME [CONTENT…]      exactly these TXT records do
//	host noted ZONE NAME NOTE            the first address has this comment
//	host down                            every call fails
//	host up                              they work again
//	host reads                           the credential may only read
func hostCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: host WHAT …")
	}
	if make := restHosts()[args[0]]; make != nil {
		w.rest = make(args[2])
		s := httptest.NewServer(w.gate.before(w.rest))
		ts.Defer(s.Close)
		ts.Setenv("SERVER_URL", s.URL)
		ts.Setenv("SERVER_KEY", restToken)
		return
	}
	contents := func(kind string) (got []string, set resttest.Set) {
		set, _ = w.rest.Set(args[1], resttest.Key{Name: args[2], Type: kind})
		for _, v := range set.Values {
			got = append(got, v.Content)
		}
		slices.Sort(got)
		return got, set
	}
	put := func(kind string) {
		set := resttest.Set{TTL: 3600}
		for _, content := range args[3:] {
			set.Values = append(set.Values, resttest.Value{Content: content})
		}
		w.rest.Put(args[1], resttest.Key{Name: args[2], Type: kind}, set)
	}
	holds := func(kind string) {
		if got, _ := contents(kind); !slices.Equal(got, args[3:]) {
			ts.Fatalf("at %s stands %q, want %q", args[2], got, args[3:])
		}
	}
	w.gate.Lock()
	defer w.gate.Unlock()
	switch args[0] {
	case "put":
		put("A")
	case "text":
		put("TXT")
	case "holds":
		holds("A")
	case "texts":
		holds("TXT")
	case "noted":
		if _, set := contents("A"); len(set.Values) == 0 || set.Values[0].Note != args[3] {
			ts.Fatalf("at %s stands %s", args[2], fmt.Sprint(set))
		}
	case "down":
		w.rest.Fail(resttest.Down)
	case "up":
		w.rest.Fail(resttest.None)
	case "reads":
		switch s := w.rest.(type) {
		case *hetznertest.Server:
			s.Reads = true
		case *desectest.Server:
			s.Reads = true
		case *ganditest.Server:
			s.Over = true
		case *porkbuntest.Server:
			s.Closed = true
		default:
			ts.Fatalf("%T has no such credential", s)
		}
	default:
		ts.Fatalf("host: no such command: %s", args[0])
	}
}
