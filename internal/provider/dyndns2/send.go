package dyndns2

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// leastPause is how long a service is left alone that wants fewer updates and does
// not say how many.
const leastPause = time.Minute

// send makes the request, once, and draws the consequences.
func (j *job) send(ctx context.Context, n *news) {
	call, err := j.p.call(n)
	if err != nil {
		j.fail(err)
		return
	}
	said, _ := j.p.service.said(n) // it went well just now
	value := j.p.filler(n, said)
	var v verdict
	f := j.p.api.Repeat(ctx, true, func(ctx context.Context) *rest.Failure {
		f := j.p.api.Send(ctx, call, j.p.authorize(n, value), func(a rest.Answer) (f *rest.Failure) {
			v, f = j.p.read(a, n)
			return f
		})
		if f != nil && f.Kind == provider.Throttled && f.Closed == "" {
			f.Pause = max(f.Pause, v.later, leastPause)
		}
		if f != nil {
			if m, _ := f.Transport(j.p.api.Host, true); f.Cause == "" {
				f.Meaning = m
			}
		}
		return f
	})
	switch {
	case f == nil:
		j.took(n, v.same)
	case v.stop != nil:
		refused := f.Wrap("", f)
		j.p.account.bar(j.name, v.stop, refused)
		j.fail(refused)
	default:
		if f.Kind == provider.Unconfirmed {
			j.lost(n)
		}
		j.fail(f.Wrap("", f))
	}
}

// read takes an answer apart: what it means, and the failure that is.
func (p *Provider) read(a rest.Answer, n *news) (verdict, *rest.Failure) {
	body, err := io.ReadAll(a.Body)
	if err != nil {
		return verdict{}, a.Broken(err, "what came cannot be read")
	}
	var good, bad *regexp.Regexp
	if p.custom != nil {
		good, bad = p.custom.Good, p.custom.Bad
	}
	v := p.service.judge(answer{a.Status, string(body), n.asked()}, good, bad)
	line := p.api.Clean(firstLine(string(body)))
	f := &rest.Failure{Understood: true}
	if line != "" {
		f.Said = []string{line}
	}
	switch {
	case v.done:
		return v, nil
	case v.stop != nil:
		f.Kind, f.Cause, f.Cure = v.stop.kind, p.service.name+" "+v.stop.cause, v.stop.cure
	case v.later > 0:
		f.Kind, f.Cause, f.Cure = provider.Throttled, p.service.name+" has trouble of its own", "homing waits and goes on by itself"
	case a.Status == http.StatusTooManyRequests:
		f.Kind, f.Cause, f.Cure = provider.Throttled, "too many updates", "homing waits and goes on by itself; see how often other programs update this account"
	default:
		f.Kind, f.Cause, f.Cure = provider.Unconfirmed, p.service.name+" gave no answer that is known, so the change may have happened or not", p.cureUnknown()
	}
	return v, f
}

func (p *Provider) cureUnknown() hint {
	if p.custom != nil {
		return "homing looks at the name servers; if this is how success looks, write it into {accounts.good}"
	}
	return "homing looks at the name servers, and sends it again if they do not show it"
}

// took keeps in mind that the service holds what it was told.
func (j *job) took(n *news, same bool) {
	for _, i := range j.left {
		s := &j.sets[i]
		j.note(n, s.Key, false, same)
		j.results[i] = provider.Confirm(*s, []dns.Record{recordOf(j.name, *n.to.of(s.Key.Type))})
	}
	j.left = nil
}

// lost keeps in mind that it may hold it.
func (j *job) lost(n *news) {
	for _, i := range j.left {
		j.note(n, j.sets[i].Key, true, false)
	}
}

func (j *job) note(n *news, k dns.Key, lost, same bool) {
	j.p.account.hold(k, said{addr: *n.to.of(k.Type), before: *n.here.of(k.Type), at: time.Now(), trust: j.ttl, lost: lost}, same)
}
