package sim

import (
	"slices"
	"time"
)

// AddList makes a list with these items past every rule, as an outsider or an
// older age would have, and returns it with its id.
func (c *Cloudflare) AddList(account string, l List, items ...Item) List {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.addList(account, l, c.withIDs(items)).toList()
}

// SetItems changes what a list holds, as an outsider would. It panics when
// there is no such list.
func (c *Cloudflare) SetItems(account, name string, items ...Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findList(account, name).items = c.withIDs(items)
}

// RemoveList takes a list away, as an outsider would.
func (c *Cloudflare) RemoveList(account, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gone := c.findList(account, name)
	c.lists = slices.DeleteFunc(c.lists, func(l *list) bool { return l == gone })
}

// Lists returns the lists of an account, in the order in which they were made.
func (c *Cloudflare) Lists(account string) []List {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.completeDue(account, time.Now())
	var all []List
	for _, l := range c.listsOf(account) {
		all = append(all, l.toList())
	}
	return all
}

// Items returns what a list holds by now; nil when there is no such list.
func (c *Cloudflare) Items(account, name string) []Item {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.completeDue(account, time.Now())
	for _, l := range c.listsOf(account) {
		if l.Name == name {
			return slices.Clone(l.items)
		}
	}
	return nil
}

func (c *Cloudflare) withIDs(items []Item) []Item {
	all := slices.Clone(items)
	for i := range all {
		if all[i].ID == "" {
			all[i].ID = c.newID()
		}
	}
	return all
}

func (c *Cloudflare) findList(account, name string) *list {
	for _, l := range c.listsOf(account) {
		if l.Name == name {
			return l
		}
	}
	panic("sim: no list " + name)
}
