package config

import "github.com/homing-dns/homing/internal/dns"

// accountFor is the account a record is of. Where several may have it and
// nothing says which, that shows once they are asked for its zone.
func (l *loader) accountFor(r *record) *account {
	several := l.mayHave(r)
	switch {
	case len(several) == 1:
		return several[0]
	case len(several) == 0 || r.relative:
		return l.accountOf(r.path+".account", r.account)
	}
	if len(l.among) == 0 {
		a := &account{places: make(map[dns.Name][]int)}
		for _, m := range several {
			a.Among = append(a.Among, m.Account)
		}
		l.among = append(l.among, a)
	}
	return l.among[0]
}

// mayHave are the accounts one of which has a record that says none. Where the id
// of its zone is said, it is the one at whose host an id looks like that; where
// several do, nobody can tell, and it is the one called default.
func (l *loader) mayHave(r *record) (several []*account) {
	if r.account != "" || len(l.accounts) == 1 {
		return nil
	}
	id := r.zoneIDs
	if !r.own["zone_id"] {
		id = l.defaults.zoneIDs
	}
	for _, a := range l.accounts {
		if h := l.in.Catalogue.host(a.Provider); !h.Named && takes(h, zone(id, r.Name)) {
			several = append(several, a)
		}
	}
	if len(several) > 1 && zone(id, r.Name) != "" {
		return nil
	}
	return several
}

// takes reports whether the id of a zone, where there is one, can be one of this host.
func takes(h *HostKind, id string) bool {
	if id == "" || h.ZoneID == nil {
		return true
	}
	_, err := h.ZoneID(id)
	return err == nil
}
