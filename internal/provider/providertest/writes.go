package providertest

import (
	"context"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// changes is the creation of records.
func changes(records ...dns.Record) []plan.Change {
	var cs []plan.Change
	for _, r := range records {
		cs = append(cs, create(r))
	}
	return cs
}

func writeTests() []test {
	return []test{
		{"a created record is stored as asked", func(s *session) {
			plain, full := s.record("a", "192.0.2.1"), s.record("a", "2001:db8:0:0:0:0:0:1")
			full.TTL, full.Comment = 300, "homing ünd Ähnliches"
			full = s.fit(full)
			wild, idn := s.record("*.w", "192.0.2.2"), s.record("日本", "192.0.2.3")
			s.succeed(changes(plain, full, wild, idn)...)
			s.holds(plain.Name, plain, full)
			s.holds(wild.Name, wild)
			s.holds(idn.Name, idn)
			if got := s.read(plain.Name); len(got) != 2 {
				s.Errorf("listed are %q", lines(got))
			}
		}, nil},
		{"a proxied record has the automatic TTL", func(s *session) {
			r := s.record("a", "192.0.2.1")
			r.Proxied = true
			s.succeed(create(r))
			s.holds(r.Name, r)
		}, proxies},
		{"an update changes what it was told to change and nothing else", func(s *session) {
			r := s.record("a", "192.0.2.1")
			r.TTL, r.Comment = 300, "kept"
			p := s.record("p", "192.0.2.1")
			p.Proxied, p.Comment, p.Tags = true, "kept too", s.Tags
			r, p = s.fit(r), s.fit(p)
			at := s.seed(r, p)
			s.succeed(update(at[0], point("192.0.2.9")), update(at[1], point("192.0.2.9")))
			point("192.0.2.9")(&r)
			point("192.0.2.9")(&p)
			s.holds(r.Name, r)
			s.holds(p.Name, p)
		}, nil},
		{"an update leaves alone what somebody else changed meanwhile", func(s *session) {
			r := s.record("a", "192.0.2.1")
			r.TTL = 600 // edited by hand
			view := s.seed(r)[0]
			view.TTL = 300 // as it was when it was read
			if s.Sets {
				s.refused(provider.Stale, update(view, point("192.0.2.9")))
			} else {
				s.apply(update(view, point("192.0.2.9")))
				point("192.0.2.9")(&r)
			}
			s.holds(r.Name, r)
		}, ttls},
		{"each attribute can be changed alone", func(s *session) {
			r := s.record("a", "192.0.2.1")
			r.TTL, r.Comment = 300, "first"
			r = s.seed(s.fit(r))[0]
			for _, edit := range []func(r *dns.Record){
				func(r *dns.Record) { r.TTL = 600 },
				func(r *dns.Record) { r.Comment = "second" },
				func(r *dns.Record) { r.Comment = "" },
				func(r *dns.Record) { r.Proxied, r.TTL = true, dns.AutoTTL },
				func(r *dns.Record) { r.Proxied, r.TTL = false, 300 },
				func(r *dns.Record) { r.TTL = dns.AutoTTL },
			} {
				c := update(r, edit)
				if c.New = s.fit(c.New); c.Fields() == 0 {
					s.Logf("the host cannot store: %s", line(update(r, edit).New))
					continue
				}
				s.succeed(c)
				s.holds(r.Name, c.New)
				r = c.New
			}
		}, nil},
		{"a deleted record is gone and its neighbours stay", func(s *session) {
			at := s.seed(s.record("a", "192.0.2.1"), s.record("a", "192.0.2.2"), s.record("a", "2001:db8::1"))
			s.succeed(remove(at[0]))
			s.holds(at[0].Name, at[1:]...)
		}, several},
		{"deleting what is not there is no error", func(s *session) {
			r := s.record("a", "192.0.2.1")
			at := s.seed(s.record("b", "192.0.2.1"), s.record("b", "192.0.2.2"))
			if s.Sets { // what is gone was not as it was read
				s.refused(provider.Stale, remove(r))
				s.succeed(remove(at[0]))
				s.refused(provider.Stale, remove(at[0]))
				s.holds(at[0].Name, at[1])
				return
			}
			r.ID = absent
			s.succeed(remove(r))
			s.succeed(remove(at[0]))
			s.succeed(remove(at[0]), remove(at[1]))
			s.holds(at[0].Name)
		}, several},
		{"updating a record that is gone is stale", func(s *session) {
			r := s.record("a", "192.0.2.1")
			r.ID = absent
			s.refused(provider.Stale, update(r, point("192.0.2.9")))
			s.holds(r.Name)
		}, nil},
		{"creating what is already there is stale", func(s *session) {
			r := s.record("a", "192.0.2.1")
			s.seed(r)
			again := r
			again.TTL, again.Comment = 300, "another"
			again = s.fit(again)
			s.refused(provider.Stale, create(again))
			s.holds(r.Name, r)
		}, nil},
		{"updating to what is already there is stale", func(s *session) {
			at := s.seed(s.record("a", "192.0.2.1"), s.record("a", "192.0.2.2"))
			s.refused(provider.Stale, update(at[0], point("192.0.2.2")))
			s.holds(at[0].Name, at...)
		}, nil},
		{"an address beside a CNAME is rejected", func(s *session) {
			alias := dns.Record{Name: s.name("a"), Type: dns.CNAME, Text: "example.net", TTL: dns.AutoTTL}
			s.seed(alias)
			s.refused(provider.Rejected, create(s.record("a", "192.0.2.1")))
			s.holds(alias.Name, alias)
		}, nil},
		{"a comment that is too long is rejected", func(s *session) {
			r := s.record("a", "192.0.2.1")
			r.Comment = strings.Repeat("x", 5000)
			s.refused(provider.Rejected, create(r))
			s.holds(r.Name)
		}, nil},
		{"a write whose context is done fails soon and does nothing", func(s *session) {
			at := s.seed(s.record("a", "192.0.2.1"))[0]
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			start := time.Now()
			for _, r := range s.applyWith(ctx, update(at, point("192.0.2.9")), create(s.record("b", "192.0.2.1"))) {
				switch {
				case r.Err == nil:
					s.Error("it is said to be done")
				case r.Err.Kind != provider.NotTried:
					s.Errorf("the error is %s: %v", r.Err.Kind, r.Err)
				}
			}
			if took := time.Since(start); took > promptly {
				s.Errorf("it took %s", took)
			}
			s.holds(at.Name, at)
			s.holds(s.name("b"))
		}, nil},
	}
}

// refused carries out one change, which must fail with this kind.
func (s *session) refused(kind provider.Kind, c plan.Change) {
	s.Helper()
	r := s.apply(c)[0]
	switch {
	case r.Err == nil:
		s.Errorf("%s: no error", c.Words())
	case r.Err.Kind != kind:
		s.Errorf("%s: %s (%v), want %s", c.Words(), r.Err.Kind, r.Err, kind)
	case !r.Record.Equal(&dns.Record{}):
		s.Errorf("%s: refused, and yet a record is stored: %s", c.Words(), line(r.Record))
	}
}

func tagTests() []test {
	return []test{
		{"tags can be set, changed and taken off", func(s *session) {
			r := s.record("a", "192.0.2.1")
			r.Tags = s.Tags
			r = s.succeed(create(r))[0]
			s.holds(r.Name, r)
			off := update(r, func(r *dns.Record) { r.Tags = nil })
			s.succeed(off)
			s.holds(r.Name, off.New)
			on := update(off.New, func(r *dns.Record) { r.Tags = s.Tags[:1] })
			s.succeed(on)
			s.holds(r.Name, on.New)
		}, nil},
	}
}
