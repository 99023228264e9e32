package dns

import (
	"net/netip"
	"testing"
)

func TestSameTagsComparesSets(t *testing.T) {
	tests := []struct {
		a, b []string
		want bool
	}{
		{nil, nil, true},
		{nil, []string{}, true},
		{[]string{"a:1", "b:2"}, []string{"b:2", "a:1"}, true},
		{[]string{"a:1", "a:1"}, []string{"a:1"}, true},
		{[]string{"Owner:me"}, []string{"owner:me"}, true},
		{[]string{"owner:Me"}, []string{"owner:me"}, false},
		{[]string{"owner"}, []string{"owner:"}, false},
		{[]string{"a:1"}, []string{"a:1", "b:2"}, false},
		{[]string{"a:1"}, nil, false},
	}
	for _, tt := range tests {
		if SameTags(tt.a, tt.b) != tt.want || SameTags(tt.b, tt.a) != tt.want {
			t.Errorf("%q and %q: want %v", tt.a, tt.b, tt.want)
		}
	}
}

func TestSameTagsLeavesItsArgumentsAlone(t *testing.T) {
	a, b := []string{"Z:1", "a:1"}, []string{"a:1", "Z:1"}
	SameTags(a, b)
	if a[0] != "Z:1" || b[0] != "a:1" {
		t.Errorf("%q and %q", a, b)
	}
}

func TestContentIsWhatTheHostWrites(t *testing.T) {
	tests := []struct {
		record Record
		want   string
	}{
		{Record{Type: A, Addr: netip.MustParseAddr("192.0.2.1")}, "192.0.2.1"},
		{Record{Type: AAAA, Addr: netip.MustParseAddr("2001:DB8:0:0::1")}, "2001:db8::1"},
		{Record{Type: CNAME, Text: "example.net"}, "example.net"},
		{Record{Type: A, Text: "not an address"}, "not an address"},
	}
	for _, tt := range tests {
		if got := tt.record.Content(); got != tt.want {
			t.Errorf("%+v: %q", tt.record, got)
		}
	}
}

func TestEveryFieldCountsForEqual(t *testing.T) {
	r := Record{ID: "1", Name: mustParse(t, "a.org"), Type: A, Addr: netip.MustParseAddr("192.0.2.1"), TTL: 300, Tags: []string{"a:1", "b:2"}}
	same := r
	same.Tags = []string{"b:2", "a:1"}
	if !r.Equal(&same) {
		t.Error("the order of tags counts")
	}
	for i, edit := range []func(r *Record){
		func(r *Record) { r.ID = "2" },
		func(r *Record) { r.Name = mustParse(t, "b.org") },
		func(r *Record) { r.Type = AAAA },
		func(r *Record) { r.Addr = netip.MustParseAddr("192.0.2.2") },
		func(r *Record) { r.Text = "x" },
		func(r *Record) { r.Proxied = true },
		func(r *Record) { r.TTL = AutoTTL },
		func(r *Record) { r.Comment = "x" },
		func(r *Record) { r.Tags = nil },
		func(r *Record) { r.ReadOnly = true },
		func(r *Record) { r.Feature = "a Worker" },
	} {
		other := r
		edit(&other)
		if r.Equal(&other) || other.Equal(&r) {
			t.Errorf("edit %d makes no difference", i)
		}
	}
}

func TestKeysAreOrderedByNameThenType(t *testing.T) {
	a, b := mustParse(t, "a.org"), mustParse(t, "b.org")
	order := []Key{{a, A}, {a, AAAA}, {b, A}}
	for i := range order {
		for j := range order {
			if got, want := order[i].Compare(order[j]), i-j; got*want < 0 || (got == 0) != (want == 0) {
				t.Errorf("%s and %s: %d", order[i], order[j], got)
			}
		}
	}
}
