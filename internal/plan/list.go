package plan

import "net/netip"

// List is an IP list of the DNS host that should hold the observed addresses.
type List struct {
	Account     string // id of the host's account that the list belongs to
	Name        string
	Description string // of the list, where homing makes it
	Comment     string // of the items homing makes
}

// ListItem is one entry of an IP list.
type ListItem struct {
	ID      string
	Prefix  netip.Prefix // masked; a single address has all its bits
	Comment string
}

// ListChange is one step on one item: ToCreate or ToDelete. Items are never
// updated in place.
type ListChange struct {
	Action Action
	Item   ListItem
	Reason string // why, in words
}
