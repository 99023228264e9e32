package cli

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"

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
	ask    httpx.Dial // the same for those who are asked for an address; nil: dial
	traces []string   // the trace hosts, as URLs
	doh    string
	log    *slog.Logger // of requests and answers; nil: none
	limits *cloudflare.Limits
}

func network() world { return world{traces: detect.TraceURLs(), doh: detect.DoHURL} }

// over is w where everything leaves by this line. What is asked for an address
// must be far away: this machine would tell its own, or what somebody wrote.
func (w world) over(line httpx.Bind) world {
	d := httpx.Dialer{Bind: line, Known: append(detect.Hosts(), cloudflare.Host)}
	w.dial = d.Dial
	d.Remote = true
	w.ask = d.Dial
	return w
}

// catalogue is what the configuration knows of all this.
func catalogue() config.Catalogue { return catalogueOf(true) }

// catalogueOf is catalogue for settings that are used on this machine, or
// perhaps on another, which has other interfaces and programs.
func catalogueOf(here bool) config.Catalogue {
	c := config.Catalogue{
		CheckToken: func(token string) error { return hinted(cloudflare.CheckToken(secret.New(token))) },
		CheckKey:   func(key, email string) error { return hinted(cloudflare.CheckKey(secret.New(key), email)) },
		CheckURL:   cloudflare.CheckBaseURL,
		Checks:     tellChecks(),
		CheckBind:  checkBind,
	}
	if !here {
		c.CheckBind = func(s string) error { _, err := httpx.ParseBind(s); return err }
		c.Checks["notify.exec"] = func(command string) ([]string, error) { _, err := hook(command); return nil, err }
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
			switch {
			case !here:
			case strings.HasPrefix(k.word, "local.iface"):
				err = absent(detect.CheckInterface(arg), "name an interface of this machine")
			case k.word == "exec":
				err = checkProgram(arg)
			}
			return s.Voter(), err
		}})
	}
	return c
}

// checkBind refuses what does not exist, and what leads nowhere.
func checkBind(s string) error {
	const hint = "name the interface of the line that is to be measured, or this machine's address on it"
	bind, err := httpx.ParseBind(s)
	a, bad := netip.ParseAddr(s)
	loop := bad == nil && a.IsLoopback()
	if i, missing := net.InterfaceByName(s); missing == nil {
		loop = i.Flags&net.FlagLoopback != 0
	}
	if err == nil && loop {
		err = errors.New(s + " leads back to this machine only")
	}
	if err != nil {
		return config.Hinted(err.Error(), hint)
	}
	return absent(bind.Absent(), hint)
}

// absent is err as the configuration takes something that is not there, and
// may come: an interface, a program.
func absent(err error, hint string) error {
	if err == nil {
		return nil
	}
	return config.Absent(err.Error(), hint)
}

// childEnv is what a command of exec: may know of this process: where programs
// and the person's files are, and no secret.
func childEnv() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "LANG", "TZ", "USER", "TMPDIR", "SystemRoot", "ComSpec", "PATHEXT", "TEMP", "USERPROFILE"} {
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
