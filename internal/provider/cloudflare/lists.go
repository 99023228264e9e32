package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

var _ provider.Lists = (*Provider)(nil)

// ipList is one list at work.
type ipList struct {
	p      *Provider
	wanted plan.List
	id     string // empty: it is not there
	size   int    // the items it says that it has; 0 also where it was not asked
}

// List finds the list by its name and reads it: a call, and one for each page.
func (p *Provider) List(ctx context.Context, wanted plan.List) (provider.List, error) {
	w := &ipList{p: p, wanted: wanted}
	got, err := w.findAndRead(ctx)
	if err != nil {
		return provider.List{}, err
	}
	return got, nil
}

func (w *ipList) findAndRead(ctx context.Context) (provider.List, *provider.Error) {
	if err := w.validate(); err != nil {
		return provider.List{}, err
	}
	var err *provider.Error
	if w.id, err = w.findID(ctx); err != nil || w.id == "" {
		return provider.List{Limits: listLimits()}, err
	}
	return w.readAllItems(ctx)
}

// ApplyList changes the list while nothing else of this Provider changes the
// lists of the account.
func (p *Provider) ApplyList(ctx context.Context, wanted plan.List, held provider.List, changes []plan.ListChange) (provider.List, error) {
	w := &ipList{p: p, wanted: wanted, id: held.ID}
	got, err := w.apply(ctx, held, changes)
	if err != nil {
		return provider.List{}, err
	}
	return got, nil
}

func (w *ipList) apply(ctx context.Context, held provider.List, changes []plan.ListChange) (provider.List, *provider.Error) {
	if err := w.validate(); err != nil {
		return provider.List{}, err
	}
	release, ok := w.p.listLocks.Lock(ctx, w.wanted.Account)
	if !ok {
		return provider.List{}, notTriedError("change the list "+w.wanted.Name, context.Cause(ctx))
	}
	defer release()
	grace, done := provider.GraceContext(ctx) // for what ends a change that was begun
	defer done()

	adds, drops := splitListChanges(changes)
	switch {
	case w.id != "":
		now, err := w.reread(ctx, held)
		if err == nil {
			drops, err = w.checkUnchanged(now, adds, drops)
		}
		if err != nil {
			return provider.List{}, err
		}
	case len(adds) == 0:
		return w.findAndRead(ctx)
	default:
		if err := w.create(ctx); err != nil {
			return provider.List{}, err
		}
	}
	if err := w.addItems(ctx, grace, adds); err != nil {
		return provider.List{}, err
	}
	if err := w.deleteItems(ctx, grace, drops); err != nil {
		return provider.List{}, err
	}
	now, err := w.readAllItems(grace)
	if err == nil {
		err = w.verifyApplied(now, adds, drops)
	}
	return now, err
}

// reread reads the list once more. Fewer items than before are believed only if
// the list itself says so.
func (w *ipList) reread(ctx context.Context, held provider.List) (provider.List, *provider.Error) {
	now, err := w.readAllItems(ctx)
	if err == nil && len(now.Items) < len(held.Items) {
		now, err = w.findAndRead(ctx)
	}
	if err == nil && now.ID != held.ID {
		err = &provider.Error{Kind: provider.Stale, Err: fmt.Errorf("change the list %s: it is another list by now", w.wanted.Name), Hint: cureReread}
	}
	return now, err
}

func splitListChanges(changes []plan.ListChange) (adds, drops []plan.ListItem) {
	for _, c := range changes {
		if c.Action == plan.ToCreate {
			adds = append(adds, c.Item)
		} else {
			drops = append(drops, c.Item)
		}
	}
	return adds, drops
}

// checkUnchanged compares the plan with the list as it is now, because Cloudflare would
// write over an equal item, whoever made it, and take its comment away. Of the
// drops it returns those that are still there.
func (w *ipList) checkUnchanged(now provider.List, adds, drops []plan.ListItem) ([]plan.ListItem, *provider.Error) {
	stale := func(i plan.ListItem, is string) *provider.Error {
		return &provider.Error{Kind: provider.Stale, Err: fmt.Errorf("change the list %s: %s %s by now", w.wanted.Name, i.Prefix, is),
			Hint: cureReread}
	}
	for _, i := range adds {
		if slices.ContainsFunc(now.Items, func(n plan.ListItem) bool { return n.Prefix == i.Prefix }) {
			return nil, stale(i, "is in it")
		}
	}
	var left []plan.ListItem
	for _, i := range drops {
		at := slices.IndexFunc(now.Items, func(n plan.ListItem) bool { return n.ID == i.ID })
		switch {
		case at < 0:
		case now.Items[at] != i:
			return nil, stale(i, "is another item")
		default:
			left = append(left, i)
		}
	}
	return left, nil
}

// verifyApplied compares the list with what Cloudflare says that it has done.
func (w *ipList) verifyApplied(now provider.List, adds, drops []plan.ListItem) *provider.Error {
	var off []string
	for _, i := range adds {
		at := slices.IndexFunc(now.Items, func(n plan.ListItem) bool { return n.Prefix == i.Prefix })
		if at < 0 {
			off = append(off, i.Prefix.String()+" is missing")
		} else if got := now.Items[at].Comment; got != i.Comment {
			off = append(off, fmt.Sprintf("the comment of %s is %q, not %q", i.Prefix, got, i.Comment))
		}
	}
	for _, i := range drops {
		if slices.ContainsFunc(now.Items, func(n plan.ListItem) bool { return n.ID == i.ID }) {
			off = append(off, i.Prefix.String()+" is still there")
		}
	}
	if len(off) == 0 {
		return nil
	}
	return &provider.Error{Kind: provider.Rejected,
		Err:  fmt.Errorf("change the list %s: Cloudflare says that it is done, but %s", w.wanted.Name, rest.Printable(strings.Join(off, " and "))),
		Hint: "look at the list in the dashboard; another program may be changing it too"}
}

// validate refuses what cannot be the account or the name of a list.
func (w *ipList) validate() *provider.Error {
	refuse := func(why string, hint text.Hint) *provider.Error {
		return &provider.Error{Kind: provider.Rejected, Err: fmt.Errorf("look for the list %q: %w", rest.Printable(w.wanted.Name), errors.New(why)), Hint: hint}
	}
	switch {
	case !matchesPattern(`^[0-9a-fA-F]{32}$`, w.wanted.Account):
		return refuse("what stands before it is no account id", cureAccount)
	case !matchesPattern(`^[a-zA-Z0-9_]{1,50}$`, w.wanted.Name):
		return refuse("no list can have this name", "use small letters, digits and _, 50 of them at most")
	}
	return nil
}
