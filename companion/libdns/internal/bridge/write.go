package bridge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// reads is how often a zone is looked at after a write that the library calls done:
// a host may take a moment to show it.
const reads = 3

// apply writes one set: reads it, has the library write, and reads it again.
func (h *Host) apply(ctx context.Context, q request) *Failure {
	k := key{plainName(q.Set.Name), q.Set.Type}
	what := fmt.Sprintf("write %s %s", k.kind, k.name)
	wanted, read, f := h.checked(k, q)
	if f != nil {
		return f
	}
	held, f := h.list(ctx, q.Zone.Name)
	if f != nil {
		return f
	}
	before, alias := held[k], held[key{k.name, "CNAME"}]
	switch {
	case len(alias) > 0 && len(wanted) > 0:
		return &Failure{Kind: rejected, Reason: fmt.Sprintf("%s: the name is a CNAME to %s, and an alias stands alone", what, alias[0].data)}
	case !slices.Equal(before, read):
		return &Failure{Kind: stale, Reason: fmt.Sprintf("%s: %s stands there, and not %s", what, told(k, before), told(k, read))}
	case slices.Equal(before, wanted):
		return nil
	}
	// What is left of the time is for reading.
	writing, cancel := context.WithTimeoutCause(ctx, h.Limit*3/5, fmt.Errorf("%s did not answer within %s", h.Name, h.Limit*3/5))
	defer cancel()
	w := &writer{Client: h.Client, zone: q.Zone.Name, key: k, before: before, wanted: wanted}
	w.read = func(ctx context.Context) ([]value, error) {
		here, f := h.at(ctx, q.Zone.Name, k)
		if f != nil {
			return nil, f
		}
		return here, nil
	}
	err := h.call(writing, func(ctx context.Context) error { return h.Lower(ctx, w) })
	var failed *Failure
	if err != nil {
		failed = h.failure(writing, what, err, true)
	}
	return h.judge(ctx, what, w, failed)
}

// judge looks at what stands there after a write.
func (h *Host) judge(ctx context.Context, what string, w *writer, failed *Failure) *Failure {
	var after []value
	for n := 1; ; n++ {
		var f *Failure
		if after, f = h.at(ctx, w.zone, w.key); f != nil {
			return &Failure{Kind: unconfirmed, Reason: h.clean(what + " may have happened: then " + f.Reason)}
		}
		if slices.Equal(after, w.wanted) {
			return nil
		}
		if n == reads || failed != nil || !wait(ctx, h.Pause*time.Duration(n)) {
			break
		}
	}
	stands := fmt.Sprintf("%s stands there, and not %s", told(w.key, after), told(w.key, w.wanted))
	switch {
	case failed != nil && slices.Equal(after, w.before):
		return failed // nothing was changed
	case failed != nil:
		return &Failure{Kind: unconfirmed, Reason: h.clean(failed.Reason + "; " + stands)}
	case slices.EqualFunc(after, w.wanted, func(a, b value) bool { return a.data == b.data }):
		return &Failure{Kind: rejected, Reason: fmt.Sprintf("%s: %s keeps it with a TTL of %d, and not of %d", what, h.Name, after[0].ttl, w.wanted[0].ttl),
			Hint: fmt.Sprintf("set the ttl of the record to %d", after[0].ttl)}
	}
	return &Failure{Kind: unconfirmed, Reason: fmt.Sprintf("%s: the library says that it is done; %s", what, stands)}
}

// checked is the set as it is to stand, and as homing read it.
func (h *Host) checked(k key, q request) (wanted, read []value, _ *Failure) {
	refuse := func(hint, format string, args ...any) *Failure {
		return &Failure{Kind: rejected, Hint: hint, Reason: fmt.Sprintf("write %s %s: ", k.kind, k.name) + fmt.Sprintf(format, args...)}
	}
	switch {
	case k.name != q.Zone.Name && !strings.HasSuffix(k.name, "."+q.Zone.Name):
		return nil, nil, refuse("", "it is not in %s", q.Zone.Name)
	case k.kind != "A" && k.kind != "AAAA" && (k.kind != "TXT" || !h.TXT):
		return nil, nil, refuse("", "records of this type are not written through the library for %s", h.Name)
	case h.Values > 0 && len(q.Set.Wanted) > h.Values:
		return nil, nil, refuse("", "the library for %s keeps %d of a name and type, and not %d", h.Name, h.Values, len(q.Set.Wanted))
	}
	var bad error
	if read, bad = valuesOf(k, q.Set.Read, 0); bad == nil {
		wanted, bad = valuesOf(k, q.Set.Wanted, h.AutoTTL)
	}
	if bad != nil {
		return nil, nil, refuse("", "%v", bad)
	}
	for _, v := range wanted {
		if h.TTLs != nil && !slices.Contains(h.TTLs, v.ttl) {
			return nil, nil, refuse("set the ttl of the record to one of these", "%s has no TTL of %d s, but %s", h.Name, v.ttl, strings.Trim(fmt.Sprint(h.TTLs), "[]"))
		}
	}
	return wanted, read, nil
}

// valuesOf is records of a key, in order; auto stands for an automatic TTL.
func valuesOf(k key, records []record, auto int) (values []value, _ error) {
	for _, r := range records {
		data, err := dataOf(k.kind, r.Content)
		switch {
		case err != nil:
			return nil, err
		case plainName(r.Name) != k.name || r.Type != k.kind:
			return nil, fmt.Errorf("%s %s %q is no record of it", r.Type, r.Name, r.Content)
		}
		if r.TTL <= 1 {
			r.TTL = auto
		}
		values = append(values, value{data, r.TTL})
	}
	slices.SortFunc(values, value.compare)
	return values, nil
}

// at is what stands at a key.
func (h *Host) at(ctx context.Context, zone string, k key) ([]value, *Failure) {
	held, f := h.list(ctx, zone)
	if f != nil {
		return nil, f
	}
	return held[k], nil
}

// told is a set for people.
func told(k key, values []value) string {
	var all []string
	for _, v := range values {
		all = append(all, contentOf(k.kind, v.data))
	}
	return cmp.Or(strings.Join(all, " and "), "nothing")
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
