// homing-libdns lets homing keep records at DNS hosts that it does not know itself,
// through the libraries of github.com/libdns. homing starts it: docs/hosts/libdns.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/homing-dns/homing/companion/libdns/internal/bridge"
	"github.com/homing-dns/homing/companion/libdns/internal/hosts"
)

// release is the version, as the linker sets it.
var release string

const usage = `homing-libdns lets homing keep records at a DNS host through its libdns library.

  homing-libdns [-limit 25s] HOST [ZONE…]   speaks with homing, which starts it
  homing-libdns hosts                       the hosts, and what each needs
  homing-libdns version

The account in homing.yaml: provider: exec, command: /usr/local/bin/homing-libdns HOST ZONE
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("homing-libdns", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage) }
	limit := flags.Duration("limit", 25*time.Second, "for one request of homing; less than its network.update_timeout")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil || flags.NArg() == 0 || *limit <= 0:
		flags.Usage()
		return 2
	}
	switch word := flags.Arg(0); word {
	case "version":
		fmt.Fprintln(out, "homing-libdns", version())
	case "hosts":
		list(out)
	default:
		if err := serve(word, flags.Args()[1:], *limit, in, out); err != nil {
			fmt.Fprintln(errs, err)
			return 1
		}
	}
	return 0
}

// serve speaks with homing. What a library prints goes where it disturbs nothing.
func serve(word string, zones []string, limit time.Duration, in io.Reader, out io.Writer) error {
	os.Stdout = os.Stderr
	wire := &bridge.Wire{Next: http.DefaultTransport}
	http.DefaultTransport = wire // the libraries' own clients use it
	h, bad := hosts.Open(word, zones, os.Getenv, wire, limit)
	if bad != nil {
		return bridge.Refuse(in, out, bad)
	}
	return h.Serve(in, out)
}

func list(out io.Writer) {
	for _, r := range hosts.Table() {
		fmt.Fprintf(out, "%-9s %s\n", r.Word, r.Name)
		for _, v := range r.Variables {
			fmt.Fprintf(out, "          %s%s\n", v.Name, map[bool]string{true: " (optional)"}[v.Optional])
		}
	}
}

// version is that of the release, or what Go knows of a build from source.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "devel"
}
