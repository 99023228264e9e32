package app

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
)

// making is what the maker of a source may need.
type making struct {
	*World
	wanted detect.Wanted
	word   string // the source's own, where several have one maker
	arg    string // what stands behind the word
	allow  addr.Allow
	header http.Header // for url: only
	env    []string    // for exec: only
}

// client is a client for detection: pinned to the family, and never through a
// proxy, whose address is not ours.
func (m *making) client(f addr.Family) *httpx.Client {
	c := httpx.New(httpx.Options{Network: map[addr.Family]string{addr.IPv4: "tcp4", addr.IPv6: "tcp6"}[f],
		Dial: m.asking(), UserAgent: m.Agent})
	if m.log != nil {
		observe(c, m.log, strings.HasPrefix(m.word, "url"))
	}
	return c
}

// sourceKind is one row of the table of sources.
type sourceKind struct {
	word, form string
	make       func(m *making) (detect.Source, error)
	own        bool // it tells what one place has, whatever line is asked over
	bare       bool // it needs nothing behind its word, and detect --all asks it; without a form it takes nothing there
}

// sources is the one place that names them. It is in the order of help.
func sources() []sourceKind {
	table := []sourceKind{
		{word: "cloudflare.trace", bare: true, make: func(m *making) (detect.Source, error) {
			return detect.Trace(m.wanted, m.client(m.wanted.Family), m.Traces)
		}},
		{word: "cloudflare.doh", bare: true, make: func(m *making) (detect.Source, error) {
			return detect.DoH(m.wanted, m.client(m.wanted.Family), m.DoH)
		}},
	}
	for _, word := range []string{"cloudflare.dns", "opendns", "google.dns", "akamai.dns"} {
		table = append(table, sourceKind{word: word, bare: true, make: func(m *making) (detect.Source, error) {
			return detect.PlainDNS(m.wanted, m.asking(), m.word)
		}})
	}
	table = append(table, sourceKind{word: "stun", bare: true, form: "stun or stun:<host>:<port>", make: func(m *making) (detect.Source, error) {
		return detect.STUN(m.wanted, m.asking(), cmp.Or(m.arg, detect.STUNServer))
	}})
	for _, word := range detect.Services() {
		table = append(table, sourceKind{word: word, bare: true, make: func(m *making) (detect.Source, error) {
			return detect.Service(m.wanted, m.client(m.wanted.Family), m.word)
		}})
	}
	return append(table, []sourceKind{
		{word: "url", form: "url:<address of a page that shows the IP address>", make: func(m *making) (detect.Source, error) { return m.url(m.wanted.Family) }},
		{word: "url.via4", form: "url.via4:<the same, always asked over IPv4>", make: func(m *making) (detect.Source, error) { return m.url(addr.IPv4) }},
		{word: "url.via6", form: "url.via6:<the same, always asked over IPv6>", make: func(m *making) (detect.Source, error) { return m.url(addr.IPv6) }},
		{word: detect.RouterWord, bare: true, make: func(m *making) (detect.Source, error) {
			return detect.Router(m.wanted, m.router()), nil
		}},
		{word: "local", bare: true, make: func(m *making) (detect.Source, error) {
			return detect.Local(m.wanted, m.allow, m.asking()), nil
		}},
		{word: "local.iface", own: true, form: "local.iface:<interface>", make: func(m *making) (detect.Source, error) { return m.iface(detect.All) }},
		{word: "local.iface.stable", own: true, form: "local.iface.stable:<interface>", make: func(m *making) (detect.Source, error) { return m.iface(detect.Stable) }},
		{word: "local.iface.first", own: true, form: "local.iface.first:<interface>", make: func(m *making) (detect.Source, error) { return m.iface(detect.First) }},
		{word: fileWord, own: true, form: "file:<path>", make: func(m *making) (detect.Source, error) {
			return detect.File(m.wanted, m.arg, m.allow)
		}},
		{word: "exec", own: true, form: "exec:<command>", make: func(m *making) (detect.Source, error) {
			return detect.Exec(m.wanted, m.arg, m.env, m.allow)
		}},
		{word: "static", own: true, form: "static:<address>,…", make: static},
		{word: "literal", own: true, form: "literal:<address>,…", make: static},
		{word: emptyWord, own: true, bare: true, make: func(*making) (detect.Source, error) { return detect.Empty(), nil }},
	}...)
}

const (
	emptyWord = "static.empty" // the source that says that there is no address
	fileWord  = "file"         // the one that is a file, which may change at any time
)

// router is how the gateway is reached.
func (m *making) router() detect.RouterLine {
	line := detect.RouterLine{Dial: m.asking(), Client: m.client(addr.IPv4), Line: m.line.String()}
	if m.Machine != nil {
		line.Gateway = m.Machine.Gateway
	}
	return line
}

func static(m *making) (detect.Source, error) { return detect.Static(m.wanted, m.arg) }

func (m *making) url(via addr.Family) (detect.Source, error) {
	return detect.URL(m.wanted, m.client(via), m.arg, detect.URLOptions{Word: m.word, Header: m.header})
}

func (m *making) iface(pick detect.Pick) (detect.Source, error) {
	return detect.Interface(m.wanted, m.arg, pick, m.allow)
}

// of makes the source of one row.
func (m *making) of(k *sourceKind, arg string) (detect.Source, error) {
	one := *m
	one.word, one.arg = k.word, arg
	if k.bare && k.form == "" && arg != "" {
		return nil, errors.New("it takes nothing behind its name")
	}
	return k.make(&one)
}

// Files are those whose addresses are published.
func (a *App) Files() []string {
	var files []string
	for _, name := range a.Config.SiteNames() {
		for _, d := range a.Config.Site(name).Detect {
			for _, source := range d.Sources {
				if source.Word == fileWord && !slices.Contains(files, source.Arg) {
					files = append(files, source.Arg)
				}
			}
		}
	}
	return files
}
