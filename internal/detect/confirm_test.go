package detect

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// observe takes what the first way of the first source says for the first look.
func observe(t *testing.T, p *Detector) addr.Observation {
	t.Helper()
	o := p.Observe(t.Context())
	if !o.Known() {
		t.Fatal(o.Why())
	}
	return o
}

func TestConfirm(t *testing.T) {
	for _, c := range []struct {
		name  string
		panel func(*journal) *Detector
		want  addr.Observation
		says  string // when nothing is wanted
		asked []string
	}{
		{"another way of the same source agrees", func(j *journal) *Detector {
			return panelOf(addr.First(), many(j.host("a", 10*ms, truth), j.host("b", 10*ms, truth), j.host("c", 0, truth)), j.says("d", 0, truth))
		}, truth, "", []string{"a 0s", "b 10ms"}},
		{"a source of one way is confirmed by another protocol", func(j *journal) *Detector {
			return panelOf(addr.First(), j.says("a", 10*ms, truth), j.says("b", 0, truth), j.says("c", 0, truth))
		}, truth, "", []string{"a 0s", "b 10ms"}},
		{"the host asked first lies", func(j *journal) *Detector {
			return panelOf(addr.First(), many(j.host("a", 10*ms, wrong), j.host("b", 10*ms, truth), j.host("c", 10*ms, truth)), j.says("d", 10*ms, truth))
		}, truth, "", []string{"a 0s", "b 10ms", "d 20ms"}},
		{"the host asked second is stale", func(j *journal) *Detector {
			return panelOf(addr.First(), many(j.host("a", 10*ms, truth), j.host("b", 10*ms, stale), j.host("c", 10*ms, truth)), j.says("d", 10*ms, truth))
		}, truth, "", []string{"a 0s", "b 10ms", "d 20ms"}},
		{"three that differ", func(j *journal) *Detector {
			return panelOf(addr.First(), many(j.host("a", 10*ms, truth), j.host("b", 10*ms, stale), j.host("c", 0, truth)), j.says("d", 0, wrong))
		}, down, "no two answers agree: a says 8.8.4.4; b says 8.8.8.8; d says 9.9.9.9", []string{"a 0s", "b 10ms", "d 20ms"}},
		{"not known is no vote", func(j *journal) *Detector {
			return panelOf(addr.First(), many(j.host("a", 10*ms, truth), j.host("b", 10*ms, down), j.host("c", 10*ms, truth)), j.says("d", 10*ms, down))
		}, truth, "", []string{"a 0s", "b 10ms", "d 20ms", "c 30ms"}},
		{"one that is slow starts the next", func(j *journal) *Detector {
			return panelOf(addr.First(), many(j.host("a", 10*ms, truth), j.host("b", never, truth), j.host("c", 0, truth)), j.says("d", 50*ms, truth))
		}, truth, "", []string{"a 0s", "b 10ms", "d 510ms"}},
		{"who voted or failed before is not asked again", func(j *journal) *Detector {
			return panelOf(addr.First(), many(j.host("a", 10*ms, down), j.host("b", 10*ms, down)), j.says("c", 10*ms, truth), j.says("d", 10*ms, down))
		}, down, "only one source answered", []string{"a 0s", "b 10ms", "c 20ms", "d 30ms"}},
		{"nobody else answers in time", func(j *journal) *Detector {
			return panelOf(addr.First(), j.says("a", 10*ms, truth), j.says("b", never, truth))
		}, down, "only one source answered", []string{"a 0s", "b 10ms"}},
		{"another way of the one that was believed comes before the rest", func(j *journal) *Detector {
			return panelOf(addr.First(), j.says("a", never, truth), many(j.host("b", 0, truth), j.host("c", 0, truth)))
		}, truth, "", []string{"a 0s", "b 2.5s", "c 2.5s"}},
		{"a lone way is asked again and waited for", func(j *journal) *Detector {
			return panelOf(addr.First(), j.says("a", time.Second, truth))
		}, truth, "", []string{"a 0s", "a 1s"}},
		{"what is certain needs no second look", func(j *journal) *Detector {
			sure := j.says("a", 0, truth)
			sure.voter.Certain = true
			return panelOf(addr.First(), sure, j.says("b", 0, wrong))
		}, truth, "", []string{"a 0s"}},
		{"what is certain settles a doubt", func(j *journal) *Detector {
			sure := j.says("b", 0, truth)
			sure.voter.Certain = true
			return panelOf(addr.First(), j.says("a", 0, wrong), sure)
		}, truth, "", []string{"a 0s", "b 0s"}},
		{"one operator that suffices still needs a second look", func(j *journal) *Detector {
			return panelOf(addr.AtLeast(1), many(j.host("a", 0, wrong), j.host("b", 0, truth), j.host("c", 0, truth)))
		}, truth, "", []string{"a 0s", "b 0s", "c 0s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJournal()
				p := c.panel(j)
				o := p.Confirm(t.Context(), observe(t, p))
				j.asked(t, c.asked...)
				if c.want.Known() {
					wantSame(t, o, c.want)
				} else {
					wantRefused(t, o, c.says)
				}
				if len(o.Votes()) == 0 {
					t.Error("it carries no votes")
				}
			})
		})
	}
}

func TestConfirmAsksNobodyAfterAMajority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		// Two that lie are heard before the three that do not.
		p := panelOf(addr.Majority(), j.says("a", 0, wrong), j.says("b", 0, stale),
			many(j.host("c", 10*ms, truth), j.host("c2", 0, wrong)), j.says("d", 10*ms, truth), j.says("e", 10*ms, truth))
		first := observe(t, p)
		asked := len(j.lines)
		wantSame(t, p.Confirm(t.Context(), first), truth)
		if len(j.lines) != asked {
			t.Errorf("asked %v", j.lines[asked:])
		}
	})
}

