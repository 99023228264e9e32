package year

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/sim"
)

// The lists of a host in a map.

func (m *mapped) items(l plan.List) []plan.ListItem {
	items, _ := m.host.Items(l)
	return items
}

func (m *mapped) setItems(l plan.List, items []plan.ListItem) {
	l.Description = "by hand"
	m.host.SetList(l, items...)
}

func (m *mapped) removeList(l plan.List) { m.host.RemoveList(l) }

var _ provider.Lists = (*link)(nil)

func (l *link) List(ctx context.Context, wanted plan.List) (provider.List, error) {
	if err := l.pass(ctx, wanted.Name, true); err != nil {
		return provider.List{}, unavailable(err)
	}
	got, err := l.m.host.List(ctx, wanted)
	if err != nil {
		return got, l.heard(wanted.Name, err)
	}
	l.m.w.locked(func() {
		if l.m.blank {
			got.Items = nil
			l.m.w.clear = time.Now()
		}
	})
	return got, nil
}

func (l *link) ApplyList(ctx context.Context, wanted plan.List, held provider.List, changes []plan.ListChange) (provider.List, error) {
	if err := context.Cause(ctx); err != nil {
		return provider.List{}, &provider.Error{Kind: provider.NotTried, Err: fmt.Errorf("write: %w", err)}
	}
	lingering, done := provider.GraceContext(ctx)
	defer done()
	if err := l.pass(lingering, wanted.Name, true); err != nil {
		return provider.List{}, &provider.Error{Kind: provider.Unconfirmed, Err: fmt.Errorf("write: %w", err)}
	}
	got, err := l.m.host.ApplyList(ctx, wanted, held, changes)
	if err != nil {
		return got, l.heard(wanted.Name, err)
	}
	if err := l.pass(lingering, wanted.Name, false); err != nil {
		return got, &provider.Error{Kind: provider.Unconfirmed, Err: fmt.Errorf("write: %w", err)}
	}
	return got, nil
}

// writesList says whether a step changes a list.
func writesList(c memory.Call) bool {
	return c.Step == memory.MakeList || c.Step == memory.AddItems || c.Step == memory.DropItems
}

// The lists of Cloudflare.

func (c *wired) items(l plan.List) (all []plan.ListItem) {
	for _, i := range c.cloud.Items(l.Account, l.Name) {
		p, err := netip.ParsePrefix(i.IP)
		if err != nil {
			p = single(netip.MustParseAddr(i.IP))
		}
		all = append(all, plan.ListItem{ID: i.ID, Prefix: p, Comment: i.Comment})
	}
	return all
}

func (c *wired) setItems(l plan.List, items []plan.ListItem) {
	var all []sim.Item
	for _, i := range items {
		ip := i.Prefix.String()
		if i.Prefix.IsSingleIP() {
			ip = i.Prefix.Addr().String()
		}
		all = append(all, sim.Item{ID: i.ID, IP: ip, Comment: i.Comment})
	}
	if !slices.ContainsFunc(c.cloud.Lists(l.Account), func(o sim.List) bool { return o.Name == l.Name }) {
		c.cloud.AddList(l.Account, sim.List{Name: l.Name}, all...)
		return
	}
	c.cloud.SetItems(l.Account, l.Name, all...)
}

func (c *wired) removeList(l plan.List) {
	if slices.ContainsFunc(c.cloud.Lists(l.Account), func(o sim.List) bool { return o.Name == l.Name }) {
		c.cloud.RemoveList(l.Account, l.Name)
	}
}
