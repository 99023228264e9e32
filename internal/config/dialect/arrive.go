package dialect

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// newcomer is an updater for many hosts, whose file is read to be migrated and
// for nothing else: homing is not started in its place.
type newcomer struct {
	name, title string
	file        string // how its file is called by default, and where
	read        func(a *arrival, path string, data []byte)
}

// newcomers are those that homing migrate knows beside the dialects.
func newcomers() []newcomer {
	return []newcomer{
		{"ddclient", "ddclient", "/etc/ddclient.conf", readDDClient},
		{"qdm12", "qdm12/ddns-updater", "data/config.json", readQDM12},
		{"ddns-go", "ddns-go", "~/.ddns_go_config.yaml", readDDNSGo},
		{"inadyn", "inadyn", "/etc/inadyn.conf", readInadyn},
	}
}

// maxArrival is how large a file may be, in octets: room for some thousand names.
const maxArrival = 256 << 10

// arrival is what the file of a newcomer says, in the making.
type arrival struct {
	title string
	path  string
	draft config.Draft
	hosts []*placeOf
	kept  []*keptName
	left  []string

	hostAt map[string]*placeOf // by what it says
	keptAt map[keptKey]*keptName
	told   map[string]bool
}

// keptKey is what there is one of: a name at an account.
type keptKey struct {
	host *placeOf
	name string
}

func newArrival(title, path string) *arrival {
	return &arrival{title: title, path: path, hostAt: make(map[string]*placeOf), keptAt: make(map[keptKey]*keptName), told: make(map[string]bool)}
}

// placeOf is an account in the making.
type placeOf struct {
	word     string // of the host
	base     string // what its name is made of
	settings []said
	name     string
	tell     string // what its update address is, where that was put together
}

// said is a setting of an account, and where it was written.
type said struct {
	key, text string
	at        *config.Origin
}

// keptName is a name that is taken over.
type keptName struct {
	name  string
	at    *config.Origin
	types []dns.Type
	host  *placeOf
	attrs []said // ttl, proxied, zone_id, ipv6_host
}

// arriving is the newcomer whose file in names, and the path of that. nil: it
// is one of nobody's that is known here.
func (in *Input) arriving(from string) (*newcomer, string) {
	all, file := newcomers(), in.credentials()
	for i := range all {
		switch n := &all[i]; {
		case from == n.name, from == "" && file != "" && n.owns(in, file):
			return n, file
		}
	}
	return nil, ""
}

