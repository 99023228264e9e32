package dialect

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// A ddclient.conf has lines of settings, as name=value with commas between, and
// of names to which those in the same line belong. Settings without a name hold
// for all lines below. Source: the comments of ddclient.conf.in and the manual of
// ddclient, as of 2026-11-29.
//
//	protocol, server, login, password   accounts.*
//	zone, ttl                           of rfc2136: accounts.*.zone; records[].ttl
//	use, usev4, usev6, if, ifv4, ifv6   detect.*.sources, records[].types
//	daemon                              schedule.every

func readDDClient(a *arrival, _ string, data []byte) {
	global := make(map[string]ddValue)
	var ways []ddWay
	for _, l := range ddLines(string(data)) {
		p := ddParser{text: l.text, line: l.number}
		settings, hosts := p.parse()
		if len(hosts) == 0 {
			for name, v := range settings {
				global[name] = v
			}
			continue
		}
		of := ddSettings{a: a, own: settings, global: global, line: l.number}
		for _, family := range []string{"v4", "v6"} {
			ways = append(ways, of.way(family))
		}
		for _, h := range hosts {
			of.keep(h)
		}
	}
	all := ddSettings{a: a, global: global}
	if n, ok := seconds(all.get("daemon")); ok {
		a.every(n, all.at("daemon"))
	}
	all.sources("v4", "detect.ipv4.sources")
	all.sources("v6", "detect.ipv6.sources")
	all.others(ways)
	for _, name := range []string{"postscript", "mail", "proxy"} {
		if all.get(name) != "" {
			a.leave(name, "homing has other means; see docs/settings.md")
		}
	}
}

type ddValue struct {
	text string
	line int
}

// ddSettings are those of a line of names: its own, and those above.
type ddSettings struct {
	a           *arrival
	own, global map[string]ddValue
	line        int
}

func (s ddSettings) value(name string) ddValue {
	if v, ok := s.own[name]; ok {
		return v
	}
	return s.global[name]
}

func (s ddSettings) get(name string) string { return s.value(name).text }

func (s ddSettings) at(name string) *config.Origin { return s.a.at(name, max(s.value(name).line, 1)) }

// types are the families that are asked for: ddclient keeps IPv4 unless it is
// told otherwise.
func (s ddSettings) types() (types []dns.Type) {
	off := func(text string) bool { return text == "" || text == "no" || text == "disabled" }
	six := !off(s.get("usev6")) || s.get("ipv6") == "yes"
	if !off(s.get("usev4")) || !off(s.get("use")) || !six {
		types = append(types, dns.A)
	}
	if six {
		types = append(types, dns.AAAA)
	}
	return types
}

// keep takes one of the names over, or says why not.
func (s ddSettings) keep(name string) {
	protocol := strings.ToLower(s.get("protocol"))
	if protocol == "" {
		protocol = "dyndns2" // which is the default
	}
	for _, key := range []string{"password", "login"} {
		if s.get(key+"_env") != "" {
			s.a.leave(name, key+"_env is not read; write "+key+" in its place for the migration")
			return
		}
	}
	if protocol == "duckdns" {
		name = wholeName(name, "duckdns.org")
	}
	k := keptName{name: name, at: s.a.at(name, s.line), types: s.types(), attrs: ttlOf(s.get("ttl"), s.at("ttl"))}
	var why string
	if k.host, why = s.host(protocol); why != "" {
		s.a.leave(name, why)
		return
	}
	if k.host.word == "dyndns2" {
		k.attrs = nil
	}
	s.a.keep(k)
}

