//go:build drift

package addr

import (
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests of this file ask IANA and Cloudflare whether the tables of this
// package are still theirs. "make drift" runs them; "make test" does not.

func fetch(t *testing.T, url string) string {
	t.Helper()
	r, err := (&http.Client{Timeout: 30 * time.Second}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, r.Status, err)
	}
	return string(b)
}

// difference is what a has and b has not.
func difference(a, b []netip.Prefix) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(a), func(p netip.Prefix) bool { return slices.Contains(b, p) })
}

func TestDriftOfTheSpecialBlocks(t *testing.T) {
	for _, version := range []string{"4", "6"} {
		name := "iana-ipv" + version + "-special-registry"
		blocks, err := registry(strings.NewReader(fetch(t, "https://www.iana.org/assignments/"+name+"/"+name+"-1.csv")))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range unlisted(blocks) {
			t.Errorf("%s lists %s, and special, of %s, does not", name, p, SpecialDate)
		}
	}
}

func TestDriftOfCloudflaresRanges(t *testing.T) {
	var theirs []netip.Prefix
	for _, version := range []string{"4", "6"} {
		for line := range strings.FieldsSeq(fetch(t, "https://www.cloudflare.com/ips-v"+version)) {
			p, err := netip.ParsePrefix(line)
			if err != nil {
				t.Fatal(err)
			}
			theirs = append(theirs, p)
		}
	}
	for _, p := range difference(theirs, CloudflareRanges()) {
		t.Errorf("Cloudflare lists %s, and Cloudflare(), of %s, does not", p, CloudflareDate)
	}
	for _, p := range difference(CloudflareRanges(), theirs) {
		t.Errorf("Cloudflare no longer lists %s", p)
	}
}

func TestDriftOfTheDates(t *testing.T) {
	for name, date := range map[string]string{"SpecialDate": SpecialDate, "CloudflareDate": CloudflareDate} {
		read, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if age := time.Since(read); age > 400*24*time.Hour {
			t.Errorf("%s is %s: compare the tables by hand, then set it to today", name, date)
		}
	}
}
