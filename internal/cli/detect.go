package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

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

// look asks every way of every source, and then decides as a round would. The
// votes it shows are those of the asking.
func (a *app) look(ctx context.Context) plan.Seen {
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := plan.Seen{}
	for f, p := range a.panels {
		wg.Go(func() {
			votes := p.Survey(ctx)
			o := p.Observe(ctx)
			if a.cfg.Confirm {
				o = p.Confirm(ctx, o)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[f] = o.With(votes...)
		})
	}
	wg.Wait()
	return seen
}

func votesTable(w io.Writer, p paint, seen plan.Seen) error {
	var b strings.Builder
	for _, f := range addr.Families() {
		o, inScope := seen[f]
		fmt.Fprintln(&b, p.bold(f.String()))
		if !inScope {
			fmt.Fprintf(&b, "  out of scope: IP%d_PROVIDER=none\n\n", f)
			continue
		}
		writeVotes(&b, p, o.Votes())
		decided := p.green(o.Describe())
		if !o.Known() {
			decided = p.yellow(plain(o.Describe()))
		}
		fmt.Fprintf(&b, "  %s %s\n\n", p.bold("decided:"), decided)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeVotes is a line a vote: the source, which way it was asked, who runs
// it, what it said and how long that took.
func writeVotes(b *strings.Builder, p paint, votes []addr.Vote) {
	rows := make([][]string, len(votes))
	widths := make([]int, 3)
	for i, v := range votes {
		rows[i] = []string{v.Source, v.Way, v.Operator}
		for j, cell := range rows[i] {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	for i, v := range votes {
		fmt.Fprintf(b, "  %-*s  %-*s  %-*s  %s  %s\n", widths[0], rows[i][0], widths[1], rows[i][1], widths[2], rows[i][2],
			plain(v.Said.Describe()), p.dim(v.Took.Round(time.Millisecond).String()))
	}
}
