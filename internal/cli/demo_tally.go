package cli

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// tally prints the demo as it goes and adds it up.
type tally struct {
	stage *stage
	play  *play
	w     io.Writer
	p     paint
	brief bool            // nothing is said of rounds in which nothing happens
	ended <-chan struct{} // what ends now is no round any more

	rounds int
	calls  int64
	done   int
	last   []string // what was wrong in the round before
}

// round shows a round, and then lets happen what is due: no round runs meanwhile,
// so that what was said of it stays true until then.
func (t *tally) round(r status.Round, look func()) {
	select {
	case <-t.ended:
		return
	default:
	}
	t.show(&r)
	if text := t.play.next(time.Now(), r.Took, look); text != "" {
		fmt.Fprintf(t.w, "\n%s %s\n", t.p.bold("▸"), t.p.bold(wrapped(text, 2, 2)))
	}
}

func (t *tally) show(r *status.Round) {
	done, failed := r.Count()
	t.rounds, t.calls, t.done = t.rounds+1, t.calls+r.Calls, t.done+done
	at := t.p.dim(fmt.Sprintf("%5.1fs", r.Started.Sub(t.stage.began).Seconds()))
	var wrong []string
	for _, c := range r.Conditions {
		wrong = append(wrong, c.ID())
	}
	same := slices.Equal(wrong, t.last)
	t.last = wrong
	switch {
	case done+failed > 0 || !same || dissent(r):
		t.whole(at, r)
	case t.brief:
	case len(wrong) > 0:
		fmt.Fprintf(t.w, "%s  round %d: as before, %s, %s\n", at, r.Number, count(int(r.Calls), "API call"), r.Took.Round(time.Millisecond))
	default:
		fmt.Fprintf(t.w, "%s  round %d: nothing to do, %s, %s, %s\n", at, r.Number,
			count(int(r.Calls), "API call"), right(r), r.Took.Round(time.Millisecond))
	}
}

// dissent reports whether somebody said another address than was believed.
func dissent(r *status.Round) bool {
	for _, o := range r.Seen {
		for _, v := range o.Votes() {
			if o.Known() && v.Said.Known() && !v.Said.Same(o) {
				return true
			}
		}
	}
	return false
}

// whole shows all of a round.
func (t *tally) whole(at string, r *status.Round) {
	because := ""
	if r.Bell != nil {
		because = ", because " + plain(r.Bell.What)
	}
	fmt.Fprintf(t.w, "%s  round %d%s\n", at, r.Number, because)
	_ = writeRound(t.w, t.p, r, demoLines, summary(r)) // of an error there is nobody to tell
}

// demoLines is how many changes of a zone are shown.
const demoLines = 6

// summary says how it went; it is an error when a record is wrong, unless somebody
// who interrupted it did not wait until all was right.
func (t *tally) summary(interrupted bool) error {
	fmt.Fprintf(t.w, "\n%s\n", t.p.bold("What happened"))
	fmt.Fprintf(t.w, "  %s, %s, %s made\n", count(t.rounds, "round"), count(int(t.calls), "API call"), count(t.done, "change"))
	if t.play.lost > 0 {
		fmt.Fprintf(t.w, "  %s not shown for want of time: see --for\n", count(t.play.lost, "scene"))
	}
	if interrupted {
		return nil
	}
	right, wrong := t.stage.compare()
	if len(wrong) == 0 {
		fmt.Fprintf(t.w, "  %s\n", t.p.green(fmt.Sprintf("all %d records are right", right)))
		return nil
	}
	fmt.Fprintf(t.w, "  %s\n", t.p.red(fmt.Sprintf("%s right; wrong at %s:", records(right), count(len(wrong), "name"))))
	for _, w := range wrong[:min(len(wrong), demoLines)] {
		fmt.Fprintln(t.w, "   ", w)
	}
	if more := len(wrong) - demoLines; more > 0 {
		fmt.Fprintf(t.w, "    … and %d names more\n", more)
	}
	return exitCode(exitFailed)
}
