package detect

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func TestTextTakes(t *testing.T) {
	for _, c := range []struct {
		name   string
		wanted Wanted
		text   string
		want   addr.Observation
	}{
		{"one address", want4, "8.8.4.4", known("8.8.4.4/32")},
		{"a line end", want4, "8.8.4.4\n", known("8.8.4.4/32")},
		{"CRLF", want4, "8.8.4.4\r\n8.8.8.8\r\n", known("8.8.4.4", "8.8.8.8")},
		{"blanks around it", want4, " \t8.8.4.4 \n", known("8.8.4.4")},
		{"blank lines", want4, "\n\n8.8.4.4\n\n", known("8.8.4.4")},
		{"comments", want4, "# the office\n8.8.4.4 # uplink\n#8.8.8.8\n", known("8.8.4.4")},
		{"a byte order mark", want4, "\ufeff8.8.4.4\n", known("8.8.4.4")},
		{"an address twice", want4, "8.8.4.4\n8.8.4.4\n", known("8.8.4.4")},
		{"a network with host bits", want4, "8.8.4.4/24\n", known("8.8.4.4/24")},
		{"IPv6 gets a /64", want6, "2a00:1450::1\n", known("2a00:1450::1/64")},
		{"or what is set", Wanted{addr.IPv6, 60}, "2a00:1450::1\n2a00:1450::2/48", known("2a00:1450::1/60", "2a00:1450::2/48")},
		{"IPv4 too", Wanted{addr.IPv4, 29}, "8.8.4.4", known("8.8.4.4/29")},
	} {
		t.Run(c.name, func(t *testing.T) {
			ps, err := parseText([]byte(c.text), c.wanted, publicCheck(0))
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, addr.Known(ps...), c.want)
		})
	}
}

func TestTextRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		wanted Wanted
		text   string
		says   string
	}{
		{"nothing", want4, "", "holds no address"},
		{"only comments", want4, "# 8.8.4.4\n\n", "holds no address"},
		{"one bad line among good ones", want4, "8.8.4.4\n\nfoo\n8.8.8.8\n", `line 3: "foo" is not an address`},
		{"a web page", want4, "\n <html>\n8.8.4.4\n</html>", "web page"},
		{"JSON", want4, `{"ip":"8.8.4.4"}`, "is not an address"},
		{"a list with commas", want4, "8.8.4.4,8.8.8.8", "is not an address"},
		{"two on a line", want4, "8.8.4.4 8.8.8.8", "is not an address"},
		{"a port", want4, "8.8.4.4:80", "is not an address"},
		{"brackets", want6, "[2a00:1450::1]", "is not an address"},
		{"leading zeros", want4, "008.8.4.4", "is not an address"},
		{"a number", want4, "134743044", "is not an address"},
		{"a prefix too long", want4, "8.8.4.4/33", `"8.8.4.4/33" is not an address`},
		{"a prefix with a sign", want4, "8.8.4.4/+8", "is not an address"},
		{"a zone", want6, "2a00:1450::1%eth0", "has a zone"},
		{"a zone with a prefix", want6, "2a00:1450::1%eth0/64", "is not an address"},
		{"the other family", want4, "2a00:1450::1", "not an IPv4 address"},
		{"the other family among ours", want6, "2a00:1450::1\n8.8.4.4", "line 2: 8.8.4.4 is not an IPv6 address"},
		{"IPv4 inside IPv6", want6, "::ffff:8.8.4.4", "inside IPv6"},
		{"IPv4 inside IPv6 with a prefix", want4, "::ffff:8.8.4.4/120", ""},
		{"what is not public", want4, "8.8.4.4\n192.168.1.1", "line 2: refuse 192.168.1.1: it is a private address"},
		{"UTF-16", want4, "\xff\xfe8\x00.\x008\x00", "is not an address"},
		{"control characters", want4, "\x1b[2J8.8.4.4", `"\x1b[2J8.8.4.4" is not an address`},
		{"a zone of control characters", want6, "fe80::1%\x1b[2J", `\x1b`},
		{"an endless line", want4, strings.Repeat("8", 4000), "is not an address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ps, err := parseText([]byte(c.text), c.wanted, publicCheck(0))
			if err == nil || ps != nil {
				t.Fatalf("got %v, %v", ps, err)
			}
			if !strings.Contains(err.Error(), c.says) || strings.ContainsRune(err.Error(), 0x1b) || len(err.Error()) > 400 {
				t.Errorf("%q does not say %q", err, c.says)
			}
		})
	}
}

func TestTextLeavesItToTheCheckWhatPasses(t *testing.T) {
	refuse := errors.New("no")
	if _, err := parseText([]byte("8.8.4.4"), want4, func(netip.Addr) error { return refuse }); !errors.Is(err, refuse) {
		t.Errorf("got %v", err)
	}
	if ps, err := parseText([]byte("10.0.0.1"), want4, publicCheck(addr.AllowPrivate)); err != nil || len(ps) != 1 {
		t.Errorf("got %v, %v", ps, err)
	}
}

// Whatever the text: no panic; and either all of its entries are addresses
// that may be published, or nothing is taken at all.
func FuzzText(f *testing.F) {
	f.Add("8.8.4.4\r\n# x\n 8.8.8.8/24 # y\n", true)
	f.Add("2a00:1450::1\n2a00:1450::2/48\n", false)
	f.Add("::ffff:8.8.4.4/96\n", false)
	f.Add("2a00:1450::1%eth0\n", false)
	f.Add("\ufeff100.64.0.1", true)
	f.Add(portal, true)
	f.Fuzz(func(t *testing.T, text string, four bool) {
		w := want6
		if four {
			w = want4
		}
		ps, err := parseText([]byte(text), w, publicCheck(0))
		if err != nil {
			if ps != nil {
				t.Errorf("%v although %v", ps, err)
			}
			return
		}
		if len(ps) == 0 {
			t.Error("no address and no error")
		}
		for _, p := range ps {
			checkPublic(t, w, p)
		}
		back, err := parseText([]byte(lines(ps)), w, publicCheck(0))
		if err != nil || !slices.Equal(back, ps) {
			t.Errorf("%v reads back as %v, %v", ps, back, err)
		}
	})
}

func lines(ps []netip.Prefix) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}