func TestConfirmOfNothingIsNothing(t *testing.T) {
	j := newJournal()
	o := panelOf(addr.First(), j.says("a", 0, truth)).Confirm(t.Context(), down)
	wantRefused(t, o, "the line is down")
	j.asked(t)
}

func TestConfirmIsBoundedByTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		p := panelOf(addr.First(), j.says("a", 0, truth), j.says("b", never, truth), j.says("c", never, truth))
		o := p.Confirm(t.Context(), observe(t, p))
		j.took(t, 5*time.Second)
		wantRefused(t, o, "only one source answered")
		if got := ways(o.Votes()); !strings.Contains(got, "b not known: no answer within 5s") {
			t.Errorf("votes are %s", got)
		}
	})
}

// A stale host keeps nothing out for longer than two rounds, however much
// faster than the others it is, and no address is published on the word of one
// host.
func TestOneBadHostOfTheDefaultSourcesDoesNoHarm(t *testing.T) {
	for honest, most := range map[time.Duration]int{10 * ms: 1, 450 * ms: 1, 900 * ms: 2, 1200 * ms: 2, 2000 * ms: 2} { // how slow, and rounds lost at most
		oneBadHost(t, honest, most)
	}
}

func oneBadHost(t *testing.T, honest time.Duration, most int) {
	for bad := range 3 {
		for _, lie := range []addr.Observation{stale, wrong} {
			synctest.Test(t, func(t *testing.T) {
				j := newJournal()
				hosts := []*fake{j.host("a", honest, truth), j.host("b", honest, truth), j.host("c", honest, truth)}
				hosts[bad].said, hosts[bad].after = lie, 0
				p := panelOf(addr.First(), many(hosts...), j.says("doh", honest, truth))
				published, missed := stale, 0
				for range 9 {
					seen := p.Observe(t.Context())
					if !seen.Same(published) {
						seen = p.Confirm(t.Context(), seen)
					}
					if seen.Known() {
						published = seen
					}
					if published.Same(wrong) {
						t.Fatal("a lie was published")
					}
					if !published.Same(truth) {
						missed++
					}
				}
				if missed > most {
					t.Errorf("with honest hosts that take %v the truth came in round %d", honest, missed+1)
				}
			})
		}
	}
}

// Over the wire: a lone url is asked again, over a connection of its own.
func TestConfirmAsksALoneURLAgainOverAFreshConnection(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []string // by connection
		want    addr.Observation
		asked   int
	}{
		{"it says the same", []string{"8.8.4.4", "8.8.4.4"}, truth, 2},
		{"another machine disagrees, a third decides", []string{"9.9.9.9", "8.8.4.4", "8.8.4.4"}, truth, 3},
		{"no two agree", []string{"9.9.9.9", "8.8.4.4", "8.8.8.8"}, down, 3},
		{"it fails once", []string{"8.8.4.4", "", "8.8.4.4"}, truth, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{hosts: map[string]http.HandlerFunc{}}
			byConn := map[string]string{} // the server answers one request at a time
			w.hosts["ip.example.org"] = func(rw http.ResponseWriter, r *http.Request) {
				if _, ok := byConn[r.RemoteAddr]; !ok {
					byConn[r.RemoteAddr] = c.answers[len(byConn)]
				}
				rw.Write([]byte(byConn[r.RemoteAddr]))
			}
			p := panelOf(addr.First(), must(t)(URL(want4, onLoopback(t, w), "http://ip.example.org/", URLOptions{})))
			o := p.Confirm(t.Context(), observe(t, p))
			if o.Known() != c.want.Known() || o.Known() && !o.Same(c.want) {
				t.Errorf("it is %s, want %s", o.Describe(), c.want.Describe())
			}
			if len(w.Asked()) != c.asked || w.Dials() != c.asked {
				t.Errorf("%d questions over %d connections, want %d", len(w.Asked()), w.Dials(), c.asked)
			}
		})
	}
}

// No look goes to a host the settings do not name, nor twice to one of several.
func TestNoLookGoesWhereTheSettingsDoNotPoint(t *testing.T) {
	hosts := map[string]http.HandlerFunc{}
	var urls []string
	for _, h := range []string{"a.example", "b.example", "c.example"} {
		hosts[h] = shows(traceOf(h, "8.8.4.4", "off"))
		urls = append(urls, "http://"+h+"/cdn-cgi/trace")
	}
	hosts["b.example"] = shows(traceOf("b.example", "9.9.9.9", "off"))
	hosts["c.example"] = loop
	hosts["doh.example"] = resolver(t, "8.8.4.4", nil)
	w := &world{hosts: hosts}
	c := onLoopback(t, w)
	p := panelOf(addr.First(), must(t)(Trace(want4, c, urls)), must(t)(DoH(want4, c, "http://doh.example/")))
	wantSame(t, p.Confirm(t.Context(), observe(t, p)), truth)
	if got := w.Asked(); !slices.Equal(got, []string{"a.example", "b.example", "doh.example"}) {
		t.Errorf("asked %v", got)
	}
}

func TestCloseIdleClosesWhatEverySourceKeeps(t *testing.T) {
	w := &world{hosts: map[string]http.HandlerFunc{"a.example": shows(traceOf("a.example", "8.8.4.4", "off"))}}
	p := panelOf(addr.First(), must(t)(Trace(want4, onLoopback(t, w), []string{"http://a.example/"})), Empty())
	for i, dials := range []int{1, 1, 2} {
		if i == 2 {
			p.CloseIdle()
		}
		observe(t, p)
		if w.Dials() != dials {
			t.Errorf("round %d: %d connections so far, want %d", i, w.Dials(), dials)
		}
	}
}