// host is the account of a protocol; why says that there is none.
func (s ddSettings) host(protocol string) (h *placeOf, why string) {
	login, password, server := s.get("login"), s.get("password"), strings.ToLower(s.get("server"))
	bare := strings.TrimPrefix(strings.TrimPrefix(server, "https://"), "http://")
	bare, _, _ = strings.Cut(bare, "/")
	switch protocol {
	case "cloudflare":
		if login == "" || login == "token" {
			return s.a.host("cloudflare", "cloudflare", false, said{"token", password, s.at("password")}), ""
		}
		return s.a.host("cloudflare", "cloudflare", false, said{"key", password, s.at("password")}, said{"email", login, s.at("login")}), ""
	case "nsupdate":
		if password == "" || server == "" {
			return nil, "nsupdate needs a server and the path of a key, and one of them is not there"
		}
		return s.a.host("rfc2136", "nameserver", false, said{"server", strings.Join(strings.Fields(server), ":"), s.at("server")},
			said{"zone", s.get("zone"), s.at("zone")}, said{"key_file", password, s.at("password")}), ""
	case "freedns":
		return nil, "at FreeDNS homing takes the token in the update URL of the name, and this is a user and a password (docs/hosts/dyndns2.md)"
	case "dyndns2":
		if bare == "" {
			bare = "members.dyndns.org"
		}
		bare, _, _ = strings.Cut(bare, ":")
		if known := elsewhereCalled(bare); known != nil && known.word != "freedns" && known.word != "duckdns" && known.word != "namecheap" {
			return s.a.service(known, login, password, s.under), ""
		}
		return s.custom(bare, login, password), ""
	}
	if known := elsewhereCalled(protocol); known != nil {
		return s.a.service(known, login, password, s.under), ""
	}
	return nil, "homing does not know the host of protocol=" + shortened(protocol)
}

// under is where a setting of homing's was written, by ddclient's name for it.
func (s ddSettings) under(key string) *config.Origin {
	if key == "username" {
		return s.at("login")
	}
	return s.at("password")
}

// custom is the account at a server that speaks dyndns2 and has no row of its own.
func (s ddSettings) custom(server, login, password string) *placeOf {
	script := s.get("script")
	if script == "" {
		script = "/nic/update"
	}
	places := "&myip={ipv4}"
	switch types := s.types(); {
	case len(types) == 2:
		places = "&myip={ipv4},{ipv6}"
	case types[0] == dns.AAAA:
		places = "&myip={ipv6}"
	}
	address := "https://" + server + "/" + strings.TrimPrefix(script, "/") + "?hostname={name}" + places
	h := s.a.host("dyndns2", "custom", false, said{"service", "url", s.at("protocol")}, said{"url", address, s.at("server")},
		said{"username", login, s.at("login")}, said{"password", password, s.at("password")})
	h.tell = address
	return h
}

// ddWay is where the addresses of a family come from.
type ddWay struct{ family, word, use, iface string }

func (s ddSettings) way(family string) ddWay {
	w := ddWay{family: family, word: "use" + family, iface: s.get("if" + family)}
	if s.get(w.word) == "" && (family == "v4" || s.get("ipv6") == "yes") {
		w.word = "use"
	}
	if w.use = s.get(w.word); w.use == "no" || w.use == "disabled" {
		w.use = ""
	}
	if w.iface == "" {
		w.iface = s.get("if")
	}
	return w
}

// source is what two ways have in common that come to the same here.
func (w ddWay) source() string {
	switch w.use {
	case "", "web", "webv4", "webv6":
		return ""
	case "if", "ifv4", "ifv6":
		return w.iface
	}
	return w.use + " "
}

// others tells of names whose addresses come from elsewhere than all others'.
func (s ddSettings) others(ways []ddWay) {
	told := make(map[ddWay]bool)
	for _, w := range ways {
		if w.use != "" && w.source() != s.way(w.family).source() && !told[w] {
			told[w] = true
			s.a.leave(w.word+"="+shortened(w.use)+" of single names", "all names get the same addresses, from what is set last for all; for others see docs/sites.md")
		}
	}
}

// sources sets where the addresses of a family come from, as far as homing has it.
func (s ddSettings) sources(family, path string) {
	w := s.way(family)
	word, use, iface := w.word, w.use, w.iface
	switch use {
	case "":
	case "if", "ifv4", "ifv6":
		if iface != "" && !strings.ContainsAny(iface, " ,") {
			s.a.draft.Set(path, "local.iface:"+iface, s.at("if"))
			return
		}
		s.a.leave(word, "no interface is named, so homing's own sources are asked")
	case "web", "webv4", "webv6":
		s.a.leave(word+"="+shortened(use), "homing asks its own sources, of which more than half must agree ("+path+")")
	default:
		s.a.leave(word+"="+shortened(use), "homing's own sources are asked; "+path+" can name a command, a file or the router")
	}
}

// seconds is an interval as ddclient writes it: a number, with s, m, h or d
// behind it perhaps.
func seconds(text string) (n string, ok bool) {
	if text == "" || text == "0" {
		return "", false
	}
	units := map[byte]string{'s': "", 'm': "60", 'h': "3600", 'd': "86400"}
	factor, known := units[text[len(text)-1]]
	if !known {
		return text, true
	}
	return times(text[:len(text)-1], factor), true
}
