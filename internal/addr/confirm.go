package addr

import "slices"

// Looks is how many answers are heard before doubt is final: when two differ
// a third decides.
const Looks = 3

// Confirm decides over looks at one family, in the order they were answered:
// an observation is confirmed once two of the first three that knew agree,
// having gone different ways. A look that learnt nothing is no vote, nor is a
// second weak one, and one that needs no confirmation settles the matter at once.
//
// settled says that no further look can change the outcome; until then the
// returned Observation is not known.
func Confirm(looks []Vote) (confirmed Observation, settled bool) {
	heard := dropRepeatedWeak(knownVotes(looks))
	heard = heard[:min(len(heard), Looks)]
	for i, v := range heard {
		if v.Certain {
			return v.Said.With(looks...), true
		}
		for _, earlier := range heard[:i] {
			if earlier.Route != v.Route && earlier.Said.Same(v.Said) {
				return v.Said.With(looks...), true
			}
		}
	}
	return unconfirmedDoubt(looks), len(heard) == Looks
}

// dropRepeatedWeak drops all weak looks but the first.
func dropRepeatedWeak(looks []Vote) []Vote {
	weak := 0
	return slices.DeleteFunc(looks, func(v Vote) bool {
		if v.Weak {
			weak++
		}
		return v.Weak && weak > 1
	})
}

// unconfirmedDoubt returns the doubt that remains when there is nobody left to ask.
func unconfirmedDoubt(looks []Vote) Observation {
	heard := dropRepeatedWeak(knownVotes(looks))
	reason := "no two answers agree"
	switch len(heard) {
	case 0:
		return Unknown(noAnswerReason(looks)).With(looks...)
	case 1:
		reason = "only one source answered, and an address is published only when two agree"
	}
	return Unknown(&Doubt{Needed: 2, Of: len(looks), Votes: heard, Reason: reason}).With(looks...)
}
