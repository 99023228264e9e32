package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// unknownAddressCondition returns the condition of an origin that is not known; another says whether
// the place was reached over the other family.
func unknownAddressCondition(of plan.Origin, seen addr.Observation, another bool) status.Condition {
	why := seen.Why()
	c := status.Condition{Code: status.AddressUnknown, Subject: of.String(), Text: "the address is not known: " + why.Error(),
		Hint: "\"homing detect\" shows what each source answers"}
	_, doubt := errors.AsType[*addr.Doubt](why)
	if doubt {
		c.Code, c.Text = status.AddressDoubted, "the address is in doubt, so nothing is published: "+why.Error()
	}
	if _, held := errors.AsType[*addr.DampedError](why); held {
		c.Code, c.Text, c.Hint = status.AddressDamped, why.Error(), ""
		return c
	}
	met := map[detect.Hurdle]error{}
	for _, v := range seen.Votes() {
		met[detect.HurdleOf(v.Said.Why())] = v.Said.Why()
	}
	switch {
	case met[detect.ThroughWARP] != nil:
		c.Hint = detect.CureOf(met[detect.ThroughWARP])
	case met[detect.Blocked] != nil:
		c.Hint = detect.CureOf(met[detect.Blocked])
	case doubt:
		c.Hint = "this often resolves by itself; \"homing detect\" shows which source says what"
	case met[detect.WrongClock] != nil:
		c.Hint = detect.CureOf(met[detect.WrongClock])
	case met[detect.NoLine] != nil:
		c.Hint = detect.CureOf(met[detect.NoLine])
	case met[detect.OtherHurdle] != nil && detect.CureOf(met[detect.OtherHurdle]) != "":
		c.Hint = detect.CureOf(met[detect.OtherHurdle]) + "; " + c.Hint
	case isUnreachable(seen) && another && of.Site == "":
		c.Hint = text.Advise("if this network has no %s, set %s", of, of.Setting("sources").To("none"))
	case isUnreachable(seen):
		c.Hint = "check the network and the firewall of this machine; " + c.Hint
	}
	return c
}

// isOtherFamilyKnown reports whether the other family of the same site is known, so that it
// is on the network at all.
func isOtherFamilyKnown(of plan.Origin, looks lookSet) bool {
	for o, s := range looks {
		if o.Site == of.Site && o != of && s.seen.Known() {
			return true
		}
	}
	return false
}

// isUnreachable reports whether the network kept every source from answering, as
// where a place has nothing of the family. A source that is certain asks no network.
func isUnreachable(seen addr.Observation) bool {
	certain := slices.ContainsFunc(seen.Votes(), func(v addr.Vote) bool { return v.Certain })
	return !certain && hitHurdle(seen, detect.NoWay, detect.NoLine, detect.Late, detect.NoName, detect.NoSuchName)
}

// hitHurdle reports whether there are votes, none knows anything, and each hitHurdle one of
// these hurdles.
func hitHurdle(seen addr.Observation, hurdles ...detect.Hurdle) bool {
	return len(seen.Votes()) > 0 && !slices.ContainsFunc(seen.Votes(), func(v addr.Vote) bool {
		return v.Said.Known() || !slices.Contains(hurdles, detect.HurdleOf(v.Said.Why()))
	})
}

// cause is what keeps a whole place from being known.
type cause struct {
	word, text string
	hint       text.Hint
}

// cause returns the one reason for which no family of this machine in use is known; nil where there
// is none. It is told once, whatever it keeps from being known or read.
func (e *Engine) cause(ctx context.Context, looks lookSet) *cause {
	every := func(hurdles ...detect.Hurdle) bool {
		used := 0
		for o, s := range looks {
			if o.Site != "" || !e.uses(o) {
				continue
			}
			if used++; s.interrupted || s.seen.Known() || !hitHurdle(s.seen, hurdles...) {
				return false
			}
		}
		return used > 0
	}
	switch {
	case every(detect.WrongClock):
		return &cause{"wrong-clock", detect.ClockReads(time.Now()), detect.CureOf(e.firstError(looks))}
	case every(detect.NoLine):
		return &cause{"no-interface", e.firstError(looks).Error(), detect.CureOf(e.firstError(looks))}
	case every(detect.NoWay, detect.Late, detect.NoName):
		if err := e.offlineError(ctx); err != nil {
			return &cause{"no-network", "there is no network: " + err.Error(), "check the cable, the Wi-Fi or the modem; homing continues by itself once there is one"}
		}
		if every(detect.NoName) {
			return &cause{"no-name-server", "no name server answers: " + e.firstError(looks).Error(),
				"check this machine's name servers (/etc/resolv.conf) and whether it can reach them; homing continues by itself once one answers"}
		}
	}
	return nil
}

// offlineError returns why this machine has no way out over either family; nil when it has.
func (e *Engine) offlineError(ctx context.Context) error {
	if e.cfg.Line.Uplink == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, uplinkTimeout)
	defer cancel()
	var first error
	for _, f := range addr.Families() {
		_, err := e.cfg.Line.Uplink(ctx, f)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// firstError returns what the first source of the first family ran into.
func (e *Engine) firstError(looks lookSet) error {
	for _, f := range addr.Families() {
		if s := looks[plan.Here(f)]; s != nil && e.uses(plan.Here(f)) && len(s.seen.Votes()) > 0 {
			return s.seen.Votes()[0].Said.Why()
		}
	}
	return addr.ErrNotAsked
}

// foldIntoCause puts the one cause into each condition that comes of it: a family that
// is not known, and what could not be read because nobody was reached.
func (e *Engine) foldIntoCause(cs []status.Condition, why cause) {
	unreached := map[string]bool{}
	note := func(subject string, err *provider.Error) {
		unreached[subject] = err != nil && err.Kind == provider.Unavailable
	}
	for _, a := range e.accounts {
		note(a.subject("zones"), a.failure)
		for _, z := range a.zones {
			note(a.subject(z.Name.Describe()), z.failure)
		}
	}
	for i, c := range cs {
		if c.Code == status.AddressUnknown || c.Code.Unread() && unreached[c.Subject] {
			cs[i].Cause, cs[i].Text, cs[i].Reason, cs[i].Hint = why.word, why.text, "", why.hint
		}
	}
}
