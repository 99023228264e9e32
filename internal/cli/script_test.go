//go:build unix

// Scripts speak to a shell and send signals, which Windows has not.

package cli_test

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/cli"
	"github.com/homing-dns/homing/internal/provider/azure/azuretest"
	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
	"github.com/homing-dns/homing/internal/provider/google/googletest"
	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
	"github.com/homing-dns/homing/internal/provider/route53/route53test"
	"github.com/homing-dns/homing/internal/sim"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"homing": func() {
		env := cli.Process()
		env.Stat, env.Health = ofTheTest, os.Getenv(health)
		if at := os.Getenv(nameServer); at != "" {
			env.DNS = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, at)
			}
		}
		os.Exit(cli.Main(env))
	}})
}

// health is the variable by which a script gives its daemons a name of their own.
const health = "HOMING_TEST_HEALTH"

// nameServer is the variable by which a script gives the machine a name server.
const nameServer = "HOMING_TEST_DNS"

// ofTheTest is os.Stat without what people who use homing have on their machines.
func ofTheTest(path string) (fs.FileInfo, error) {
	for _, theirs := range []string{"/etc/homing/", "/usr/local/etc/homing/", "/config/", "/app/config/", "/app/logs/", "/Library/Application Support/homing/"} {
		if strings.HasPrefix(path+"/", theirs) {
			return nil, &fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}
		}
	}
	return os.Stat(path)
}

// world is what surrounds the program in a script: a home, and a Cloudflare
// that knows the token of goodToken.
type world struct {
	home   *sim.Home
	cloud  *sim.Cloudflare
	net    *sim.Net
	pdns   *pdnstest.Server
	dyn    *dyntest.Server
	google *googletest.Server
	aws    *route53test.Server
	ocean  *digitaloceantest.Server
	azure  *azuretest.Server
	rest   restHost
	sent   int // updates that a script knows of
	gate   gate

	cookie *http.Cookie // of the page, see pageCommand
}

// gate orders what a command sets at a fake, and what the fake looks at while it
// answers: they come from two processes, of which the race detector sees one.
type gate struct{ sync.Mutex }

func (g *gate) before(fake http.Handler) http.Handler {
	pass := func() { g.Lock(); defer g.Unlock() }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pass()
		defer pass()
		fake.ServeHTTP(w, r)
	})
}

// TestScripts drives the real main. A script finds the simulated Cloudflare at
// CLOUDFLARE_BASE_URL and its home's address at $IP_URL, and speaks to both
// with these commands:
//
//	cloud zone NAME…                       there are these zones
//	cloud record ZONE NAME CONTENT         somebody has made a record
//	cloud proxied ZONE NAME CONTENT        the same, proxied and with a comment
//	cloud cname ZONE NAME TARGET
//	cloud text ZONE NAME CONTENT           somebody has made a TXT record
//	cloud texts ZONE NAME [CONTENT…]       exactly these TXT records stand at the name, in order
//	cloud keeps ZONE NAME                  the record is still proxied and commented
//	cloud holds ZONE NAME [CONTENT…]       exactly these addresses stand at the name
//	cloud calls N                          so many calls came since the start
//	cloud expires DAYS                     the token may do everything, for so many days
//	cloud revoke                           the token is not known any more
//	cloud list NAME [ITEM…]                somebody has made an IP list
//	cloud items NAME [ITEM…]               exactly these items are in the list
//	cloud scope ZONE                       the token sees this zone only, and may only read it
//	pdns zone NAME                         there is a PowerDNS server with this zone, at $SERVER_URL for $SERVER_KEY
//	pdns …                                 see pdnsCommand
//	google …                               see googleCommand
//	aws …                                  see awsCommand
//	ocean …                                see oceanCommand
//	azure …                                see azureCommand
//	dyn serve SERVICE ZONE…                there is a service with an update address, at $DYN_URL, and name servers
//	dyn …                                  see dynCommand
//	host …                                 see hostCommand
//	page …                                 see pageCommand
//	home at ADDRESS                        the house has this address now
//	home lies                              whoever is asked for the address answers with a portal
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("HOMING_UPDATE_SCRIPTS") != "", // after a change of wording; read the diff
		Setup:               surround,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"cloud": cloudCommand, "home": homeCommand, "page": pageCommand, "pdns": pdnsCommand, "dyn": dynCommand, "google": googleCommand, "azure": azureCommand, "aws": awsCommand, "ocean": oceanCommand, "host": hostCommand},
	})
}

