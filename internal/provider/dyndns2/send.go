package dyndns2

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// How long a service is left alone that wants fewer updates (429), or that has
// trouble (5xx), and does not say for how long: twice as long each time, and at most
// troublePause. Decisions of homing, as no service that does so describes it.
const minPause = time.Minute

// send makes the request, once, and draws the consequences.
func (j *updateJob) send(ctx context.Context) *provider.Error {
	value := j.p.newReplacer(&j.update)
	call := j.p.newCall(value)
	var v verdict
	var pause time.Duration
	f := j.p.api.Retry(ctx, true, func(ctx context.Context) *rest.Failure {
		f := j.p.api.Send(ctx, call, func(r *http.Request) { j.p.authorize(r, &j.update, value) }, func(a rest.Response) (f *rest.Failure) {
			v, f = j.p.readResponse(&a, &j.update)
			pause = rest.ParseRetryAfter(a.Header.Get("Retry-After"), time.Now())
			return f
		})
		if f == nil {
			return nil
		}
		if m, _ := f.TransportMeaning(j.p.api.Host, true); f.Cause == "" {
			f.Meaning = m
		}
		if v.throttled {
			f.Pause = j.p.account.pauseFor(f, max(pause, v.pause), j.p.service.name)
		}
		return f
	})
	if f == nil {
		j.p.account.clearPause()
		return j.confirmUpdate(v.unchanged)
	}
	err := f.Wrap("", f)
	switch {
	case v.block != nil:
		j.p.account.block(j.update.name, v.block, err)
	case f.Kind == provider.Unconfirmed:
		for _, i := range j.remaining { // it may hold it
			j.noteUpdate(j.sets[i].Key, err, false)
		}
	}
	return err
}

// readResponse takes an answer apart: what it means, and the failure that is.
func (p *Provider) readResponse(a *rest.Response, n *updateRequest) (verdict, *rest.Failure) {
	body, err := io.ReadAll(a.Body)
	if err != nil {
		return verdict{}, a.ReadFailure(err, "what came cannot be read")
	}
	v := p.interpret(&response{a.Status, string(body), &n.newAddrs})
	if v.done {
		return v, nil
	}
	f := &rest.Failure{Understood: true}
	if line := p.api.Sanitize(quotableLine(string(body))); line != "" {
		f.Messages = []string{line}
	}
	cause := " gave no answer that is known, so the change may have happened or not"
	switch {
	case v.block != nil:
		if p.config.Custom != nil && v.block.cure == cureProgram {
			v.block.cure = "correct {accounts.url}, and what is sent with it"
		}
		f.Kind, cause = v.block.kind, " "+v.block.cause
	case v.pause > 0, a.Status == http.StatusTooManyRequests:
		v.throttled = true
		f.Kind, f.Cure, cause = provider.Throttled, cureWait, " wants to be left alone for a while"
	case a.Status >= 500:
		v.throttled = true
		f.Cure, cause = hintLost, " has trouble, so the change may have happened or not"
	case p.config.Custom != nil:
		f.Cure = "homing looks at the name servers; if this is how success looks, write it into {accounts.good}"
	default:
		f.Cure = hintLost
	}
	f.Cause = p.service.name + cause
	return v, f
}

// confirmUpdate keeps in mind that the service holds what it was told. Where it held that
// before nobody changed anything: the plan was made from name servers that are late.
func (j *updateJob) confirmUpdate(same bool) *provider.Error {
	for _, i := range j.remaining {
		k := j.sets[i].Key
		j.noteUpdate(k, nil, same)
		var l recordList
		l.addRecords(k.Name, k.Type, j.update.newAddrs[familyIndex(k.Type)])
		j.results[i] = provider.Confirm(&j.sets[i], l)
	}
	if same {
		return newError(provider.Stale, "", "%s says that it held this already", j.p.service.name)
	}
	return nil
}

func (j *updateJob) noteUpdate(k dns.Key, lost *provider.Error, same bool) {
	f, now := familyIndex(k.Type), time.Now()
	s := &lastUpdate{addr: j.update.newAddrs[f], previouslyShown: j.update.currentAddrs[f], sentAt: now, trustFor: j.ttl, unconfirmed: lost}
	if lost != nil {
		s.follow(j.p.account.lastUpdateOf(k), now)
	}
	j.p.account.recordUpdate(k, s, same)
}
