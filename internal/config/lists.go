package config

import (
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// List adds an IP list, written as account-id/name, and returns its path.
func (d *Draft) List(text string, o *Origin) string {
	path := d.next("lists")
	account, name, found := strings.Cut(text, "/")
	if !found {
		account, name = "", text
	}
	if found {
		d.Set(path+".account_id", strings.TrimSpace(account), o)
	}
	d.Set(path+".name", strings.TrimSpace(name), o)
	return path
}

func (p *place) setListAccount(s string) error {
	if k := p.hosts()[0].Lists; k != nil {
		if err := k.Account(s); err != nil {
			return err
		}
	}
	p.list.Account = s
	return nil
}

func (p *place) setListName(s string) error {
	if k := p.hosts()[0].Lists; k != nil {
		if err := k.Name(s); err != nil {
			return err
		}
	}
	p.list.Name = s
	return nil
}

// setZoneID takes what any of the hosts it is for takes.
func (p *place) setZoneID(s string) (err error) {
	id := strings.TrimSpace(s)
	for _, h := range p.hosts() {
		if err = nil; h.ZoneID != nil {
			id, err = h.ZoneID(s)
		}
		if err == nil {
			p.record.zoneIDs = []zoneID{{id: id}}
			return nil
		}
	}
	return err
}

func (p *place) setZoneName(s string) (err error) {
	if p.record.zone, err = dns.ParseName(s); err != nil {
		return hinted(err.Error(), "write the name of the zone, such as example.org")
	}
	return nil
}

// zoneID is the id of a zone and the names it is for: those within zone, or
// all when that is zero.
type zoneID struct {
	zone dns.Name
	id   string
}

// setZoneIDs reads an id for all names, or several as example.org=id.
func (p *place) setZoneIDs(v *value) error {
	var ids []zoneID
	err := each(v, func(w string) error {
		name, id, several := strings.Cut(w, "=")
		if !several {
			id = name
		}
		if err := p.setZoneID(id); err != nil {
			return err
		}
		z := p.record.zoneIDs[0]
		if several {
			var err error
			if z.zone, err = dns.ParseName(name); err != nil {
				return err
			}
		}
		ids = append(ids, z)
		return nil
	})
	sort.SliceStable(ids, func(i, j int) bool { return len(ids[i].zone.String()) > len(ids[j].zone.String()) })
	p.record.zoneIDs = ids
	return err
}

// zone is the id of the longest of these zones that n lies in; empty when it
// lies in none.
func zone(ids []zoneID, n dns.Name) string {
	for _, z := range ids {
		if z.zone.IsZero() || n.IsWithin(z.zone) {
			return z.id
		}
	}
	return ""
}

func (p *place) setDescription(s string) error { p.list.Description = s; return checkComment(s) }
func (p *place) setItemComment(s string) error { p.list.Comment = s; return checkComment(s) }
