package app

import (
	"cmp"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider/dyndns2"
	"github.com/homing-dns/homing/internal/text"
)

// asking is what somebody who sets homing up is asked for an account.
type asking struct {
	get  text.Hint                             // where the credential comes from
	link string                                // of the page where it is made; empty: there is none
	keys func(said map[string]string) []string // of the settings, in order; "?" stands before one that may stay empty
}

// always is the keys of a host where what is asked depends on nothing.
func always(keys ...string) func(map[string]string) []string {
	return func(map[string]string) []string { return keys }
}

// dyndns2Keys is what a service asks for, once it is known which it is.
func dyndns2Keys(said map[string]string) []string {
	service := said["service"]
	if service == dyndns2.ByURL {
		return []string{"service", "url"}
	}
	all := dyndns2.Kinds()
	switch i := slices.IndexFunc(all, func(k dyndns2.Kind) bool { return k.Word == service }); {
	case i < 0:
		return []string{"service"}
	case all[i].Token:
		return []string{"service", "token"}
	case all[i].Userless:
		return []string{"service", "?username", "password"}
	}
	return []string{"service", "username", "password"}
}

// SetupHost is a DNS host as somebody meets it who sets homing up.
type SetupHost struct {
	About
	Get  string     // where the credential comes from, as a sentence goes on: "make one at …"
	Link string     // of the page where it is made; empty: there is none
	Asks []SetupAsk // what is asked first; see SetupAsks
}

// SetupAsk is a setting of an account that is asked for.
type SetupAsk struct {
	AboutOne
	Label    string
	Optional bool // it may stay empty
	Local    bool // it runs a program or names a file of this machine, so that a page cannot ask for it
}

// SetupHosts are all DNS hosts.
func SetupHosts() (all []SetupHost) {
	for _, h := range hosts() {
		all = append(all, SetupHost{About: h.about(), Get: h.get.String(), Link: h.link, Asks: h.asks(nil)})
	}
	return all
}

// SetupAsks is what an account at a host is asked for, in order. What one setting
// says may decide which are asked for after it: at dyndns2 the service does.
func SetupAsks(word string, said map[string]string) []SetupAsk {
	h, err := hostOf(hosts(), config.Account{Provider: word})
	if err != nil {
		return nil
	}
	return h.asks(said)
}

func (h *host) asks(said map[string]string) (all []SetupAsk) {
	about := h.about().Settings
	for _, key := range h.keys(said) {
		key, optional := strings.CutPrefix(key, "?")
		i := slices.IndexFunc(h.Settings, func(s config.HostSetting) bool { return s.Key == key })
		all = append(all, SetupAsk{about[i], label(key), optional, h.Settings[i].Command || h.Settings[i].Path})
	}
	return all
}

// label is what a setting is called where it is asked for: base_url is Base URL.
func label(key string) string {
	words := strings.Split(key, "_")
	for i, w := range words {
		switch {
		case w == "url" || w == "id":
			words[i] = strings.ToUpper(w)
		case i == 0:
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// secretName is what the file of a secret is called: as systemd's credentials are,
// so that the unit finds it.
func (h *host) secretName(s config.HostSetting) string {
	return strings.ToLower(cmp.Or(s.Env, h.Word+"_"+s.Key))
}
