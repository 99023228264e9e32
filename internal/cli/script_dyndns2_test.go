//go:build unix

package cli_test

import (
	"fmt"
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
)

const dynPassword = "canary-dyn-password"

// dynCommand speaks to a service with an update address:
//
//	dyn serve SERVICE ZONE…        there is one, and name servers for these zones
//	dyn join NAME…                 these names are in the account
//	dyn put NAME ADDRESS…          somebody else has made records
//	dyn says NAME WORD             updates of a name are answered with this word
//	dyn answers STATUS AFTER       every update is answered with it, and that Retry-After
//	dyn holds NAME [ADDRESS…]      exactly these addresses stand there
//	dyn sent [QUERY…]              exactly these updates came since it was asked last
//	dyn down                       nothing answers
//	dyn kept                       no rule was broken
func dynCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := around(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: dyn WHAT …")
	}
	switch what, args := args[0], args[1:]; what {
	case "serve":
		w.dyn = dyntest.New(args[0], "me", dynPassword, args[1:]...)
		if ts.Getenv("DYN_USER") == "none" {
			w.dyn.User = ""
		}
		w.dyn.Lag = []time.Duration{time.Hour} // longer than any script
		s := httptest.NewServer(w.gate.before(w.dyn))
		ts.Defer(s.Close)
		ts.Setenv("DYN_URL", s.URL)
		ts.Setenv("DYN_PASSWORD", dynPassword)
		l, err := net.ListenPacket("udp", "127.0.0.1:0")
		ts.Check(err)
		ts.Defer(func() { l.Close() })
		ts.Setenv(nameServer, l.LocalAddr().String())
		go answer(l, w.dyn)
	case "join":
		w.dyn.Join(args...)
	case "put":
		var records []dyntest.Record
		for _, a := range args[1:] {
			kind := "A"
			if strings.Contains(a, ":") {
				kind = "AAAA"
			}
			records = append(records, dyntest.Record{Type: kind, Data: a})
		}
		w.dyn.Set(args[0], records...)
	case "says":
		w.dyn.Say(args[0], args[1])
	case "answers":
		status, err := strconv.Atoi(args[0])
		ts.Check(err)
		w.dyn.Answer(status, args[1])
	case "holds":
		var got []string
		for _, r := range w.dyn.Stored(args[0]) {
			got = append(got, r.Data)
		}
		if fmt.Sprint(got) != fmt.Sprint(args[1:]) {
			ts.Fatalf("%s holds %s", args[0], got)
		}
	case "sent":
		var got []string
		for _, c := range w.dyn.Calls() {
			got = append(got, c.Query)
		}
		if got = got[min(w.sent, len(got)):]; fmt.Sprint(got) != fmt.Sprint(args) {
			ts.Fatalf("sent were %s", got)
		}
		w.sent += len(got)
	case "down":
		w.dyn.Fail(dyntest.Down)
	case "kept":
		if broken := w.dyn.Broken(); len(broken) > 0 {
			ts.Fatalf("rules were broken: %s", broken)
		}
	default:
		ts.Fatalf("dyn: no such command: %s", what)
	}
}

// answer is a name server.
func answer(l net.PacketConn, s *dyntest.Server) {
	buf := make([]byte, 2048)
	for {
		n, from, err := l.ReadFrom(buf)
		if err != nil {
			return
		}
		if a := s.AnswerDNS(0, buf[:n]); a != nil {
			_, _ = l.WriteTo(a, from)
		}
	}
}
