package cli

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

// scene is something that happens around the house, in one or two events. Each
// says what it did; look asks homing to look at once.
type scene struct {
	name   string
	events []event
}

type event func(s *stage, look func()) string

// scenes are in the order in which they happen. An address of the line changes
// twice at most in each family: the third time in ten minutes homing waits whether
// it stays, which would be a scene of its own.
func scenes() []scene {
	return []scene{
		{"lost-answer", []event{(*stage).loseAnswer}},
		{"hand-edit", []event{(*stage).editByHand}},
		{"router", []event{(*stage).push}},
		{"liar", []event{(*stage).lie, (*stage).moveBoth}},
		{"cname", []event{(*stage).putCNAME, (*stage).dropCNAME}},
		{"portal", []event{(*stage).openPortal, (*stage).closePortal}},
		{"api-down", []event{(*stage).failAPI, (*stage).healAPI}},
		{"two-lines", []event{(*stage).cutLine, (*stage).mendLine}},
	}
}

func sceneNames() (names []string) {
	for _, sc := range scenes() {
		names = append(names, sc.name)
	}
	return names
}

// play is the events that are still to come.
type play struct {
	stage  *stage
	scenes []scene
	nth    int           // event of the first of them
	ends   time.Duration // when there is no more time; zero: never
	long   time.Duration // the longest round so far
	at     time.Duration // of the latest event
	rounds int           // since then
	lost   int           // scenes there was no time for
}

// Between two events there are two rounds at least: one that sees what happened,
// and one that shows what is so then.
const (
	roundsBetween = 2
	shortest      = roundsBetween * time.Second
)

// play chooses the scenes that somebody wants and there is time for.
func (s *stage) play(p performance) (*play, error) {
	pl := &play{stage: s}
	wanted := strings.Split(p.scenes, ",")
	for _, w := range wanted {
		if w != "all" && w != "none" && !slices.Contains(sceneNames(), w) {
			return nil, fmt.Errorf("the demo has no scene %q; it has %s", w, strings.Join(sceneNames(), ", "))
		}
	}
	events := 0
	for _, sc := range scenes() {
		switch {
		case !slices.Contains(wanted, sc.name) && !slices.Contains(wanted, "all"), sc.name == "two-lines" && s.moving == "":
		case p.ends && events+len(sc.events) > int(p.length/shortest)-1:
			pl.lost++
		default:
			events += len(sc.events)
			pl.scenes = append(pl.scenes, sc)
		}
	}
	s.pace = servedPace
	if p.ends {
		s.pace, pl.ends = p.length/time.Duration(events+2), p.length
	}
	return pl, nil
}

// next is told the end of each round. It lets the next event happen if it is time,
// and says what happened. A scene that would not come to its end is left out.
func (pl *play) next(now time.Time, took time.Duration, look func()) string {
	since := now.Sub(pl.stage.began)
	pl.rounds, pl.long = pl.rounds+1, max(pl.long, took)
	pl.stage.heard()
	for pl.nth == 0 && len(pl.scenes) > 0 && pl.ends > 0 && since+time.Duration(len(pl.scenes[0].events))*(pl.long+pl.stage.interval()) > pl.ends {
		pl.scenes, pl.lost = pl.scenes[1:], pl.lost+1
	}
	if len(pl.scenes) == 0 || pl.rounds < roundsBetween || since < pl.at+pl.stage.pace {
		return ""
	}
	sc := pl.scenes[0]
	act := sc.events[pl.nth]
	if pl.nth++; pl.nth == len(sc.events) {
		pl.scenes, pl.nth = pl.scenes[1:], 0
	}
	pl.at, pl.rounds = pl.at+pl.stage.pace, 0 // and not since: a late one hurries those behind it
	return act(pl.stage, look)
}

// heard puts the hosts that were asked for the IPv4 address behind the others.
func (s *stage) heard() {
	was := maps.Clone(s.asked)
	for _, h := range s.hosts {
		s.asked[h] = s.home.Requests(h, addr.IPv4)
	}
	now := func(i int) bool { return s.asked[s.hosts[i]] > was[s.hosts[i]] }
	sort.SliceStable(s.hosts, func(i, j int) bool { return !now(i) && now(j) })
}

