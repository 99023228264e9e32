package app

import (
	"cmp"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// traits are what people ask of a DNS host before they choose it. The settings
// and the TTLs are in its HostKind already.
type traits struct {
	what   string         // it is, where its name alone does not say it
	needs  string         // what an account there has to say: "token"
	types  []dns.Type     // of the records that homing keeps there
	unit   string         // of a write: "record", "set" or "name"
	guard  provider.Guard // against somebody who writes at the same time
	limits plan.Limits    // of the zone that takes most
	bounds []string       // what it takes no more of, in sentences
	page   string         // of the documents
	asking                // for an account, where somebody sets homing up
}

// About is what a DNS host can do and what it needs, for people and for scripts.
type About struct {
	Provider  string     `json:"provider"` // as accounts.*.provider and HOMING_PROVIDER have it
	Name      string     `json:"name"`
	Needs     string     `json:"needs"`
	Types     []dns.Type `json:"types"`
	Lists     bool       `json:"ip_lists"`
	Proxied   bool       `json:"proxied"`
	Comment   int        `json:"comment"` // characters; 0: none
	Tags      int        `json:"tags"`    // of a record; 0: none
	TTL       TTLs       `json:"ttl"`
	Finds     bool       `json:"finds_names"` // a record needs no account to be found here
	Unit      string     `json:"unit"`        // of a write: record, set or name
	Compares  string     `json:"compares"`    // with what was read, before it writes: no, set or batch
	Mark      string     `json:"owner_mark"`  // by which policy.owner_id is told: comment, txt or none
	Bounds    []string   `json:"limits"`
	Settings  []AboutOne `json:"settings"`
	Documents string     `json:"documents"`
}

// TTLs are what a host takes. Where only 1 is taken, the TTL is the host's.
type TTLs struct {
	Min       int `json:"min"`       // seconds
	Max       int `json:"max"`       // seconds
	Automatic int `json:"automatic"` // seconds that the automatic TTL means; 0: the host decides
}

// AboutOne is a setting of an account.
type AboutOne struct {
	Key     string `json:"key"`
	Env     string `json:"environment,omitempty"`
	File    bool   `json:"file"` // key_file, and environment_FILE, name a file that holds it
	Secret  bool   `json:"secret"`
	Type    string `json:"type"`
	Default string `json:"default,omitempty"`
	Doc     string `json:"doc"`
}

// Hosts are all DNS hosts there are.
func Hosts() (all []About) {
	for _, h := range hosts() {
		all = append(all, h.about())
	}
	return all
}

func (h *host) about() About {
	a := About{Provider: h.Word, Name: cmp.Or(h.what, h.Name), Needs: h.needs, Types: h.types, Lists: h.HostKind.Lists != nil, Proxied: h.Proxies,
		Comment: max(h.limits.Comment, 0), Tags: max(h.limits.Tags, 0), TTL: TTLs{h.limits.MinTTL, h.limits.MaxTTL, h.limits.AutoTTL}, Finds: !h.Named,
		Unit: h.unit, Compares: compares(h.guard), Mark: h.mark(), Bounds: slices.Clip(h.bounds), Documents: h.page}
	for _, s := range h.Settings {
		a.Settings = append(a.Settings, AboutOne{s.Key, s.Env, s.File, s.Secret, s.Type, s.Default, s.Doc})
	}
	return a
}

// mark is by what an owner's id is told.
func (h *host) mark() string {
	switch {
	case h.limits.Comment >= 0:
		return "comment"
	case slices.Contains(h.types, dns.TXT):
		return "txt"
	}
	return "none"
}

// lacks is what no zone with these limits has a choice of.
func lacks(l plan.Limits) (f plan.Fields) {
	if l.MaxTTL == dns.AutoTTL {
		f |= plan.TTL
	}
	if l.NoProxy {
		f |= plan.Proxied
	}
	if l.Comment < 0 {
		f |= plan.Comment
	}
	if l.Tags < 0 {
		f |= plan.Tags
	}
	return f
}

// compares is a word for scripts.
func compares(g provider.Guard) string {
	switch g {
	case provider.GuardsSet:
		return "set"
	case provider.GuardsBatch:
		return "batch"
	}
	return "no"
}

// addresses are the types that every host has.
func addresses() []dns.Type { return []dns.Type{dns.A, dns.AAAA} }

// andTexts are those of a host whose provider has provider.Texts.
func andTexts() []dns.Type { return append(addresses(), dns.TXT) }
