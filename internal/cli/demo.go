package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/status"
)

func demoCommand(env Env) *cobra.Command {
	var length time.Duration
	var names int
	var seed uint64
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch the whole job, simulated; it needs no account and no network",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if length < demoShortest || names < 1 || names > demoNames {
				return fmt.Errorf("a demo takes at least %v and has 1 to %d names", demoShortest, demoNames)
			}
			return demo(c.Context(), env, length, names, seed)
		},
	}
	c.Flags().DurationVar(&length, "for", 20*time.Second, "how long it takes")
	c.Flags().IntVar(&names, "names", 9, "how many names are kept")
	c.Flags().Uint64Var(&seed, "seed", 1, "which addresses and which wrong records there are")
	return c
}

// A demo shorter than this leaves no time for what happens in it.
const (
	demoShortest = 8 * time.Second
	demoNames    = 5000
)

// demo runs the unmodified engine and provider over HTTP on loopback, in a
// stage that changes the addresses and meddles with the records.
func demo(ctx context.Context, env Env, length time.Duration, names int, seed uint64) error {
	s, err := newStage(length, names, seed)
	if err != nil {
		return err
	}
	defer s.net.Close()
	p := painter(env, env.Stdout)
	a, err := s.parts()
	if err != nil {
		return err
	}
	defer a.CloseIdle()

	fmt.Fprintf(env.Stdout, "A house with %s in three zones of a simulated Cloudflare, all of them wrong at first.\n"+
		"Everything below is the real homing at work, over HTTP on this machine, for %v.\n", count(names, "name"), length)
	ctx, stop := context.WithTimeout(ctx, length)
	defer stop()
	tally := &tally{stage: s, w: env.Stdout, p: p}
	play := s.play(ctx, tally.event)
	a.Engine(app.QuietLog(), tally.round).Run(ctx)
	stop()
	<-play
	return tally.summary()
}

// tally prints the demo as it goes and adds it up.
type tally struct {
	stage  *stage
	w      io.Writer
	p      paint
	rounds int
	calls  int64
	done   int
}

// event prints what happens around the house.
func (t *tally) event(text string) { fmt.Fprintf(t.w, "\n%s %s\n", t.p.bold("▸"), t.p.bold(text)) }

func (t *tally) round(r status.Round) {
	done, failed := r.Count()
	t.rounds, t.calls, t.done = t.rounds+1, t.calls+r.Calls, t.done+done
	at := t.p.dim(fmt.Sprintf("%5.1fs", r.Started.Sub(t.stage.began).Seconds()))
	if done+failed+len(r.Conditions) == 0 {
		fmt.Fprintf(t.w, "%s  round %d: nothing to do, %s, %s right, %s\n", at, r.Number,
			count(int(r.Calls), "API call"), records(r.Right()), r.Took.Round(time.Millisecond))
		return
	}
	fmt.Fprintf(t.w, "%s  round %d\n", at, r.Number)
	if err := writeRound(t.w, t.p, r, demoLines, summary(r)); err != nil {
		return // nobody is watching any more
	}
}

// demoLines is how many changes of a zone are shown.
const demoLines = 6

// summary says how it went; it is an error when a record is wrong.
func (t *tally) summary() error {
	right, wrong := t.stage.compare()
	fmt.Fprintf(t.w, "\n%s\n", t.p.bold("What happened"))
	fmt.Fprintf(t.w, "  %s, %s, %s made\n", count(t.rounds, "round"), count(int(t.calls), "API call"), count(t.done, "change"))
	if len(wrong) == 0 {
		fmt.Fprintf(t.w, "  %s\n", t.p.green(fmt.Sprintf("all %d records are right", right)))
		return nil
	}
	fmt.Fprintf(t.w, "  %s\n", t.p.red(fmt.Sprintf("%d records are right and %d are wrong:", right, len(wrong))))
	for _, w := range wrong {
		fmt.Fprintln(t.w, "   ", w)
	}
	return exitCode(exitFailed)
}
