package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

const (
	// recordPage is well below the 50,000 that a page may hold (OpenAPI of
	// 2023): Cloudflare's docs warn that big pages time out.
	recordPage  = 5000
	maxPages    = 500
	recordLimit = 64 << 20 // bytes of a page; 5,000 records have about 3 MB
)

// Records walks the pages of the zone and keeps what is wanted. One name alone
// is asked for by itself; so are a few in a zone of very many pages. Then the
// delegations above the names take a call more, where there can be any.
func (p *Provider) Records(ctx context.Context, zone provider.Zone, wanted []dns.Name) ([]dns.Record, error) {
	return p.RecordsAndTexts(ctx, zone, wanted, nil)
}

// RecordsAndTexts makes the calls of Records: their answers hold records of all
// types. Only a name of which nothing but TXT is wanted adds to them.
func (p *Provider) RecordsAndTexts(ctx context.Context, zone provider.Zone, wanted, texts []dns.Name) ([]dns.Record, error) {
	if len(wanted) == 0 && len(texts) == 0 {
		return nil, nil
	}
	w := walk{client: p.client, zone: zone, which: which{namesOf(wanted), above(zone.Name, wanted), namesOf(texts)}}
	w.each = namesOf(slices.Concat(wanted, texts))
	var err *provider.Error
	if len(w.each) == 1 {
		err = w.oneByOne(ctx)
	} else {
		err = w.pages(ctx, inOrder())
	}
	if err == nil {
		err = w.unique()
	}
	if err != nil {
		return nil, p.doubtID(zone, err)
	}
	return w.records, nil
}

// walk is one listing of a zone.
type walk struct {
	client *client
	zone   provider.Zone
	which
	each names // all of these, each of which can be asked for by itself

	records []dns.Record
	total   int // records the zone has, by what the pages say; negative: they do not
	seen    int
}

// page is what one page said.
type page struct {
	records []dns.Record
	rows    int

	ours     int // rows of the types that are looked at
	nameless int // rows that may be among these, and nobody knows of which name
}

// pages walks every page. They are counted against what they say the total is:
// a listing that is short is an error, never a zone with fewer records.
func (w *walk) pages(ctx context.Context, filter url.Values) *provider.Error {
	w.total, w.seen = -1, 0
	var all page
	for n := 1; n <= maxPages; n++ {
		p, done, err := w.page(ctx, n, filter)
		if err != nil {
			return err
		}
		all.ours, all.nameless = all.ours+p.ours, all.nameless+p.nameless
		if done {
			return w.doubt(all, filter)
		}
		if n == 1 && len(filter) == 1 && filter.Has("order") && w.total/p.rows > len(w.each) {
			return w.oneByOne(ctx)
		}
	}
	return w.odd(fmt.Errorf("it has more than %d pages", maxPages))
}

// doubt refuses a listing in which rows without a name could be wanted ones:
// where one name was asked for, and where no row of its kind has a name.
func (w *walk) doubt(all page, filter url.Values) *provider.Error {
	if all.nameless > 0 && (filter.Has(exactly) || all.nameless >= all.ours) {
		return w.odd(errNameless)
	}
	return nil
}

// oneByOne lists each name by itself, in place of what was read so far, and then
// what may be delegated above them.
func (w *walk) oneByOne(ctx context.Context) *provider.Error {
	w.records = nil
	for _, name := range w.each {
		if err := w.pages(ctx, only(name)); err != nil {
			return err
		}
	}
	if len(w.above) == 0 {
		return nil
	}
	filter := inOrder()
	filter.Set("type", string(dns.NS))
	w.which = which{above: w.above} // the others were read
	return w.pages(ctx, filter)
}

// inOrder asks for all records; pages of a list without an order can overlap.
func inOrder() url.Values { return url.Values{"order": {"name"}} }

// above is the names between these and the zone, which may be delegated.
func above(zone dns.Name, wanted []dns.Name) names {
	n := names{}
	for _, name := range wanted {
		for up, ok := name.Parent(); ok && up != zone && up.Within(zone); up, ok = up.Parent() {
			n[up.String()] = up
		}
	}
	return n
}

// exactly is the filter for one name.
const exactly = "name.exact"

func only(name dns.Name) url.Values { return url.Values{exactly: {name.String()}} }

// page reads page n.
func (w *walk) page(ctx context.Context, n int, filter url.Values) (p page, done bool, err *provider.Error) {
	query := maps.Clone(filter)
	query.Set("page", strconv.Itoa(n))
	query.Set("per_page", strconv.Itoa(recordPage))
	got, err := w.client.do(ctx, call{
		what: w.what(), method: http.MethodGet, path: "/zones/" + w.zone.ID + "/dns_records",
		query: query, limit: recordLimit, gone: provider.NoZone,
		result: func(d *json.Decoder) error { return p.read(d, w.which) },
	})
	if err != nil {
		return page{}, false, err
	}
	w.records = append(w.records, p.records...)
	done, odd := w.count(n, p.rows, got)
	if odd != nil {
		return page{}, false, w.odd(odd)
	}
	return p, done, nil
}

// count says whether page n was the last one, or what is wrong with it.
func (w *walk) count(n, rows int, got info) (done bool, err error) {
	w.seen += rows
	if got.Count != nil && int(*got.Count) != rows {
		return false, fmt.Errorf("page %d says that it has %d records, and has %d", n, *got.Count, rows)
	}
	total := -1
	if got.TotalCount != nil {
		total = int(*got.TotalCount)
	}
	if n > 1 && total != w.total {
		return false, fmt.Errorf("it changed while it was read: %d records, then %d", w.total, total)
	}
	w.total = total
	switch {
	case total < 0 && got.TotalPages != nil && rows == 0 && n < int(*got.TotalPages):
		return false, fmt.Errorf("page %d of %d has no records", n, *got.TotalPages)
	case total < 0 && got.TotalPages != nil:
		return n >= int(*got.TotalPages), nil
	case total < 0: // not said: only an empty page is the end
		return rows == 0, nil
	case w.seen > total, rows == 0 && w.seen < total:
		return false, fmt.Errorf("there should be %d records, and there are %d", total, w.seen)
	}
	return w.seen == total, nil
}

// unique refuses a listing that has one record twice: pages shifted while they
// were read, so that another record is missing.
func (w *walk) unique() *provider.Error {
	ids := make(map[string]bool, len(w.records))
	for i := range w.records {
		r := &w.records[i]
		ids[r.ID] = true
	}
	if len(ids) < len(w.records) {
		return w.odd(errors.New("it holds one record twice"))
	}
	return nil
}

func (w *walk) what() string { return "list the records of " + w.zone.Name.Describe() }

// odd is a listing that cannot be relied on.
func (w *walk) odd(why error) *provider.Error {
	return &provider.Error{Kind: provider.Unavailable, Err: fmt.Errorf("%s: the list is not whole: %w", w.what(), why),
		Hint: cureWhole}
}

// read takes the records of a page. It can be called again, and then starts anew.
func (p *page) read(d *json.Decoder, w which) error {
	*p = page{records: p.records[:0]}
	var r row
	return readList(d, func(d *json.Decoder) error {
		if err := r.read(d); err != nil {
			return err
		}
		p.rows++
		if kind, _ := r.Type.text(); len(kind) > 0 {
			if t, ours := typeOf(kind); ours && (t != dns.TXT || len(w.texts) > 0) {
				p.ours++
			}
		}
		rec, ok, err := r.listed(w)
		switch {
		case errors.Is(err, errNameless):
			p.nameless++
			return nil
		case ok:
			p.records = append(p.records, rec)
		}
		return err
	})
}
