package notify

import "time"

// Healthchecks takes five pings a minute. While something fails the rounds are
// seconds apart, and each has a beat.
const (
	beatsAlike = 3 // in a minute, that say what the one before said
	beatsMost  = 4 // in a minute; the fifth is for the end
)

// pace keeps the beats apart. One that is left out is made up for by the next
// round, which says what is so then.
type pace struct {
	last Sign
	sent []time.Time // in the last minute
}

func (p *pace) allows(s Sign, now time.Time) bool {
	if s == Silent {
		return true
	}
	for len(p.sent) > 0 && now.Sub(p.sent[0]) >= time.Minute {
		p.sent = p.sent[1:]
	}
	most := beatsMost
	if s == p.last {
		most = beatsAlike
	}
	if s != Start && s != Exit && len(p.sent) >= most {
		return false
	}
	p.last, p.sent = s, append(p.sent, now)
	return true
}
