// Package trial tries a Provider on a real zone: a subset of its contract, without
// faults, on names below _homing-test alone. It is for whoever writes a program that
// keeps records, and cleans up after itself.
package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// Label is what every name of a trial lies below.
const Label = "_homing-test"

// cleanLimit is how long cleaning up may take once it was interrupted.
const cleanLimit = 30 * time.Second

// Step is one promise, and how it was broken.
type Step struct {
	Promise string
	Err     error // nil: it was kept
}

// Run tries p on a zone, tells of each step when it is done, and says whether all
// promises were kept. What is left at the names is deleted first and last.
func Run(ctx context.Context, p provider.Provider, zone provider.Zone, tell func(Step)) (kept bool, err error) {
	t := &trial{p: p, zone: zone}
	if err := t.names(); err != nil {
		return false, err
	}
	kept = true
	step := func(promise string, run func(context.Context) error) {
		s := Step{promise, run(ctx)}
		kept = kept && s.Err == nil
		tell(s)
	}
	step("names below "+Label+" are free, or can be freed", t.clean)
	if !kept || ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	for _, s := range t.steps() {
		if ctx.Err() != nil {
			break
		}
		step(s.promise, s.run)
	}
	step("nothing is left", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanLimit)
		defer cancel()
		return t.clean(ctx)
	})
	return kept, context.Cause(ctx)
}

type trial struct {
	p    provider.Provider
	zone provider.Zone

	a, aaaa, starred, text dns.Key
}

type promise struct {
	promise string
	run     func(context.Context) error
}

func (t *trial) names() error {
	for _, k := range []struct {
		key    *dns.Key
		labels string
		kind   dns.Type
	}{{&t.a, "a.", dns.A}, {&t.aaaa, "a.", dns.AAAA}, {&t.starred, "*.w.", dns.A}, {&t.text, "t.", dns.TXT}} {
		n, err := dns.ParseName(k.labels + Label + "." + t.zone.Name.String())
		if err != nil {
			return fmt.Errorf("make a name below %s: %w", Label, err)
		}
		*k.key = dns.Key{Name: n, Type: k.kind}
	}
	return nil
}

// steps are those that the zone's limits allow; each begins with what it needs.
func (t *trial) steps() []promise {
	l, ttl := t.zone.Limits, t.ttl(300)
	all := []promise{
		{"an A record is made, read again and deleted", func(ctx context.Context) error {
			return t.puts(ctx, t.a, ttl, []string{"192.0.2.1"}, nil, []string{"192.0.2.2"})
		}},
		{"an address is changed", func(ctx context.Context) error {
			return t.puts(ctx, t.a, ttl, []string{"192.0.2.1"}, []string{"192.0.2.9"})
		}},
		{"a set that is not as it was read is left alone", t.stale},
		{"a name with a star is kept", func(ctx context.Context) error { return t.puts(ctx, t.starred, ttl, []string{"192.0.2.1"}, nil) }},
		{"a zone that is not there is an error, and not one without records", t.noZone},
	}
	if l.Values != 1 {
		all = append(all, promise{"a name has two addresses, and one of them goes alone", func(ctx context.Context) error {
			return t.puts(ctx, t.a, ttl, []string{"192.0.2.1", "192.0.2.2"}, []string{"192.0.2.2"}, []string{"192.0.2.2", "192.0.2.3"})
		}})
	}
	if other := t.ttl(3600); other != ttl {
		all = append(all, promise{fmt.Sprintf("a TTL is changed, from %d to %d", ttl, other), func(ctx context.Context) error {
			if err := t.puts(ctx, t.a, ttl, []string{"192.0.2.1"}); err != nil {
				return err
			}
			return t.puts(ctx, t.a, other, []string{"192.0.2.1"})
		}})
	}
	if !l.NoIPv6 {
		all = append(all, promise{"AAAA and A records at a name are apart", func(ctx context.Context) error {
			if err := t.puts(ctx, t.a, ttl, []string{"192.0.2.1"}); err != nil {
				return err
			}
			if err := t.puts(ctx, t.aaaa, ttl, []string{"2001:db8::1"}, nil); err != nil {
				return err
			}
			return t.holds(ctx, t.a, ttl, []string{"192.0.2.1"})
		}})
	}
	if _, ok := t.p.(provider.Texts); ok && !l.NoTXT {
		all = append(all, promise{"a TXT record is made, read again and deleted", func(ctx context.Context) error {
			return t.puts(ctx, t.text, ttl, []string{`"homing \"test\" 1"`}, nil)
		}})
	}
	return all
}

// ttl is one that the zone takes as it is.
func (t *trial) ttl(n int) int {
	l := t.zone.Limits
	n = max(n, l.MinTTL)
	if l.MaxTTL > 0 {
		n = min(n, l.MaxTTL)
	}
	return n
}

// puts has a set stand in one way after another, and looks each time.
func (t *trial) puts(ctx context.Context, k dns.Key, ttl int, all ...[]string) error {
	for _, contents := range all {
		here, err := t.read(ctx, k)
		if err != nil {
			return err
		}
		if err := t.apply(ctx, setTo(k, ttl, here, contents)); err != nil {
			return err
		}
		if err := t.holds(ctx, k, ttl, contents); err != nil {
			return err
		}
	}
	return nil
}

