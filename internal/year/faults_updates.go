package year

import (
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
)

// updateFaults are what goes wrong at such a service.
func updateFaults(retried time.Duration) (all []fault) {
	const quiet = 30 * time.Minute // for so long it wants to be left alone
	for _, f := range []fault{
		{kind: "answers that are lost", within: retried, begin: serviceFails(dyntest.Lose)},
		{kind: "a host that is away", within: retried, begin: serviceFails(dyntest.Down)},
		{kind: "nobody answers", within: retried, begin: serviceFails(dyntest.Hang)},
		{kind: "a credential that is refused", begin: serviceSays("badauth")},
		{kind: "an account that is blocked", begin: serviceSays("abuse")},
		{kind: "a service in trouble", within: quiet + 3*every, begin: serviceSays("911")},
		{kind: "an answer that nobody knows", within: retried, begin: serviceSays("the cupboard is bare")},
		{kind: "a host that asks to wait", within: 15*time.Minute + 3*every, begin: serviceAnswers(http.StatusTooManyRequests, "900")},
		{kind: "HTML with status 503", within: quiet + 3*every, begin: serviceAnswers(http.StatusServiceUnavailable, "")},
		{kind: "a name that is not in the account", mild: true, begin: notTheirs},
		{kind: "name servers that lag behind", within: retried + 2*every, begin: lateServers},
	} {
		f.alone, f.fits = "service", func(w *world) bool { return w.updates }
		all = append(all, f)
	}
	return all
}

func (w *world) service() *updated { return w.host.store.(*updated) }

func serviceFails(how dyntest.Fault) func(*world) func() {
	return func(w *world) func() {
		w.service().server.Fail(how)
		return func() { w.service().server.Fail(dyntest.None) }
	}
}

func serviceAnswers(status int, after string) func(*world) func() {
	return func(w *world) func() {
		w.service().server.Answer(status, after)
		return func() { w.service().server.Answer(0, "") }
	}
}

// serviceSays has the service say no to every update, until a person sees to it.
func serviceSays(word string) func(*world) func() { return says("", word) }

func says(name, word string) func(*world) func() {
	return func(w *world) func() {
		w.service().server.Say(name, word)
		return func() {
			w.service().server.Say(name, "")
			w.sync()
		}
	}
}

// sync is a person who wants everything tried now.
func (w *world) sync() {
	w.process.engine.Invalidate()
	w.process.engine.Trigger()
}

// notTheirs is a name that leaves the account for a while.
func notTheirs(w *world) func() {
	keys := w.settings.keys()
	k := keys[w.dice.IntN(len(keys))]
	w.tell("  it is %s", k.Name)
	w.locked(func() { w.absent = k.Name })
	end := says(k.Name.String(), "nohost")(w)
	return func() {
		w.locked(func() { w.absent = dns.Name{} })
		end()
	}
}

// lateServers is name servers that are later than they were.
func lateServers(w *world) func() {
	u := w.service()
	more := w.dice.between(30*time.Second, 4*time.Minute)
	var late []time.Duration
	for _, lag := range u.lags {
		late = append(late, lag+more)
	}
	u.server.Late(late...)
	if p := w.line(); !p.busy && p.home.Addr(p.of.Family).IsValid() {
		p.busy = true
		p.set(p.fresh())
		w.tell("● %s is at %s, and somebody wants everything looked at", p.of, p.home.Addr(p.of.Family))
		for range 3 { // what is shown then is old, and was updated
			w.sync()
			time.Sleep(20 * time.Second)
		}
		p.busy = false
	}
	return func() { u.server.Late(u.lags...) }
}
