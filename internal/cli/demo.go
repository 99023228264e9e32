package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/daemon"
)

// performance is what somebody wants to see.
type performance struct {
	length time.Duration
	names  int
	seed   uint64
	host   string
	scenes string
	serve  bool
	ends   bool // after length; else when it is interrupted
}

func demoCommand(env *Env) *cobra.Command {
	var p performance
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch a simulation of the whole job; needs no account and no network",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p.ends = !p.serve || c.Flags().Changed("for")
			switch {
			case p.length < demoShortest || p.names < 1 || p.names > demoNames:
				return fmt.Errorf("a demo takes at least %v and has 1 to %d names", demoShortest, demoNames)
			case p.host != "cloudflare" && p.host != "route53":
				return errors.New("the demo knows the hosts cloudflare and route53")
			}
			return demo(c.Context(), env, p)
		},
	}
	f := c.Flags()
	f.DurationVar(&p.length, "for", 30*time.Second, "how long to run; with --serve it runs until you stop it")
	f.IntVar(&p.names, "names", 9, "how many names to manage")
	f.Uint64Var(&p.seed, "seed", 1, "the random seed for addresses and wrong records")
	f.BoolVar(&p.serve, "serve", false, "also serve the page, reachable from this machine only")
	f.StringVar(&p.host, "host", "cloudflare", "the DNS host to simulate: cloudflare or route53")
	f.StringVar(&p.scenes, "scenes", "all", "which events to simulate: all, none, or some of "+strings.Join(sceneNames(), ","))
	return c
}

// A demo shorter than this leaves no time for what happens in it.
const (
	demoShortest = 8 * time.Second
	demoNames    = 5000
	servedPace   = 12 * time.Second // from one event to the next, where somebody looks at the page
)

// demo runs the unmodified daemon over HTTP on loopback, in a stage that changes
// the addresses and meddles with the records.
func demo(ctx context.Context, env *Env, p performance) error {
	s, err := newStage(p, loopback)
	if err != nil {
		return err
	}
	defer s.close()
	play, err := s.play(p)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "homing-demo-")
	if err == nil {
		s.writes = true
		defer os.RemoveAll(folder)
	} else { // as in a container whose files are read-only
		folder = filepath.Join(os.TempDir(), "homing-demo")
	}
	if p.serve {
		s.listen = freeAddress()
	}
	settings, err := s.settle(folder, env)
	if err != nil {
		return err
	}
	t := &tally{stage: s, play: play, w: env.Stdout, p: painter(env, env.Stdout), brief: p.serve}
	settings.Round = t.round
	s.welcome(env.Stdout, p, settings.Path)

	running, stop := ctx, context.CancelFunc(func() {})
	if p.ends {
		running, stop = context.WithTimeout(ctx, p.length)
	}
	defer stop()
	s.begin()
	t.ended = running.Done()
	if err := daemon.Run(running, settings, nil); err != nil {
		return err
	}
	return t.summary(ctx.Err() != nil)
}

// welcome says what there is to see.
func (s *stage) welcome(w io.Writer, p performance, path string) {
	line := "for " + p.length.String()
	if !p.ends {
		line = "until you press Ctrl-C"
	}
	fmt.Fprintf(w, "A house with %s in three zones of a simulated %s, all of them wrong at first.\n"+
		"Everything below is the real homing at work, over HTTP on this machine, %s.\n", count(len(s.names), "name"), s.hostName(), line)
	if p.serve {
		fmt.Fprintf(w, "\n  page      http://%s\n  token     %s   (to log in, to sync and to change settings)\n", s.listen, s.token)
	}
	if p.serve && s.writes {
		fmt.Fprintf(w, "  settings  %s   (removed at the end)\n", path)
	}
}

// settle writes the settings of the house into a folder, as a person would, where
// there is one.
func (s *stage) settle(folder string, env *Env) (*app.Settings, error) {
	path, content := filepath.Join(folder, "homing.yaml"), []byte(s.settings(folder))
	nothing := func(string) string { return "" }
	world := s.world()
	settings := &app.Settings{Getenv: nothing, Path: path, Version: version(), Log: io.Discard, World: &world,
		Health: fmt.Sprint("-demo-", os.Getpid())}
	if env.settings != nil && env.settings.Verbose {
		settings.Verbose, settings.Log = true, env.Stderr
	}
	settings.Again = func() error { return nil }
	if !s.writes {
		settings.Suppose(path, content)
		return settings, nil
	}
	return settings, os.WriteFile(path, content, 0o600)
}

// freeAddress is where the page is served: the same place each time, unless
// somebody is there already.
func freeAddress() string {
	for _, address := range []string{"127.0.0.1:8246", "127.0.0.1:0"} {
		if l, err := net.Listen("tcp", address); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	return "127.0.0.1:8246" // the page says that it cannot be served there
}
