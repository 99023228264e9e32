package detect

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func TestAFamilyIsHereByAGlobalAddress(t *testing.T) {
	for text, want := range map[string][2]bool{ // IPv4, IPv6
		"":                           {false, false},
		"127.0.0.1/8 ::1/128":        {false, false},
		"169.254.1.2/16 fe80::1/64":  {false, false},
		"192.168.1.2/24":             {true, false},
		"100.64.1.2/10 fd00::2/64":   {true, false}, // a ULA leads nowhere outside
		"fd00::2/64 2a02:8070::7/64": {false, true},
	} {
		var all []net.Addr
		for s := range strings.FieldsSeq(text) {
			ip, n, err := net.ParseCIDR(s)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, &net.IPNet{IP: ip, Mask: n.Mask})
		}
		if got := [2]bool{hasGlobalAddress(all, addr.IPv4), hasGlobalAddress(all, addr.IPv6)}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestAMachineThatCannotTellHasAFamily(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	refuse := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("stopped") }
	if !FamilyAvailable(ctx, addr.IPv6, refuse) {
		t.Error("a question that was not answered says that there is no IPv6")
	}
}
