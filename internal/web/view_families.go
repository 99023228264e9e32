package web

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

type familyView struct {
	Family    string
	Known     bool
	Addresses []string
	Since     time.Time
	Lost      time.Time
	Why       string
	How       string // who agreed, in a sentence
	Dissent   bool
	Votes     []*voteView
}

type voteView struct {
	Source, Way, Said string
	Verdict           string // agrees, disagrees or silent
	Level             string
	Took              string
}

// votesID is the id of the element that holds the votes.
func (f *familyView) votesID() string { return "votes-" + strings.ReplaceAll(f.Family, " ", "-") }

func newFamilyView(of plan.Origin, o addr.Observation, a status.Addresses) *familyView {
	v := &familyView{Family: of.String(), Known: o.Known(), Since: a.Since, Lost: a.Lost, Addresses: texts(a.Addrs), Why: plain(why(o))}
	agree, silent := 0, 0
	var said addr.Observation // by the first that said anything
	split := false
	for _, vote := range o.Votes() {
		if vote.Said.Known() && !said.Known() {
			said = vote.Said
		}
		split = split || vote.Said.Known() && !vote.Said.Same(said)
		row := &voteView{Source: plain(vote.Source), Way: plain(vote.Route), Said: strings.Join(texts(vote.Said.Addrs()), ", "),
			Verdict: "agrees", Level: "good", Took: exact(vote.Took)}
		switch {
		case !vote.Said.Known():
			row.Verdict, row.Level, row.Said = "silent", "idle", plain(why(vote.Said))
			silent++
		case o.Known() && !vote.Said.Same(o):
			row.Verdict, row.Level, v.Dissent = "disagrees", "bad", true
		case !o.Known():
			row.Verdict, row.Level, v.Dissent = "doubted", "doubtful", true
		default:
			agree++
		}
		v.Votes = append(v.Votes, row)
	}
	v.How = how(agree, silent, len(v.Votes), split)
	return v
}

// how says it in a sentence; split: they contradict each other.
func how(agree, silent, all int, split bool) string {
	switch {
	case all == 0:
		return ""
	case agree == 0 && silent == all:
		return "No source answers."
	case agree == 0 && split:
		return "The sources contradict each other."
	case agree == 0:
		return "What was answered is not published yet."
	case agree == all && all == 1:
		return "One source was asked."
	case agree == all:
		return fmt.Sprintf("All %d sources agree.", all)
	case agree+silent == all:
		return fmt.Sprintf("%d of %d sources agree; the others gave no answer.", agree, all)
	}
	return fmt.Sprintf("%d of %d sources agree; %s.", agree, all, count(all-agree-silent, "disagrees", "disagree"))
}

func texts(addrs []netip.Addr) []string {
	out := make([]string, len(addrs))
	for i, a := range addrs {
		out[i] = a.String()
	}
	return out
}
