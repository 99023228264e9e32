package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/cloudflare"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/web"
)

// world is what a source or a provider needs of the world around it: how to
// reach servers. The demo gives a world of its own.
type world struct {
	dial   httpx.Dial // nil: the network
	traces []string   // the trace hosts, as URLs
	doh    string
	log    *slog.Logger // of requests and answers; nil: none
}

func network() world { return world{traces: detect.TraceURLs(), doh: detect.DoHURL} }

// making is what the maker of a source may need.
type making struct {
	world
	wanted detect.Wanted
	word   string // the source's own, where several have one maker
	arg    string // what stands behind the word
	allow  addr.Allow
	header http.Header // for url: only
	env    []string    // for exec: only
}

// client is a client for detection: pinned to the family, and never through a
// proxy, whose address is not ours.
func (m making) client(f addr.Family) *httpx.Client {
	c := httpx.New(httpx.Options{Network: map[addr.Family]string{addr.IPv4: "tcp4", addr.IPv6: "tcp6"}[f],
		Dial: m.dial, UserAgent: userAgent()})
	if m.log != nil {
		observe(c, m.log, strings.HasPrefix(m.word, "url"))
	}
	return c
}

// sourceKind is one row of the table of sources.
type sourceKind struct {
	word, form string
	make       func(m making) (detect.Source, error)
	bare       bool // it takes nothing behind its word, and detect --all asks it
}

// sources is the one place that names them. It is in the order of help.
func sources() []sourceKind {
	own := func(m making) *httpx.Client { return m.client(m.wanted.Family) }
	table := []sourceKind{
		{word: "cloudflare.trace", bare: true, make: func(m making) (detect.Source, error) {
			return detect.Trace(m.wanted, own(m), m.traces)
		}},
		{word: "cloudflare.doh", bare: true, make: func(m making) (detect.Source, error) {
			return detect.DoH(m.wanted, own(m), m.doh)
		}},
	}
	for _, word := range []string{"cloudflare.dns", "opendns", "google.dns", "akamai.dns"} {
		table = append(table, sourceKind{word: word, bare: true, make: func(m making) (detect.Source, error) {
			return detect.PlainDNS(m.wanted, m.dial, m.word)
		}})
	}
	for _, word := range detect.Services() {
		table = append(table, sourceKind{word: word, bare: true, make: func(m making) (detect.Source, error) {
			return detect.Service(m.wanted, own(m), m.word)
		}})
	}
	return append(table,
		sourceKind{word: "url", form: "url:<address of a page that shows the IP address>", make: func(m making) (detect.Source, error) { return m.url(m.wanted.Family) }},
		sourceKind{word: "url.via4", form: "url.via4:<the same, always asked over IPv4>", make: func(m making) (detect.Source, error) { return m.url(addr.IPv4) }},
		sourceKind{word: "url.via6", form: "url.via6:<the same, always asked over IPv6>", make: func(m making) (detect.Source, error) { return m.url(addr.IPv6) }},
		sourceKind{word: "local", bare: true, make: func(m making) (detect.Source, error) {
			return detect.Local(m.wanted, m.allow, m.dial), nil
		}},
		sourceKind{word: "local.iface", form: "local.iface:<interface>", make: func(m making) (detect.Source, error) { return m.iface(detect.All) }},
		sourceKind{word: "local.iface.stable", form: "local.iface.stable:<interface>", make: func(m making) (detect.Source, error) { return m.iface(detect.Stable) }},
		sourceKind{word: "local.iface.first", form: "local.iface.first:<interface>", make: func(m making) (detect.Source, error) { return m.iface(detect.First) }},
		sourceKind{word: "file", form: "file:<path>", make: func(m making) (detect.Source, error) {
			return detect.File(m.wanted, m.arg, m.allow)
		}},
		sourceKind{word: "exec", form: "exec:<command>", make: func(m making) (detect.Source, error) {
			return detect.Exec(m.wanted, m.arg, m.env, m.allow)
		}},
		sourceKind{word: "static", form: "static:<address>,…", make: static},
		sourceKind{word: "literal", form: "literal:<address>,…", make: static},
		sourceKind{word: emptyWord, bare: true, make: func(making) (detect.Source, error) { return detect.Empty(), nil }},
	)
}

// emptyWord is the source that says that there is no address.
const emptyWord = "static.empty"

func static(m making) (detect.Source, error) { return detect.Static(m.wanted, m.arg) }

func (m making) url(via addr.Family) (detect.Source, error) {
	return detect.URL(m.wanted, m.client(via), m.arg, detect.URLOptions{Word: m.word, Header: m.header})
}

func (m making) iface(pick detect.Pick) (detect.Source, error) {
	return detect.Interface(m.wanted, m.arg, pick, m.allow)
}

// of makes the source of one row.
func (m making) of(k sourceKind, arg string) (detect.Source, error) {
	m.word, m.arg = k.word, arg
	if k.bare && arg != "" {
		return nil, errors.New("it takes nothing behind its name")
	}
	return k.make(m)
}

