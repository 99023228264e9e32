package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

func detectCommand(env Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "detect",
		Short: "Show what each source answers, and what is decided",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := build(env, forDetection)
			if err != nil {
				return err
			}
			defer a.closeIdle()
			started := time.Now()
			r := status.Round{Number: 1, Started: started, Dry: true, Seen: a.look(c.Context())}
			r.Took = time.Since(started)
			if asJSON {
				err = roundJSON(env.Stdout, r)
			} else {
				err = votesTable(env.Stdout, painter(env, env.Stdout), r.Seen)
			}
			for _, o := range r.Seen {
				if err == nil && !o.Known() {
					err = exitCode(exitFailed)
				}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// look observes every family side by side, and confirms what it sees.
func (a *app) look(ctx context.Context) plan.Seen {
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := plan.Seen{}
	for f, p := range a.panels {
		wg.Go(func() {
			o := p.Observe(ctx)
			if a.cfg.Confirm {
				o = p.Confirm(ctx, o)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[f] = o
		})
	}
	wg.Wait()
	return seen
}

func votesTable(w io.Writer, p paint, seen plan.Seen) error {
	for _, f := range addr.Families() {
		o, ok := seen[f]
		if !ok {
			fmt.Fprintf(w, "%s  out of scope\n\n", p.bold(f.String()))
			continue
		}
		fmt.Fprintln(w, p.bold(f.String()))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, v := range o.Votes() {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", v.Source, cmp.Or(v.Way, "-"), v.Operator,
				v.Took.Round(time.Millisecond), plain(v.Said.Describe()))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		decided := p.green(o.Describe())
		if !o.Known() {
			decided = p.yellow(plain(o.Describe()))
		}
		fmt.Fprintf(w, "  decided: %s\n\n", decided)
	}
	return nil
}