// owns reports whether a file looks like one of this program's.
func (n *newcomer) owns(in *Input, file string) bool {
	if n.name == "qdm12" {
		return in.isQDM12(file)
	}
	return strings.EqualFold(path.Base(strings.ReplaceAll(file, `\`, "/")), path.Base(n.file))
}

// arrive writes the homing.yaml of a newcomer's file, and what is not in it, a
// line for each.
func (in *Input) arrive(n *newcomer, file string) (written []byte, left []string, err error) {
	a := newArrival(n.title, file)
	a.draft.From = n.title
	a.draft.Notice("the configuration of %s as homing has it", n.title)
	if file == "" {
		return nil, nil, config.Problems{{Origin: *originOf("--from"), Reason: "the file of " + n.title + " is not named",
			Hint: "write its path, such as homing migrate --from " + n.name + " " + n.file}}
	}
	data, err := in.read(file)
	switch {
	case err != nil:
		reason, hint := in.Unreadable(file, err)
		return nil, nil, config.Problems{{Origin: *originOf(file), Reason: reason, Hint: hint}}
	case len(data) > maxArrival:
		return nil, nil, config.Problems{{Origin: *originOf(file), Reason: "the file is larger than 256 KiB", Hint: "a configuration is not that long; is it the right file?"}}
	}
	n.read(a, file, data)
	a.write()
	nowhere := in.Input
	nowhere.Getenv = func(string) string { return "" }
	written, err = loadable(&nowhere, &a.draft)
	return written, a.left, err
}

// at is a place in the file; its line is not shown, for it may hold a secret.
func (a *arrival) at(name string, line int) *config.Origin {
	return &config.Origin{Name: name, File: a.path, Line: line, Column: 1}
}

// leave says that something is not taken over, and why.
func (a *arrival) leave(what, why string) {
	line := shortened(what) + ": " + cleaned(why)
	if !a.told[line] {
		a.told[line] = true
		a.left = append(a.left, line)
	}
}

// host is the account with these settings; what is alike is one account, unless
// it is for one name.
func (a *arrival) host(word, base string, one bool, settings ...said) *placeOf {
	settings = slices.DeleteFunc(settings, func(s said) bool { return s.text == "" })
	key := fmt.Sprintf("%q", []string{word, base})
	for _, s := range settings {
		key += fmt.Sprintf("%q", []string{s.key, s.text})
	}
	if h := a.hostAt[key]; h != nil && !one {
		return h
	}
	h := &placeOf{word: word, base: base, settings: settings}
	a.hosts, a.hostAt[key] = append(a.hosts, h), h
	return h
}

// keep takes a name over. One that is there already for another family has both;
// an empty one is told and left.
func (a *arrival) keep(k keptName) {
	if k.name == "" {
		a.leave(`""`, "it is no name")
		return
	}
	key := keptKey{k.host, strings.ToLower(k.name)}
	if o := a.keptAt[key]; o != nil {
		for _, t := range k.types {
			if !slices.Contains(o.types, t) {
				o.types = append(o.types, t)
			}
		}
		return
	}
	a.keptAt[key] = &k
	a.kept = append(a.kept, &k)
}

// write puts what was read into the draft.
func (a *arrival) write() {
	for _, line := range a.left {
		a.draft.Notice("not taken over: %s", line)
	}
	if len(a.kept) == 0 && len(a.draft.Problems) == 0 {
		reason := "there is no name in it that homing could keep"
		if len(a.left) > 0 {
			reason += ":\n      " + strings.Join(a.left, "\n      ")
		}
		a.draft.Wrong("", originOf(a.path), "", reason, "homing hosts lists the hosts that it knows; whose file it is, --from says")
	}
	a.writeHosts()
	for _, k := range a.kept {
		p := a.draft.Record(k.name, k.at, k.types...)
		if len(a.hosts) > 1 || k.host.word == "dyndns2" {
			a.draft.Set(p+".account", k.host.name, k.at)
		}
		for _, s := range k.attrs {
			a.draft.Set(p+"."+s.key, s.text, s.at)
		}
	}
}

// writeHosts names the accounts and writes them. The only one of a host that
// tells which names are its is the default one.
func (a *arrival) writeHosts() {
	count := make(map[string]int)
	for _, h := range a.hosts {
		count[h.base]++
		h.name = h.base
		if n := count[h.base]; n > 1 {
			h.name += strconv.Itoa(n)
		}
		if len(a.hosts) == 1 && h.word != "dyndns2" {
			h.name = "default"
		}
		at := "accounts." + h.name
		a.draft.Set(at+".provider", h.word, originOf(a.title))
		if h.tell != "" {
			a.draft.Notice("%s.url is %s", at, h.tell)
		}
		for _, s := range h.settings {
			if s.key == "url" && h.tell != "" {
				s.at = originOf("the address above")
			}
			a.draft.Set(at+"."+s.key, s.text, s.at)
		}
	}
}

// every sets the interval, in seconds. One that is no number is left out.
func (a *arrival) every(text string, at *config.Origin) {
	if text == "" {
		return
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 || n > mostSeconds {
		a.leave(at.Name, fmt.Sprintf("%.40q is no interval in seconds that homing could take; it looks every 5 minutes", text))
		return
	}
	a.draft.Set("schedule.every", fmt.Sprintf("@every %ds", max(n, 30)), at)
}

// ttlOf is the TTL of a record as a setting of it; 0 and nothing are none.
func ttlOf(text string, at *config.Origin) []said {
	if n, err := strconv.Atoi(text); err != nil || n <= 0 {
		return nil
	}
	return []said{{"ttl", text, at}}
}

// wholeName is a name, with the zone behind it where it is relative to that.
func wholeName(name, zone string) string {
	name, zone = strings.Trim(strings.ToLower(name), ". "), strings.Trim(strings.ToLower(zone), ". ")
	switch {
	case name == "" || name == "@" || name == zone:
		return zone
	case zone == "" || strings.HasSuffix(name, "."+zone):
		return name
	}
	return name + "." + zone
}

// cloudflareBy are the settings of Cloudflare: a token, or a key and its email.
func cloudflareBy(token, key, email string, at func(string) *config.Origin) []said {
	if token != "" || key == "" {
		return []said{{"token", token, at("token")}}
	}
	return []said{{"key", key, at("key")}, {"email", email, at("email")}}
}

// shortened is a word of a file as a line may say it.
func shortened(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:79]) + "…"
	}
	return cleaned(s)
}

// cleaned is s without what a terminal would obey.
func cleaned(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return -1
		}
		return c
	}, s)
}
