package dialect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// dialect is one predecessor.
type dialect struct {
	name   string // in HOMING_DIALECT
	title  string
	anchor func(in *Input) string // why a configuration is its own; empty: it is not
	read   func(r *reader)
	// variables are those it reads; none: homing's own, which are told of elsewhere
	variables []string
}

func dialects() []dialect {
	return []dialect{
		{"dyncfdns", "DynCFDNS", ofDynCFDNS, readDynCFDNS, []string{"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_TOKEN_FILE", "CLOUDFLARE_API_KEY",
			"CLOUDFLARE_API_KEY_FILE", "CLOUDFLARE_API_EMAIL", "HOST_LIST", "UPDATE_INTERVAL", "ALLOW_CREATE_HOSTS", "API_PORT", "API_TOKEN"}},
		{"dynflare", "Dynflare", ofDynflare, readDynflare, []string{"RECORDS", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_KEY", "CLOUDFLARE_API_KEY_FILE",
			"CLOUDFLARE_API_SECRET", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_TOKEN_FILE"}},
		{"raindrop", "raindrop", ofRaindrop, readRaindrop, nil},
		{"oznu", "oznu/cloudflare-ddns", ofOznu, readOznu, []string{"API_KEY", "API_KEY_FILE", "ZONE", "ZONE_FILE", "SUBDOMAIN", "SUBDOMAIN_FILE", "EMAIL",
			"PROXIED", "RRTYPE", "DELETE_ON_STOP", "INTERFACE", "CUSTOM_LOOKUP_CMD", "DNS_SERVER", "CRON", "CF_API", "PUID", "PGID"}},
		{"timothymiller", "timothymiller/cloudflare-ddns", ofTimothymiller, readTimothymiller, []string{"REJECT_CLOUDFLARE_IPS", "DELETE_ON_FAILURE", "CONFIG_PATH"}},
	}
}

// force is the variable that settles whose configuration this is.
const force = "HOMING_DIALECT"

// recognise finds whose configuration this is, and what tells.
func recognise(in *Input) (d *dialect, why string, err error) {
	all := dialects()
	if name := strings.ToLower(in.Env(force)); name != "" {
		return forced(all, name)
	}
	var whys []string
	for i := range all {
		if text := all[i].anchor(in); text != "" {
			whys = append(whys, fmt.Sprintf("a configuration of %s, because %s (%s=%s)", all[i].title, text, force, all[i].name))
			d, why = &all[i], text
		}
	}
	if len(whys) > 1 {
		return nil, "", config.Problems{{Origin: config.Origin{Name: "the configuration"},
			Reason: "it can be read in several ways:\n      " + strings.Join(whys, "\n      "),
			Hint:   "take what belongs to the others out, or set " + force + " to the one you mean"}}
	}
	if d == nil && in.onlyConfigJSON() {
		d = &all[slices.IndexFunc(all, func(d dialect) bool { return d.name == "timothymiller" })]
		why = in.configJSON() + " is there and nothing else is configured"
		if !in.isFile(in.configJSON()) {
			why = "CONFIG_PATH is set and nothing else is configured"
		}
	}
	return d, why, nil
}

// forced is the dialect of this name; homing's own is nil.
func forced(all []dialect, name string) (*dialect, string, error) {
	if name == "homing" || name == "favonia" {
		return nil, "", nil
	}
	names := []string{"homing", "favonia"}
	for i := range all {
		if all[i].name == name {
			return &all[i], force + " says so", nil
		}
		names = append(names, all[i].name)
	}
	return nil, "", config.Problems{{Origin: *config.Variable(force), Value: fmt.Sprintf("%.40q", name),
		Reason: "there is no dialect of this name", Hint: "the dialects are " + strings.Join(names, ", ")}}
}

func (in *Input) isSet(name string) string {
	if in.Env(name) == "" {
		return ""
	}
	return name + " is set"
}