// setTo is what makes of a set what it is to be.
func setTo(k dns.Key, ttl int, here []dns.Record, contents []string) plan.Set {
	set := plan.Set{Key: k, Records: here}
	var gone, made []dns.Record
	for i := range here {
		r := &here[i]
		switch to := record(k, r.Content(), ttl); {
		case !slices.Contains(contents, r.Content()):
			gone = append(gone, *r)
		case r.TTL != ttl:
			to.ID = r.ID
			set.Changes = append(set.Changes, plan.Change{Action: plan.ToUpdate, Old: *r, New: to})
		}
	}
	for _, c := range contents {
		if !slices.ContainsFunc(here, func(r dns.Record) bool { return r.Content() == c }) {
			made = append(made, record(k, c, ttl))
		}
	}
	for len(gone) > 0 && len(made) > 0 {
		made[0].ID = gone[0].ID
		set.Changes = append(set.Changes, plan.Change{Action: plan.ToUpdate, Old: gone[0], New: made[0]})
		gone, made = gone[1:], made[1:]
	}
	for i := range made {
		r := &made[i]
		set.Changes = append(set.Changes, plan.Change{Action: plan.ToCreate, New: *r})
	}
	for i := range gone {
		r := &gone[i]
		set.Changes = append(set.Changes, plan.Change{Action: plan.ToDelete, Old: *r})
	}
	return set
}

func record(k dns.Key, content string, ttl int) dns.Record {
	r := rest.RecordFromValue(k, content)
	r.TTL = ttl
	return r
}

// apply carries out one set.
func (t *trial) apply(ctx context.Context, set plan.Set) error {
	if len(set.Changes) == 0 {
		return nil
	}
	results := t.p.Apply(ctx, t.zone, []plan.Set{set})
	if len(results) != 1 {
		return fmt.Errorf("change %s: there are %d results", set.Key, len(results))
	}
	for _, err := range results[0].Errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// read is what stands at a key, in order.
func (t *trial) read(ctx context.Context, k dns.Key) ([]dns.Record, error) {
	read := func() ([]dns.Record, error) { return t.p.Records(ctx, t.zone, []dns.Name{k.Name}) }
	if texts, ok := t.p.(provider.Texts); ok && k.Type == dns.TXT {
		read = func() ([]dns.Record, error) {
			return texts.RecordsAndTexts(ctx, t.zone, nil, []dns.Name{k.Name})
		}
	}
	records, err := read()
	if err != nil {
		return nil, err
	}
	records = slices.DeleteFunc(records, func(r dns.Record) bool { return r.Key() != k })
	return dns.SortRecords(records), nil
}

// holds looks whether exactly these contents stand at a key.
func (t *trial) holds(ctx context.Context, k dns.Key, ttl int, contents []string) error {
	here, err := t.read(ctx, k)
	if err != nil {
		return err
	}
	said := func(contents []string) string {
		return cmp.Or(strings.Join(slices.Sorted(slices.Values(contents)), ", "), "nothing")
	}
	var got []string
	for i := range here {
		r := &here[i]
		got = append(got, r.Content())
		if r.TTL != ttl {
			return fmt.Errorf("the TTL of %s is %d, and was set to %d", k, r.TTL, ttl)
		}
	}
	if g, w := said(got), said(contents); g != w {
		return fmt.Errorf("at %s stands %s, and should %s", k, g, w)
	}
	return nil
}

// stale writes a set as it never stood.
func (t *trial) stale(ctx context.Context) error {
	ttl := t.ttl(300)
	if err := t.puts(ctx, t.a, ttl, []string{"192.0.2.1"}); err != nil {
		return err
	}
	never := []dns.Record{record(t.a, "192.0.2.77", ttl)}
	err := t.apply(ctx, setTo(t.a, ttl, never, []string{"192.0.2.78"}))
	if err == nil {
		return errors.New("it was written")
	}
	return t.holds(ctx, t.a, ttl, []string{"192.0.2.1"})
}

// noZone asks for the records of a name that is no zone.
func (t *trial) noZone(ctx context.Context) error {
	none := provider.Zone{ID: Label, Name: t.text.Name, Limits: t.zone.Limits}
	if _, err := t.p.Records(ctx, none, []dns.Name{t.text.Name}); err == nil {
		return errors.New("the program answers for a zone that it was never told of")
	}
	return nil
}

// clean deletes what stands at the names of a trial.
func (t *trial) clean(ctx context.Context) error {
	keys := []dns.Key{t.a, t.starred}
	if !t.zone.Limits.NoIPv6 {
		keys = append(keys, t.aaaa)
	}
	if _, ok := t.p.(provider.Texts); ok && !t.zone.Limits.NoTXT {
		keys = append(keys, t.text)
	}
	for _, k := range keys {
		if err := t.puts(ctx, k, t.ttl(300), nil); err != nil {
			return err
		}
	}
	return nil
}