// catalogue is what the configuration knows of all this.
func catalogue() config.Catalogue {
	c := config.Catalogue{
		CheckToken: func(token string) error { return hinted(cloudflare.CheckToken(secret.New(token))) },
		CheckKey:   func(key, email string) error { return hinted(cloudflare.CheckKey(secret.New(key), email)) },
		CheckURL:   cloudflare.CheckBaseURL,
		Checks:     tellChecks(),
		CheckBind:  checkBind,
	}
	c.Checks["serve.listen"] = func(spec string) ([]string, error) {
		if spec == config.Off {
			return nil, nil
		}
		return nil, web.CheckSpec(spec)
	}
	for _, k := range sources() {
		c.Sources = append(c.Sources, config.SourceKind{Word: k.word, Form: cmp.Or(k.form, k.word), Check: func(f addr.Family, arg string, secret bool) (addr.Voter, error) {
			m := making{world: network(), wanted: detect.Wanted{Family: f}, env: childEnv()}
			if secret {
				m.header = http.Header{"X": {"?"}}
			}
			s, err := m.of(k, arg)
			if err != nil {
				return addr.Voter{}, err
			}
			if strings.HasPrefix(k.word, "local.iface") {
				err = detect.CheckInterface(arg)
			}
			return s.Voter(), err
		}})
	}
	return c
}

// checkBind refuses what does not exist, and what leads nowhere.
func checkBind(s string) error {
	_, err := httpx.ParseBind(s)
	a, bad := netip.ParseAddr(s)
	loop := bad == nil && a.IsLoopback()
	if i, missing := net.InterfaceByName(s); missing == nil {
		loop = i.Flags&net.FlagLoopback != 0
	}
	if err == nil && loop {
		return config.Hinted(s+" leads back to this machine only", "name the interface of the line that is to be measured")
	}
	return err
}

// childEnv is what a command of exec: may know of this process: where programs
// and the person's files are, and no secret.
func childEnv() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "LANG", "TZ", "USER", "TMPDIR", "SystemRoot"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// hinted is err with its hint where the configuration looks for it.
func hinted(err error) error {
	if bad, ok := errors.AsType[*cloudflare.Malformed](err); ok {
		return config.Hinted(bad.Reason, bad.Hint)
	}
	return err
}

// panel is who is asked about f, as the configuration says.
func panel(cfg *config.Config, w world, f addr.Family) (*detect.Panel, error) {
	d := cfg.Detect[f]
	m := making{world: w, wanted: wantedOf(d, f), allow: cfg.Allow, header: headers(cfg.URLHeader), env: childEnv()}
	table := sources()
	var asked []detect.Source
	for _, named := range d.Sources {
		i := slices.IndexFunc(table, func(k sourceKind) bool { return k.word == named.Word }) // it was checked to exist
		s, err := m.of(table[i], named.Arg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", named.Word, err)
		}
		asked = append(asked, s)
	}
	return detect.NewPanel(detect.PanelConfig{Family: f, Sources: asked, Rule: d.Agree, Filter: d.Filter.Match, Timeout: cfg.DetectionTimeout}), nil
}

func wantedOf(d config.Detection, f addr.Family) detect.Wanted {
	return detect.Wanted{Family: f, Bits: d.Bits}
}

// headers is the header lines of url:, which were checked already.
func headers(lines secret.String) http.Header {
	if lines.IsZero() {
		return nil
	}
	h := http.Header{}
	for line := range strings.Lines(lines.Reveal()) {
		name, value, _ := strings.Cut(line, ":")
		h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return h
}

// input is the world a configuration is read from.
func (env Env) input() config.Input {
	return config.Input{Getenv: env.Getenv, ReadFile: readSmall, Stat: os.Stat, Now: time.Now(),
		ConfigPath: env.given.config, User: fmt.Sprintf("uid %d", os.Getuid())}
}

// load reads the configuration of env. Where records are relative to zones of
// which only the ids are known, the names of these are asked for first.
func load(ctx context.Context, env Env, need need) (*config.Config, error) {
	in := env.input()
	in.DetectOnly = need == forDetection
	cfg, err := config.Build(in, catalogue(), env.drafts(in)...)
	unnamed, ok := errors.AsType[*config.NeedZones](err)
	if !ok {
		return cfg, err
	}
	if in.ZoneNames, err = askNames(ctx, unnamed.Zones); err != nil {
		return nil, err
	}
	return config.Build(in, catalogue(), env.drafts(in)...)
}

// askNames asks for the names of zones.
func askNames(ctx context.Context, zones []config.UnnamedZone) (map[string]string, error) {
	names := make(map[string]string)
	api := apiClient(network())
	defer api.CloseIdle()
	for _, z := range zones {
		p, err := newProvider(z.Account, api, 0)
		if err != nil {
			return nil, err
		}
		name, err := p.ZoneName(ctx, z.ID)
		if err != nil {
			return nil, err
		}
		names[z.ID] = name.String()
	}
	return names, nil
}

// smallLimit is far above any token, and any homing.yaml.
const smallLimit = 256 << 10

// readSmall reads a small plain file. Anything else could block for ever or
// never end.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a plain file")
	case info.Size() > smallLimit:
		return nil, fmt.Errorf("it is longer than %d KiB", smallLimit>>10)
	}
	return os.ReadFile(path)
}