func surround(env *testscript.Env) error {
	w := &world{home: sim.NewHome(netip.MustParseAddr("84.1.2.3"), netip.MustParseAddr("2a02:8070::7")), cloud: sim.NewCloudflare()}
	w.cloud.AddToken(sim.Token{Value: goodToken})
	w.cloud.AddKey(goodEmail, goodKey)
	var err error
	if w.net, err = sim.Loopback(w.home); err != nil {
		return err
	}
	env.Defer(w.net.Close)
	w.net.Handle("/client/v4/", w.cloud)
	env.Setenv("CLOUDFLARE_BASE_URL", w.net.URL()+"/client/v4")
	env.Setenv("IP_URL", w.net.URL()+"/ip")
	env.Setenv("IP_WAY", strings.TrimPrefix(w.net.URL(), "http://")+"/ip")
	env.Setenv("HOMING_STATE", filepath.Join(env.WorkDir, "state"))
	env.Setenv("HOMING_LISTEN", "off") // scripts run side by side
	env.Setenv(health, fmt.Sprintf("-%d-%s", os.Getpid(), filepath.Base(env.WorkDir)))
	env.Setenv("TOKEN", goodToken)
	env.Setenv("KEY", goodKey)
	env.Setenv("EMAIL", goodEmail)
	env.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would hold up every exit for a second
	env.Values[world{}] = w
	return nil
}

func around(ts *testscript.TestScript) *world { return ts.Value(world{}).(*world) }

func cloudCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: cloud WHAT …")
	}
	switch what, args := args[0], args[1:]; what {
	case "zone":
		for _, z := range args {
			w.cloud.AddZone(sim.Zone{Name: z})
		}
	case "another": // zone, of a name that may be there already: NAME ID STATUS
		w.cloud.AddZone(sim.Zone{Name: args[0], ID: args[1], Status: args[2]})
	case "record":
		w.cloud.AddRecord(args[0], sim.Address(args[1], args[2]))
	case "proxied":
		r := sim.Address(args[1], args[2])
		r.Proxied, r.Comment = true, "made by hand"
		w.cloud.AddRecord(args[0], r)
	case "cname":
		w.cloud.AddRecord(args[0], sim.Record{Type: "CNAME", Name: args[1], Content: args[2], TTL: 1})
	case "text":
		w.cloud.AddRecord(args[0], sim.Record{Type: "TXT", Name: args[1], Content: args[2], TTL: 1})
	case "texts":
		var got []string
		for _, r := range w.cloud.Records(args[0]) {
			if r.Name == args[1] && r.Type == "TXT" {
				got = append(got, r.Content)
			}
		}
		if !slices.Equal(got, args[2:]) {
			ts.Fatalf("the TXT records of %s are %q, want %q", args[1], got, args[2:])
		}
	case "holds":
		if got, want := fmt.Sprint(w.cloud.Contents(args[0], args[1])), fmt.Sprint(args[2:]); got != want {
			ts.Fatalf("%s holds %s, want %s", args[1], got, want)
		}
	case "keeps":
		for _, r := range w.cloud.Records(args[0]) {
			if r.Name == args[1] && (!r.Proxied || r.Comment != "made by hand") {
				ts.Fatalf("%s was proxied and commented, and is %+v", r.Name, r)
			}
		}
	case "calls":
		if got := fmt.Sprint(len(w.cloud.Calls())); got != args[0] {
			ts.Fatalf("%s calls, want %s", got, args[0])
		}
	case "revoke":
		w.cloud.RevokeToken(goodToken)
	case "list":
		var items []sim.Item
		for _, ip := range args[1:] {
			items = append(items, sim.Item{IP: ip, Comment: "made by hand"})
		}
		w.cloud.AddList(sim.Account, sim.List{Name: args[0], Kind: "ip"}, items...)
	case "items":
		var got []string
		for _, i := range w.cloud.Items(sim.Account, args[0]) {
			got = append(got, i.IP)
		}
		if slices.Sort(got); !slices.Equal(got, args[1:]) {
			ts.Fatalf("%s holds %s, want %s", args[0], got, args[1:])
		}
	case "readonly":
		w.cloud.AddToken(sim.Token{Value: goodToken, Zones: map[string]sim.Access{args[0]: sim.ReadDNS}, Lists: sim.NoLists})
	case "expires": // in so many days
		days, err := strconv.Atoi(args[0])
		ts.Check(err)
		w.cloud.AddToken(sim.Token{Value: goodToken, ExpiresOn: time.Now().Add(time.Duration(days) * 24 * time.Hour)})
	case "scope":
		w.cloud.AddToken(sim.Token{Value: goodToken, Zones: map[string]sim.Access{args[0]: sim.ReadDNS}})
	default:
		ts.Fatalf("cloud: no such command: %s", what)
	}
}

func homeCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	switch what := strings.Join(args, " "); {
	case neg, len(args) == 0:
		ts.Fatalf("usage: home WHAT …")
	case args[0] == "at":
		a := netip.MustParseAddr(args[1])
		f := addr.IPv4
		if a.Is6() {
			f = addr.IPv6
		}
		w.home.Set(f, a)
	case what == "lies":
		w.home.Lie("", sim.Portal())
	default:
		ts.Fatalf("home: no such command: %s", what)
	}
}