// move gives the line of the house a new address.
func (s *stage) move(f addr.Family) netip.Addr {
	a := s.address(f)
	s.addrs[f] = a
	s.home.Set(f, a)
	return a
}

// name is the nth of the house, or the last where there are fewer.
func (s *stage) name(n int) string { return s.names[min(n, len(s.names)-1)] }

// andSync is how the host is made to be read at once, in words.
const andSync = ", and asks for a look at once (homing sync)"

func (s *stage) loseAnswer(func()) string {
	s.move(addr.IPv6)
	s.cloud.Fail(sim.IsWrite, sim.LoseAnswer().Times(1))
	return "the provider gives the house a new IPv6 prefix, and the answer to one of the changes will be lost on its way"
}

func (s *stage) editByHand(look func()) string {
	name := s.name(0)
	s.meddle(name)
	look()
	return "somebody points " + name + " elsewhere by hand" + andSync
}

// meddle changes a record behind homing's back.
func (s *stage) meddle(name string) {
	zone := s.zones[name]
	for _, r := range s.cloud.Records(zone) {
		if r.Name == name && r.Type == "A" {
			r.Content = s.address(addr.IPv4).String()
			s.cloud.SetRecord(zone, r)
			return
		}
	}
}

func (s *stage) push(func()) string {
	if s.router.Set(s.move(addr.IPv4)) {
		return "the provider gives the house a new IPv4 address, and the router says so at once (UPnP)"
	}
	return "the provider gives the house a new IPv4 address"
}

func (s *stage) lie(func()) string {
	s.liar = s.hosts[0] // it is the next to be asked
	s.home.Lie(s.liar, sim.Lie{Addr: s.address(addr.IPv4), Family: addr.IPv4})
	return s.liar + " begins to answer with a wrong IPv4 address"
}

func (s *stage) moveBoth(func()) string {
	s.move(addr.IPv4)
	s.move(addr.IPv6)
	return "the provider changes IPv4 and IPv6 at once; " + s.liar + " still answers with a wrong address"
}

// putCNAME puts it in the place of the records of a name.
func (s *stage) putCNAME(look func()) string {
	name := s.name(1)
	zone := s.zones[name]
	for _, r := range s.cloud.Records(zone) {
		if r.Name == name {
			s.cloud.RemoveRecord(zone, r.ID)
		}
	}
	r := sim.Record{Type: "CNAME", Name: name, Content: "old-nas.example.net", TTL: 300}
	if s.host == "route53" {
		r.Content += "."
	}
	s.cloud.AddRecord(zone, r)
	look()
	return "somebody puts a CNAME in the place of " + name + andSync
}

func (s *stage) dropCNAME(look func()) string {
	name := s.name(1)
	for _, r := range s.cloud.Records(s.zones[name]) {
		if r.Name == name && r.Type == "CNAME" {
			s.cloud.RemoveRecord(s.zones[name], r.ID)
		}
	}
	look()
	return "somebody deletes the CNAME" + andSync
}

func (s *stage) openPortal(func()) string {
	for _, host := range []string{"", s.liar} {
		s.home.Lie(host, sim.Portal())
	}
	return "a captive portal answers every question for the address with a log-in page, which has an address in it"
}

func (s *stage) closePortal(func()) string {
	for _, host := range []string{"", s.liar} {
		s.home.Lie(host, sim.Lie{})
	}
	return "somebody logs in at the portal, which is gone now"
}

func (s *stage) failAPI(look func()) string {
	name := s.name(0)
	s.cloud.Fail(func(sim.Call) bool { return true }, sim.HTML(http.StatusBadGateway))
	s.meddle(name)
	look()
	return "the API of " + s.hostName() + " is down, and somebody points " + name + " elsewhere by hand" + andSync
}

func (s *stage) healAPI(func()) string {
	s.cloud.Heal()
	return "the API works again"
}

func (s *stage) cutLine(func()) string {
	for _, f := range addr.Families() {
		s.home.Set(f, netip.Addr{})
	}
	s.back = time.Time{}
	return "the line of the house goes dead; there is an LTE stick, and " + s.moving + " may use it"
}

func (s *stage) mendLine(func()) string {
	for _, f := range addr.Families() {
		s.home.Set(f, s.addrs[f])
	}
	s.back = time.Now()
	return "the line works again; " + s.moving + " stays on the stick until it has done so for five minutes"
}
