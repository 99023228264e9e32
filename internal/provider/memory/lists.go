package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

var _ provider.Lists = (*Host)(nil)

// list is an IP list; slot is what it is found by.
type list struct {
	id          string
	description string
	items       []plan.ListItem // in the order they came
}

type listKey struct{ account, name string }

func listKeyOf(l plan.List) listKey { return listKey{l.Account, l.Name} }

// ListLimits returns what the lists of a Host take: what Cloudflare's do.
func ListLimits() plan.ListLimits { return plan.ListLimits{Comment: 500, IPv4: 8, IPv6: 12} }

func (h *Host) List(ctx context.Context, wanted plan.List) (provider.List, error) {
	defer h.occupyList(wanted)()
	return h.readList(ctx, wanted)
}

func (h *Host) readList(ctx context.Context, wanted plan.List) (provider.List, error) {
	call := Call{Step: ReadList, List: wanted}
	if err := h.beginRead(ctx, call); err != nil {
		return provider.List{}, err
	}
	h.mu.Lock()
	got := provider.List{Limits: ListLimits()}
	if l := h.lists[listKeyOf(wanted)]; l != nil {
		got.ID, got.Items = l.id, slices.Clone(l.items)
	}
	h.mu.Unlock()
	if err := h.callHookAfter(call); err != nil {
		return provider.List{}, err
	}
	return got, nil
}

// ApplyList makes, adds, drops and reads again, one request each.
func (h *Host) ApplyList(ctx context.Context, wanted plan.List, held provider.List, changes []plan.ListChange) (provider.List, error) {
	defer h.occupyList(wanted)()
	creates := slices.ContainsFunc(changes, func(c plan.ListChange) bool { return c.Action == plan.ToCreate })
	switch {
	case held.ID == "" && !creates:
		return h.readList(ctx, wanted)
	case held.ID == "":
		if err := h.writeList(ctx, Call{Step: MakeList, List: wanted}, h.makeList); err != nil {
			return provider.List{}, err
		}
	default:
		if err := h.checkSameList(wanted, held); err != nil {
			return provider.List{}, err
		}
	}
	for _, step := range []struct {
		step   Step
		action plan.Action
		do     func(Call) *provider.Error
	}{{AddItems, plan.ToCreate, h.addItems}, {DropItems, plan.ToDelete, h.dropItems}} {
		its := slices.DeleteFunc(slices.Clone(changes), func(c plan.ListChange) bool { return c.Action != step.action })
		if len(its) == 0 {
			continue
		}
		if err := h.writeList(ctx, Call{Step: step.step, List: wanted, Items: its}, step.do); err != nil {
			return provider.List{}, err
		}
	}
	return h.readList(ctx, wanted)
}

// writeList carries out one write at a list.
func (h *Host) writeList(ctx context.Context, call Call, do func(Call) *provider.Error) error {
	h.mu.Lock()
	latency := h.write
	h.mu.Unlock()
	if err := context.Cause(ctx); err != nil {
		return &provider.Error{Kind: provider.NotTried, Err: fmt.Errorf("stop before the list %s is changed: %w", call.List.Name, err)}
	}
	h.calls.Add(1)
	lingering, done := provider.GraceContext(ctx)
	defer done()
	if err := sleep(lingering, latency); err != nil {
		return &provider.Error{Kind: provider.Unconfirmed, Err: fmt.Errorf("wait for the answer to a write: %w", err)}
	}
	if err := h.callHookBefore(call); err != nil {
		return err
	}
	h.mu.Lock()
	err := do(call)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	return h.callHookAfter(call)
}

// checkSameList checks whether the list is still the one that was held.
func (h *Host) checkSameList(wanted plan.List, held provider.List) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.lists[listKeyOf(wanted)]; l == nil || l.id != held.ID {
		return newError(provider.Stale, "there is no list %s with the id %s", wanted.Name, held.ID)
	}
	return nil
}

func (h *Host) makeList(c Call) *provider.Error {
	switch {
	case h.lists[listKeyOf(c.List)] != nil:
		return newError(provider.Stale, "there is a list %s by now", c.List.Name)
	case h.listQuota > 0 && len(h.lists) >= h.listQuota:
		return newError(provider.Rejected, "the account holds %d lists and has no room for more", h.listQuota)
	}
	h.lists[listKeyOf(c.List)] = &list{id: h.newID("l"), description: c.List.Description}
	return nil
}

// addItems adds all of them or none.
func (h *Host) addItems(c Call) *provider.Error {
	l := h.lists[listKeyOf(c.List)]
	if l == nil {
		return newError(provider.Stale, "there is no list %s", c.List.Name)
	}
	after := slices.Clone(l.items)
	for _, add := range c.Items {
		i := add.Item
		switch {
		case !i.Prefix.IsValid() || i.Prefix != i.Prefix.Masked():
			return newError(provider.Rejected, "%s is no range of addresses", i.Prefix)
		case slices.ContainsFunc(after, func(o plan.ListItem) bool { return o.Prefix == i.Prefix }):
			return newError(provider.Stale, "%s stands in the list by now", i.Prefix)
		}
		i.ID = h.newID("i")
		after = append(after, i)
	}
	l.items = after
	return nil
}

// dropItems removes items by their ids. One that is gone is gone, as was asked.
func (h *Host) dropItems(c Call) *provider.Error {
	l := h.lists[listKeyOf(c.List)]
	if l == nil {
		return newError(provider.Stale, "there is no list %s", c.List.Name)
	}
	doomed := func(i plan.ListItem) bool {
		return slices.ContainsFunc(c.Items, func(c plan.ListChange) bool { return c.Item.ID == i.ID })
	}
	for _, i := range l.items {
		if doomed(i) && !slices.ContainsFunc(c.Items, func(c plan.ListChange) bool { return c.Item == i }) {
			return newError(provider.Stale, "the item %s is another by now", i.ID)
		}
	}
	l.items = slices.DeleteFunc(slices.Clone(l.items), doomed)
	return nil
}

// occupyList marks a list as in use until the returned function is called.
func (h *Host) occupyList(wanted plan.List) (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := listKeyOf(wanted)
	if h.busyLists[at] {
		panic(fmt.Sprintf("memory: two calls at a time for the list %s", wanted.Name))
	}
	h.busyLists[at] = true
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.busyLists, at)
	}
}

func comparePrefix(a, b plan.ListItem) int {
	return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()))
}
