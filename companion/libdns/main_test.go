package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args      string
		code      int
		out, errs string
	}{
		{"", 2, "", "homing-libdns [-limit 25s] HOST [ZONE…]"},
		{"-h", 0, "", "homing-libdns hosts"},
		{"-limit 0s ovh", 2, "", "homing-libdns hosts"},
		{"-fast ovh", 2, "", "-fast"},
		{"version", 0, "homing-libdns ", ""},
		{"hosts", 0, "ovh       OVH\n          OVH_ENDPOINT\n", ""},
		{"hosts", 0, "CLOUDNS_SUB_AUTH_ID (optional)\n", ""},
	} {
		var out, errs bytes.Buffer
		if code := run(strings.Fields(c.args), strings.NewReader(""), &out, &errs); code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.errs) {
			t.Errorf("%q: %d, %s%s", c.args, code, out.String(), errs.String())
		}
	}
}
