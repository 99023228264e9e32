package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// Site is a place whose addresses are learnt in one way.
type Site struct {
	Detect  map[addr.Family]Detection // a family that is absent is out of scope
	Confirm bool                      // ask twice before an address is published
	Bind    string                    // the line that questions leave by; empty: as the system routes
	Timeout time.Duration             // for each look at a family
}

// Site is the one of this name; empty is this machine itself.
func (c *Config) Site(name string) Site {
	if name == "" {
		return Site{Detect: c.Detect, Confirm: c.Confirm, Bind: c.Bind, Timeout: c.DetectionTimeout}
	}
	if (plan.Origin{Site: name}).IsLAN() {
		return Site{Confirm: c.Confirm, Bind: c.Bind, Timeout: c.DetectionTimeout}
	}
	return c.Sites[name]
}

// SiteNames are those of all sites that are looked at: this machine itself, which
// has none, then the others in order.
func (c *Config) SiteNames() []string {
	names := []string{""}
	for name := range c.Sites {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// looks reports whether there is an address that something wants and that is looked for.
func (c *Config) looks() bool {
	for _, name := range c.SiteNames() {
		for f := range c.Site(name).Detect {
			if c.Uses(plan.Origin{Site: name, Family: f}) {
				return true
			}
		}
	}
	return false
}

// thisMachine is what records call the site without a name.
const thisMachine = "here"

// site is a Site in the making.
type site struct {
	name, path string // "cable", "sites.cable"; of this machine itself "", "detect"
	own        own    // what it says itself: "ipv4.sources", "bind"

	detect  map[addr.Family]*Detection
	voters  map[addr.Family][]addr.Voter // of the sources
	confirm bool
	bind    string
	timeout time.Duration
}

func newSite(name, path string) *site {
	s := &site{name: name, path: path, own: own{}, detect: make(map[addr.Family]*Detection), voters: make(map[addr.Family][]addr.Voter)}
	for _, f := range addr.Families() {
		s.detect[f] = &Detection{}
	}
	return s
}

// site is the one of this name, made when it is first spoken of.
func (l *loader) site(name string) *site {
	for _, s := range l.sites {
		if s.name == name {
			return s
		}
	}
	l.sites = append(l.sites, newSite(name, "sites."+name))
	return l.sites[len(l.sites)-1]
}

// maxSiteName is how long the name of a site may be: it stands in labels of
// metrics, in tables and in variables.
const maxSiteName = 32

// checkSiteName says why a site cannot be called so.
func checkSiteName(name string, t *table) error {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	switch {
	case name == thisMachine:
		return hinted("it is the word for this machine itself, which detect is about", "choose another name")
	case name == "" || strings.Trim(name, letters+"-") != "" || strings.Trim(name, "-") != name:
		return hinted("it is not made of a-z, 0-9 and - between them", "write a name such as dsl or cable-2")
	case len(name) > maxSiteName:
		return hinted(fmt.Sprintf("it is longer than %d characters", maxSiteName), "choose a shorter one")
	}
	known := t.of.variables(t.rows)
	for _, v := range siteVariables(name) {
		switch {
		case slices.Contains(known, v):
			return hinted(fmt.Sprintf("its variable would be %s, which is another setting of homing's", v), "choose another name")
		case OfKubernetes(v):
			return hinted(fmt.Sprintf("its variable would be %s, and such variables are set by Kubernetes for services, or are for homing's own tests", v), "choose another name")
		}
	}
	return nil
}

// readSites takes the names of sites.
func (l *loader) readSites(v *value) (names []string, err error) {
	err = each(v, func(w string) error {
		name := strings.TrimSpace(w)
		if name == thisMachine {
			name = ""
		}
		if name != "" && !slices.Contains(names, name) {
			if err := l.goodSite(name); err != nil {
				return err
			}
		}
		if slices.Contains(names, name) {
			return hinted(fmt.Sprintf("%s stands there twice", w), "take it out once")
		}
		names = append(names, name)
		return nil
	})
	if len(names) == 1 && names[0] == "" {
		names = nil
	}
	return names, err
}

// goodSite is checkSiteName, once for each name.
func (l *loader) goodSite(name string) error {
	if l.siteErrs == nil {
		l.siteErrs = make(map[string]error)
	}
	err, known := l.siteErrs[name]
	if !known {
		err = checkSiteName(name, l.table)
		l.siteErrs[name] = err
	}
	return err
}

func (p *place) setSites(v *value) (err error) {
	p.record.Sites, err = p.readSites(v)
	return err
}

func (p *place) setListSites(v *value) error {
	names, err := p.readSites(v)
	p.list.Sites = strings.Join(names, ",")
	return err
}

// finishSites gives each site what it does not say itself.
func (l *loader) finishSites() {
	l.cfg.Detect, l.cfg.Confirm, l.cfg.Bind, l.cfg.DetectionTimeout = l.here.scope(), l.here.confirm, l.here.bind, l.here.timeout
	for _, s := range l.sites {
		s.inherit(l.here)
		if l.cfg.Sites == nil {
			l.cfg.Sites = make(map[string]Site)
		}
		l.cfg.Sites[s.name] = Site{Detect: s.scope(), Confirm: s.confirm, Bind: s.bind, Timeout: s.timeout}
	}
}

// scope is how the families are learnt that are not left alone.
func (s *site) scope() map[addr.Family]Detection {
	scope := make(map[addr.Family]Detection)
	for f, d := range s.detect {
		if len(d.Sources) > 0 {
			scope[f] = *d
		}
	}
	return scope
}

// inherit takes from this machine what the site does not say itself.
func (s *site) inherit(from *site) {
	take := func(name string, from func()) {
		if !s.own[name] {
			from()
		}
	}
	for _, f := range addr.Families() {
		mine, its, family := s.detect[f], from.detect[f], fmt.Sprintf("ipv%d.", f)
		if s.own[family+"agree"] && !s.own[family+"sources"] {
			s.voters[f] = from.voters[f]
		}
		take(family+"sources", func() { mine.Sources = its.Sources })
		take(family+"agree", func() { mine.Agree = its.Agree })
		take(family+"filter", func() { mine.Filter = its.Filter })
		take(family+"prefix_len", func() { mine.Bits = its.Bits })
	}
	take("bind", func() { s.bind = from.bind })
	take("confirm", func() { s.confirm = from.confirm })
	take("timeout", func() { s.timeout = from.timeout })
}

// useSites leaves out what nobody uses, which is not looked at, and refuses a site
// of which nothing tells how it differs from this machine.
func (l *loader) useSites() {
	for _, name := range l.in.siteNames() {
		if !slices.ContainsFunc(l.sites, func(s *site) bool { return s.name == name }) {
			l.notice(fmt.Sprintf("HOMING_SITES names %s, of which no variable says where its address is learnt; it is not looked at", name))
		}
	}
	for _, s := range l.sites {
		if l.in.Scope == ForRecords && !l.uses(s) {
			l.notice(fmt.Sprintf("no record and no list has the site %s; it is not looked at", s.name))
			delete(l.cfg.Sites, s.name)
			continue
		}
		told := s.own["bind"]
		for _, f := range addr.Families() {
			told = told || s.own[fmt.Sprintf("ipv%d.sources", f)]
			l.refuseOwnPlace(s, f)
		}
		if !told {
			l.wrong(s.path+".bind", fmt.Sprintf("nothing tells the site %s apart from this machine, so it would be measured by the same line", s.name),
				"set it to the interface of its line, or say by "+l.name(s.path+".ipv4.sources")+" where its address is learnt")
		}
	}
}

// refuseOwnPlace has a site not take over what says what this machine has. A family
// that nobody uses is left alone.
func (l *loader) refuseOwnPlace(s *site, f addr.Family) {
	sources := fmt.Sprintf("ipv%d.sources", f)
	i := slices.IndexFunc(s.detect[f].Sources, l.ownPlace)
	if i < 0 || s.own[sources] {
		return
	}
	if !l.cfg.Uses(plan.Origin{Site: s.name, Family: f}) {
		delete(l.cfg.Sites[s.name].Detect, f)
		return
	}
	l.wrong(s.path+"."+sources, fmt.Sprintf("it is not set, and %s is %s, which is what this machine has and not the site", l.name("detect."+sources), s.detect[f].Sources[i].Word),
		"say where the address of the site is learnt, such as "+defaultSources+", or none")
}

// ownPlace reports whether a source tells what one place has, whatever line is asked over.
func (l *loader) ownPlace(s Source) bool {
	k := l.kind(s.Word)
	return k != nil && k.OwnPlace
}

func (l *loader) uses(s *site) bool {
	for _, f := range addr.Families() {
		if l.cfg.Uses(plan.Origin{Site: s.name, Family: f}) {
			return true
		}
	}
	return false
}

// LongestLook is how long a look at a family of any site may take.
func (c *Config) LongestLook() (longest time.Duration) {
	for _, name := range c.SiteNames() {
		longest = max(longest, c.Site(name).Timeout)
	}
	return longest
}
