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

// leastPause is how long a service is left alone that wants fewer updates and does
// not say how many.
const leastPause = time.Minute

// send makes the request, once, and draws the consequences.
func (j *job) send(ctx context.Context) *provider.Error {
	value := j.p.filler(&j.n)
	call := j.p.call(value)
	var v verdict
	f := j.p.api.Repeat(ctx, true, func(ctx context.Context) *rest.Failure {
		f := j.p.api.Send(ctx, call, func(r *http.Request) { j.p.authorize(r, &j.n, value) }, func(a rest.Answer) (f *rest.Failure) {
			v, f = j.p.read(&a, &j.n)
			return f
		})
		if f == nil {
			return nil
		}
		if m, _ := f.Transport(j.p.api.Host, true); f.Cause == "" {
			f.Meaning = m
		}
		if f.Kind == provider.Throttled && f.Closed == "" {
			f.Pause = max(f.Pause, v.later, leastPause)
		}
		return f
	})
	if f == nil {
		j.took(v.same)
		return nil
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
func (p *Provider) read(a *rest.Answer, n *news) (verdict, *rest.Failure) {
	body, err := io.ReadAll(a.Body)
	if err != nil {
		return verdict{}, a.Broken(err, "what came cannot be read")
	}
	v := p.judge(&answer{a.Status, string(body), &n.to})
	if v.done {
		return v, nil
	}
	f := &rest.Failure{Understood: true}
	if line := p.api.Clean(firstLine(string(body))); line != "" {
		f.Said = []string{line}
	}
	cause := " gave no answer that is known, so the change may have happened or not"
	switch {
	case v.stop != nil:
		if p.c.Custom != nil && v.stop.cure == cureProgram {
			v.stop.cure = "correct {accounts.url}, and what is sent with it"
		}
		f.Kind, cause = v.stop.kind, " "+v.stop.cause
	case v.later > 0, a.Status == http.StatusTooManyRequests:
		f.Kind, f.Cure, cause = provider.Throttled, "homing waits and goes on by itself. If it stays so, look for other programs that update this account", " wants to be left alone for a while"
	case p.c.Custom != nil:
		f.Cure = "homing looks at the name servers; if this is how success looks, write it into {accounts.good}"
	default:
		f.Cure = hintLost
	}
	f.Cause = p.service.name + cause
	return v, f
}

// took keeps in mind that the service holds what it was told.
func (j *job) took(same bool) {
	for _, i := range j.left {
		k := j.sets[i].Key
		j.note(k, nil, same)
		var l listing
		l.put(k.Name, k.Type, j.n.to[familyOf(k.Type)])
		j.results[i] = provider.Confirm(j.sets[i], l)
	}
	j.left = nil
}

func (j *job) note(k dns.Key, lost *provider.Error, same bool) {
	f := familyOf(k.Type)
	j.p.account.hold(k, &said{addr: j.n.to[f], before: j.n.here[f], at: time.Now(), trust: j.ttl, lost: lost}, same)
}
