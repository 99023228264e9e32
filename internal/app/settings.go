package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/config/dialect"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// Settings is where the settings of this process are read from, as often as
// that is asked for, and what else of the process the parts depend on.
type Settings struct {
	Getenv  func(string) string
	Stat    func(string) (fs.FileInfo, error) // of files that hold settings; nil: os.Stat
	Path    string                            // --config
	Verbose bool                              // --verbose
	Reading *dialect.Reading                  // of a predecessor's settings; nil: they are homing's own
	Again   func() error                      // makes Reading anew

	Version string    // of homing, as servers and people are told
	Log     io.Writer // where the log goes
	Colour  bool      // the log may have colours

	World  *World     // that of the demo; nil: the network
	Round  Listener   // is told of each round of a daemon; nil: nobody is
	DNS    httpx.Dial // how name servers are reached; nil: over the network
	Health string     // is added to the name by which a healthcheck finds a daemon that serves nothing

	unsaved map[string][]byte // files as they would be, by path

	hosts  []*host            // they outlive a reload, and with them what is left of a credential's calls
	beside *detect.Neighbours // they do too: a day has to go by before some are known
	token  secret.String      // of the page, where it was made and could not be kept
}

// Listener is told of each round before the next begins. look asks for one at
// once in which everything is read again; it never blocks.
type Listener func(r status.Round, look func())

// agent is how homing introduces itself to servers.
func (s *Settings) agent() string { return "homing/" + s.Version }

// Input is the world a configuration is read from.
func (s *Settings) Input() *config.Input {
	return &config.Input{Getenv: s.Getenv, ReadFile: s.ReadSmall, Stat: s.stat, Now: time.Now(),
		ConfigPath: s.Path, StateFolder: s.homeless(), User: whoRuns(), System: runtime.GOOS, Environ: os.Environ(), Catalogue: Catalogue()}
}

// Suppose has a file read as if it held this, whether or not it is there.
func (s *Settings) Suppose(path string, content []byte) { s.unsaved = map[string][]byte{path: content} }

// Drafts is what was written, the most weighty first.
func (s *Settings) Drafts(in *config.Input) []*config.Draft {
	flags := new(config.Draft)
	if s.Verbose {
		flags.Set("log.level", "debug", &config.Origin{Name: "--verbose"})
	}
	if s.Reading != nil {
		return []*config.Draft{flags, &s.Reading.Draft, s.imageDraft(in)}
	}
	return []*config.Draft{flags, config.FromEnvironment(in), config.FromFile(in), s.imageDraft(in)}
}

// Load reads the configuration. Where records are relative to zones of which
// only the ids are known, the names of these are asked for first.
func (s *Settings) Load(ctx context.Context, scope config.Scope) (*config.Config, error) {
	in := s.Input()
	in.Scope = scope
	cfg, err := config.Build(in, s.Drafts(in)...)
	unnamed, ok := errors.AsType[*config.NeedZones](err)
	if !ok {
		return cfg, err
	}
	if in.ZoneNames, err = s.askNames(ctx, unnamed.Zones); err != nil {
		return nil, inWords(err, unnamed.Words)
	}
	return config.Build(in, s.Drafts(in)...)
}

// table is the rows of DNS hosts, the same as long as the process lives.
func (s *Settings) table() []*host {
	if s.hosts == nil {
		s.hosts = hosts()
	}
	return s.hosts
}

// neighbours is what is known of them, the same as long as the process lives.
func (s *Settings) neighbours() *detect.Neighbours {
	if s.beside == nil {
		s.beside = detect.NewNeighbours()
	}
	return s.beside
}

// askNames asks for the names of zones.
func (s *Settings) askNames(ctx context.Context, zones []config.UnnamedZone) (map[string]string, error) {
	names := make(map[string]string)
	for _, z := range zones {
		h, err := hostOf(s.table(), z.Account)
		if err != nil {
			return nil, err
		}
		world := network(s.agent())
		api, err := h.client(z.Account, &world)
		if err != nil {
			return nil, err
		}
		made := map[clientKey]*httpx.Client{{host: h.Word}: api}
		defer closeIdle(made)
		p, err := h.make(z.Account, reach{client: api, wires: wires{&world, h.Word, made}})
		if err != nil {
			return nil, err
		}
		n, can := p.(naming)
		if !can {
			return nil, fmt.Errorf("the name of the zone %s cannot be asked for at this DNS host; write whole names, without relative", z.ID)
		}
		name, err := n.ZoneName(ctx, z.ID)
		if err != nil {
			return nil, err
		}
		names[z.ID] = name.String()
	}
	return names, nil
}

// inWords is err with its advice for good in the words of these settings, which
// nobody knows any more who prints it.
func inWords(err error, words text.Words) error {
	bad, online := errors.AsType[*provider.Error](err)
	if !online {
		return err
	}
	said := *bad
	said.Hint = said.Hint.Fixed(words)
	return &said
}

// Build reads the configuration and makes the parts. Nothing is sent, unless
// names of zones have to be asked for.
func (s *Settings) Build(ctx context.Context, scope config.Scope) (*App, error) {
	cfg, err := s.Load(ctx, scope)
	if err != nil {
		return nil, err
	}
	return s.Make(cfg, scope)
}

// Make makes the parts of a configuration that was loaded from s.
func (s *Settings) Make(cfg *config.Config, scope config.Scope) (*App, error) {
	w := network(s.agent())
	if s.World != nil {
		w = *s.World
	}
	w.log, w.hosts, w.beside, w.dns = s.NewLog(cfg), s.table(), s.neighbours(), s.DNS
	a, err := Assemble(cfg, scope, w)
	if err != nil {
		return nil, err
	}
	a.Folder = s.Folder(cfg)
	return a, nil
}

// whoRuns is who homing runs as; empty where users have no numbers.
func whoRuns() string {
	if uid := os.Getuid(); uid >= 0 {
		return fmt.Sprintf("uid %d", uid)
	}
	return ""
}

// smallLimit is far above any token, and any homing.yaml.
const smallLimit = 256 << 10

func (s *Settings) stat(path string) (fs.FileInfo, error) {
	if s.Stat == nil {
		return os.Stat(path)
	}
	return s.Stat(path)
}

// ReadSmall reads a small plain file. Anything else could block for ever or
// never end.
func (s *Settings) ReadSmall(path string) ([]byte, error) {
	if content, unsaved := s.unsaved[path]; unsaved {
		return content, nil
	}
	info, err := s.stat(path)
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
