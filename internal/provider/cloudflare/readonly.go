package cloudflare

import (
	"bytes"
	"encoding/json"
	"strings"
)

// keeper is whether another feature of Cloudflare keeps a record, so that writing
// to it fails, and which one, by what the API says about the record. Everything
// else in it is ignored, whatever it is.
func keeper(meta []byte) (readOnly bool, feature string) {
	if !bytes.Contains(meta, []byte("read_only")) {
		return false, "" // as a rule: a page holds thousands
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(meta, &all) != nil || string(all["read_only"]) != "true" {
		return false, ""
	}
	for _, f := range features() {
		for key, value := range all {
			if strings.Contains(key, f.key) && said(value) {
				return true, f.name
			}
		}
	}
	return true, ""
}

// said reports whether a field says anything: false, null and empty ones do not.
func said(value json.RawMessage) bool {
	switch string(value) {
	case "false", "null", `""`, "0", "[]", "{}":
		return false
	}
	return true
}

// feature is one of Cloudflare that makes records of its own: what a field about
// the record is called ("origin_worker_id" and "r2_bucket" are seen, the others
// are guessed), and to where its CNAME records point.
type feature struct {
	key, target, name string
}

func features() []feature {
	return []feature{
		{"worker", "workers.dev", "a Worker"},
		{"r2", "r2.dev", "an R2 bucket"},
		{"r2", "r2.cloudflarestorage.com", "an R2 bucket"},
		{"pages", "pages.dev", "a Pages project"},
		{"tunnel", "cfargotunnel.com", "a tunnel"},
		{"email", "", "Email Routing"},
		{"spectrum", "", "a Spectrum application"},
		{"load_balanc", "", "a load balancer"},
	}
}

// featureOf returns the feature that a CNAME record points to; empty for none.
func featureOf(target string) string {
	target = strings.ToLower(strings.TrimSuffix(target, "."))
	for _, f := range features() {
		if f.target != "" && strings.HasSuffix(target, "."+f.target) {
			return f.name
		}
	}
	return ""
}
