package sim

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// Account is the id of the account of every zone that names no other.
const Account = "0123456789abcdef0123456789abcdef"

// AddZone makes a zone with these records, and returns it with every field
// filled in. Its records are taken as they are, like those of AddRecord.
func (c *Cloudflare) AddZone(z Zone, records ...Record) Zone {
	c.mu.Lock()
	defer c.mu.Unlock()
	z.Name = mustASCII(z.Name)
	if z.ID == "" {
		z.ID = c.newID()
	}
	z.Status = cmp.Or(z.Status, "active")
	z.Type = cmp.Or(z.Type, "full")
	z.Plan = cmp.Or(z.Plan, "free")
	z.Account = cmp.Or(z.Account, Account)
	added := &zone{Zone: z}
	c.zones = append(c.zones, added)
	for _, r := range records {
		c.insertRecord(added, r)
	}
	return z
}

// SetZone changes everything about a zone but its id and its records.
func (c *Cloudflare) SetZone(z Zone) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findZone(z.ID).Zone = z
}

// RemoveZone takes a zone away, with its records.
func (c *Cloudflare) RemoveZone(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gone := c.findZone(name)
	c.zones = slices.DeleteFunc(c.zones, func(z *zone) bool { return z == gone })
}

// AddRecord puts a record into a zone past every rule, as an outsider or an
// older age would have, and returns it with its id.
func (c *Cloudflare) AddRecord(zone string, r Record) Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.insertRecord(c.findZone(zone), r)
}

func (c *Cloudflare) insertRecord(z *zone, r Record) Record {
	r.Name = mustASCII(r.Name)
	if r.ID == "" {
		r.ID = c.newID()
	}
	r.TTL = cmp.Or(r.TTL, 1)
	if r.Tags == nil {
		r.Tags = []string{}
	}
	if r.Settings == nil {
		r.Settings = map[string]any{}
	}
	if r.Created.IsZero() {
		r.Created = time.Now()
		r.Modified = r.Created
	}
	z.records = append(z.records, r)
	return r
}

// SetRecord changes the record with this id, as an outsider would; it panics
// when there is none.
func (c *Cloudflare) SetRecord(zone string, r Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	z := c.findZone(zone)
	z.records[z.recordIndex(r.ID)] = r
}

// RemoveRecord deletes the record with this id, as an outsider would; it
// panics when there is none.
func (c *Cloudflare) RemoveRecord(zone, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	z := c.findZone(zone)
	i := z.recordIndex(id)
	z.records = slices.Delete(slices.Clone(z.records), i, i+1)
}

// Records returns what a zone holds, sorted by name, type and content.
func (c *Cloudflare) Records(zone string) []Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	rs := slices.Clone(c.findZone(zone).records)
	sort.Slice(rs, func(i, j int) bool {
		a, b := &rs[i], &rs[j]
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Content, b.Content)) < 0
	})
	return rs
}

// Contents returns what the A and AAAA records of one name say, sorted by type and
// content; nil when there are none.
func (c *Cloudflare) Contents(zone, name string) []string {
	var out []string
	for _, r := range c.Records(zone) {
		if r.Name == name && (r.Type == "A" || r.Type == "AAAA") {
			out = append(out, r.Content)
		}
	}
	return out
}

func (z *zone) recordIndex(id string) int {
	for i := range z.records {
		if z.records[i].ID == id {
			return i
		}
	}
	panic("sim: no record " + id + " in " + z.Name)
}
