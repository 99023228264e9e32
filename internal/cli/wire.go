package cli

import (
	"errors"
	"os"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/cloudflare"
	"github.com/homing-dns/homing/internal/secret"
)

// world is what a source or a provider needs of the world around it: how to
// reach servers. The demo gives a world of its own.
type world struct {
	dial   httpx.Dial // nil: the network
	traces []string   // the trace hosts, as URLs
	doh    string
}

func network() world { return world{traces: detect.TraceURLs(), doh: detect.DoHURL} }

// client is a client for detection: pinned to the family, and never through a
// proxy, whose address is not ours.
func (w world) client(f addr.Family) *httpx.Client {
	return httpx.New(httpx.Options{Network: map[addr.Family]string{addr.IPv4: "tcp4", addr.IPv6: "tcp6"}[f],
		Dial: w.dial, UserAgent: userAgent()})
}

// sourceKind is one row of the table of sources.
type sourceKind struct {
	word, form string
	make       func(w world, f addr.Family, arg string) (detect.Source, error)
}

// sources is the one place that names them. It is in the order of help.
func sources() []sourceKind {
	return []sourceKind{
		{"cloudflare.trace", "cloudflare.trace", bare(func(w world, f addr.Family) (detect.Source, error) {
			return detect.Trace(detect.Wanted{Family: f}, w.client(f), w.traces)
		})},
		{"cloudflare.doh", "cloudflare.doh", bare(func(w world, f addr.Family) (detect.Source, error) {
			return detect.DoH(detect.Wanted{Family: f}, w.client(f), w.doh)
		})},
		{"url", "url:<address of a page that shows the IP address>", func(w world, f addr.Family, arg string) (detect.Source, error) {
			return detect.URL(detect.Wanted{Family: f}, w.client(f), arg, detect.URLOptions{})
		}},
		{"local", "local", bare(func(w world, f addr.Family) (detect.Source, error) {
			return detect.Local(detect.Wanted{Family: f}, 0, w.dial), nil
		})},
		{"file", "file:<path>", func(_ world, f addr.Family, arg string) (detect.Source, error) {
			return detect.File(detect.Wanted{Family: f}, arg, 0)
		}},
		{"static", "static:<address>,…", func(_ world, f addr.Family, arg string) (detect.Source, error) {
			return detect.Static(detect.Wanted{Family: f}, arg)
		}},
		{"static.empty", "static.empty", bare(func(world, addr.Family) (detect.Source, error) { return detect.Empty(), nil })},
	}
}

// bare is the maker of a source that takes nothing behind its word.
func bare(make func(world, addr.Family) (detect.Source, error)) func(world, addr.Family, string) (detect.Source, error) {
	return func(w world, f addr.Family, arg string) (detect.Source, error) {
		if arg != "" {
			return nil, errors.New("it takes nothing behind its name")
		}
		return make(w, f)
	}
}

// catalogue is what the configuration knows of all this.
func catalogue() config.Catalogue {
	c := config.Catalogue{
		CheckToken: func(token string) error { return hinted(cloudflare.CheckToken(secret.New(token))) },
		CheckKey:   func(key, email string) error { return hinted(cloudflare.CheckKey(secret.New(key), email)) },
		CheckURL:   cloudflare.CheckBaseURL,
	}
	for _, k := range sources() {
		c.Sources = append(c.Sources, config.SourceKind{Word: k.word, Form: k.form, Check: func(f addr.Family, arg string) error {
			_, err := k.make(network(), f, arg)
			return err
		}})
	}
	return c
}

// hinted is err with its hint where the configuration looks for it.
func hinted(err error) error {
	if bad, ok := errors.AsType[*cloudflare.Malformed](err); ok {
		return config.Hinted(bad.Reason, bad.Hint)
	}
	return err
}

// source makes the source that a configuration names; it was checked to exist.
func source(w world, f addr.Family, s config.Source) (detect.Source, error) {
	for _, k := range sources() {
		if k.word == s.Word {
			return k.make(w, f, s.Arg)
		}
	}
	return nil, errors.New("there is no source " + s.Word)
}

// load reads the configuration of env.
func load(env Env, need need) (*config.Config, error) {
	return config.Load(config.Input{Getenv: env.Getenv, ReadFile: readSecret, Now: time.Now(),
		DetectOnly: need == forDetection}, catalogue())
}

// secretLimit is far above any token.
const secretLimit = 64 << 10

// readSecret reads a small plain file. Anything else could block for ever or
// never end.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a plain file")
	case info.Size() > secretLimit:
		return nil, errors.New("it is too large to hold a secret")
	}
	return os.ReadFile(path)
}
