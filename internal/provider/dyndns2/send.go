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
// halfAnHour. Decisions of homing, as no service that does so describes it.
const leastPause = time.Minute

// send makes the request, once, and draws the consequences.
func (j *job) send(ctx context.Context) *provider.Error {
	value := j.p.filler(&j.n)
	call := j.p.call(value)
	var v verdict
	var pause time.Duration
	f := j.p.api.Retry(ctx, true, func(ctx context.Context) *rest.Failure {
		f := j.p.api.Send(ctx, call, func(r *http.Request) { j.p.authorize(r, &j.n, value) }, func(a rest.Response) (f *rest.Failure) {
			v, f = j.p.read(&a, &j.n)
			pause = rest.ParseRetryAfter(a.Header.Get("Retry-After"), time.Now())
			return f
		})
		if f == nil {
			return nil
		}
		if m, _ := f.TransportMeaning(j.p.api.Host, true); f.Cause == "" {
			f.Meaning = m
		}
		if v.tired {
			f.Pause = j.p.account.rest(f, max(pause, v.later), j.p.service.name)
		}
		return f
	})
	if f == nil {
		j.p.account.rested()
		return j.took(v.same)
	}
	err := f.Wrap("", f)
	switch {
	case v.stop != nil:
		j.p.account.bar(j.n.name, v.stop, err)
	case f.Kind == provider.Unconfirmed:
		for _, i := range j.left { // it may hold it
			j.note(j.sets[i].Key, err, false)
		}
	}
	return err
}

// read takes an answer apart: what it means, and the failure that is.
func (p *Provider) read(a *rest.Response, n *news) (verdict, *rest.Failure) {
	body, err := io.ReadAll(a.Body)
	if err != nil {
		return verdict{}, a.ReadFailure(err, "what came cannot be read")
	}
	v := p.judge(&answer{a.Status, string(body), &n.to})
	if v.done {
		return v, nil
	}
	f := &rest.Failure{Understood: true}
	if line := p.api.Sanitize(quotable(string(body))); line != "" {
		f.Messages = []string{line}
	}
	cause := " gave no answer that is known, so the change may have happened or not"
	switch {
	case v.stop != nil:
		if p.c.Custom != nil && v.stop.cure == cureProgram {
			v.stop.cure = "correct {accounts.url}, and what is sent with it"
		}
		f.Kind, cause = v.stop.kind, " "+v.stop.cause
	case v.later > 0, a.Status == http.StatusTooManyRequests:
		v.tired = true
		f.Kind, f.Cure, cause = provider.Throttled, cureWait, " wants to be left alone for a while"
	case a.Status >= 500:
		v.tired = true
		f.Cure, cause = hintLost, " has trouble, so the change may have happened or not"
	case p.c.Custom != nil:
		f.Cure = "homing looks at the name servers; if this is how success looks, write it into {accounts.good}"
	default:
		f.Cure = hintLost
	}
	f.Cause = p.service.name + cause
	return v, f
}

// took keeps in mind that the service holds what it was told. Where it held that
// before nobody changed anything: the plan was made from name servers that are late.
func (j *job) took(same bool) *provider.Error {
	for _, i := range j.left {
		k := j.sets[i].Key
		j.note(k, nil, same)
		var l listing
		l.put(k.Name, k.Type, j.n.to[familyOf(k.Type)])
		j.results[i] = provider.Confirm(&j.sets[i], l)
	}
	if same {
		return failed(provider.Stale, "", "%s says that it held this already", j.p.service.name)
	}
	return nil
}

func (j *job) note(k dns.Key, lost *provider.Error, same bool) {
	f := familyOf(k.Type)
	j.p.account.hold(k, &said{addr: j.n.to[f], before: j.n.here[f], at: time.Now(), trust: j.ttl, lost: lost}, same)
}
