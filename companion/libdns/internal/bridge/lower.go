package bridge

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/libdns/libdns"
)

// Lower has a library make of the set that stands there the one that is to stand. There
// is a way for each thing that libraries do in the name of libdns' four verbs.
type Lower func(context.Context, *writer) error

// writer is one set that is written.
type writer struct {
	Client
	zone           string
	key            key
	before, wanted []value // in order
	read           func(context.Context) ([]value, error)
}

// Sets is for a library whose SetRecords leaves exactly what it was given, and whose
// DeleteRecords deletes what it was given.
func Sets(ctx context.Context, w *writer) error {
	if gone := missing(w.before, w.wanted); len(w.wanted) == 0 || len(w.wanted)+len(gone) == len(w.before) {
		return w.remove(ctx, gone)
	}
	return w.set(ctx, w.wanted)
}

// SetsButTTL is Sets for a library that takes a record with another TTL for the same
// one: that is deleted first.
func SetsButTTL(ctx context.Context, w *writer) error {
	var other []value
	for _, v := range missing(w.before, w.wanted) {
		if slices.ContainsFunc(w.wanted, func(to value) bool { return to.data == v.data }) {
			other = append(other, v)
		}
	}
	if len(other) == 0 {
		return Sets(ctx, w)
	}
	if err := w.remove(ctx, other); err != nil {
		return err
	}
	return w.set(ctx, w.wanted)
}

// Records is for a library that adds and deletes the records it is given, and whose
// SetRecords changes the first of a name and type.
func Records(ctx context.Context, w *writer) error {
	if len(w.before) == 1 && len(w.wanted) == 1 {
		return w.set(ctx, w.wanted)
	}
	gone, made := missing(w.before, w.wanted), missing(w.wanted, w.before)
	same := func(v value) bool {
		return slices.ContainsFunc(made, func(to value) bool { return to.data == v.data })
	}
	var first, last []value // those it could not tell from what is made go first
	for _, v := range gone {
		if same(v) {
			first = append(first, v)
		} else {
			last = append(last, v)
		}
	}
	if err := w.remove(ctx, first); err != nil {
		return err
	}
	if err := w.add(ctx, made); err != nil {
		return err
	}
	return w.remove(ctx, last)
}

// WholeOrAdd is for a library that adds records, deletes all of a name and type
// whatever it is given, and whose SetRecords changes one where there is one.
func WholeOrAdd(ctx context.Context, w *writer) error {
	gone := missing(w.before, w.wanted)
	switch {
	case len(w.before) == 1 && len(w.wanted) == 1:
		return w.set(ctx, w.wanted)
	case len(gone) == 0:
		return w.add(ctx, missing(w.wanted, w.before))
	}
	if err := w.remove(ctx, w.before[:1]); err != nil {
		return err
	}
	return w.add(ctx, w.wanted)
}

// Whole is for a library that keeps one record of a name and type: SetRecords puts it
// in the place of all, and DeleteRecords deletes all.
func Whole(ctx context.Context, w *writer) error {
	if len(w.wanted) == 0 {
		return w.remove(ctx, w.before[:1])
	}
	return w.set(ctx, w.wanted)
}

// First is for a library that finds the first record of a name and type, whatever it
// is given. One after another is deleted until one is left, or none.
func First(ctx context.Context, w *writer) error {
	here := w.before
	for len(here) > len(w.wanted) {
		if err := w.remove(ctx, here[:1]); err != nil {
			return err
		}
		left, err := w.read(ctx)
		if err != nil {
			return err
		}
		if len(left) >= len(here) {
			return fmt.Errorf("the library says that it deleted a record, and none is gone")
		}
		here = left
	}
	if len(w.wanted) == 0 || slices.Equal(here, w.wanted) {
		return nil
	}
	return w.set(ctx, w.wanted)
}

func (w *writer) set(ctx context.Context, values []value) error {
	_, err := w.SetRecords(ctx, w.zone+".", w.libdns(values))
	return err
}

func (w *writer) add(ctx context.Context, values []value) error {
	if len(values) == 0 {
		return nil
	}
	_, err := w.AppendRecords(ctx, w.zone+".", w.libdns(values))
	return err
}

func (w *writer) remove(ctx context.Context, values []value) error {
	if len(values) == 0 {
		return nil
	}
	_, err := w.DeleteRecords(ctx, w.zone+".", w.libdns(values))
	return err
}

// libdns is values as libdns has them.
func (w *writer) libdns(values []value) []libdns.Record {
	name := "@"
	if w.key.name != w.zone {
		name = strings.TrimSuffix(w.key.name, "."+w.zone)
	}
	all := make([]libdns.Record, len(values))
	for i, v := range values {
		ttl := time.Duration(v.ttl) * time.Second
		if ip, err := netip.ParseAddr(v.data); err == nil && w.key.kind != "TXT" {
			all[i] = libdns.Address{Name: name, TTL: ttl, IP: ip}
		} else {
			all[i] = libdns.TXT{Name: name, TTL: ttl, Text: v.data}
		}
	}
	return all
}

// missing is what of a is not in b, each as often as it is too much.
func missing(a, b []value) (out []value) {
	left := slices.Clone(b)
	for _, v := range a {
		if i := slices.Index(left, v); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			out = append(out, v)
		}
	}
	return out
}
