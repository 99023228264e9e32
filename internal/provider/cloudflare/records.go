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
	// recordsPerPage is well below the 50,000 that a page may hold (OpenAPI of
	// 2023): Cloudflare's docs warn that big pages time out.
	recordsPerPage       = 5000
	maxRecordPages       = 500
	recordsResponseLimit = 64 << 20 // bytes of a page; 5,000 records have about 3 MB
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
	w := zoneListing{client: p.client, zone: zone, wantedRecords: wantedRecords{newNameIndex(wanted), namesBetween(zone.Name, wanted), newNameIndex(texts)}}
	w.queryableNames = newNameIndex(slices.Concat(wanted, texts))
	var err *provider.Error
	if len(w.queryableNames) == 1 {
		err = w.readNameByName(ctx)
	} else {
		err = w.readAllPages(ctx, orderedFilter())
	}
	if err == nil {
		err = w.checkUnique()
	}
	if err != nil {
		return nil, p.hintAtZoneID(zone, err)
	}
	return w.records, nil
}

// zoneListing is one listing of a zone.
type zoneListing struct {
	client *client
	zone   provider.Zone
	wantedRecords
	queryableNames nameIndex // all of these, each of which can be asked for by itself

	records  []dns.Record
	total    int // records the zone has, by what the pages say; negative: they do not
	rowsRead int
}

// recordPage is what one page said.
type recordPage struct {
	records []dns.Record
	rows    int

	relevantRows int // rows of the types that are looked at
	nameless     int // rows that may be among these, and nobody knows of which name
}

// readAllPages walks every page. They are counted against what they say the total is:
// a listing that is short is an error, never a zone with fewer records.
func (w *zoneListing) readAllPages(ctx context.Context, filter url.Values) *provider.Error {
	w.total, w.rowsRead = -1, 0
	var all recordPage
	for n := 1; n <= maxRecordPages; n++ {
		p, done, err := w.readPage(ctx, n, filter)
		if err != nil {
			return err
		}
		all.relevantRows, all.nameless = all.relevantRows+p.relevantRows, all.nameless+p.nameless
		if done {
			return w.checkNamelessRows(all, filter)
		}
		if n == 1 && len(filter) == 1 && filter.Has("order") && w.total/p.rows > len(w.queryableNames) {
			return w.readNameByName(ctx)
		}
	}
	return w.incompleteError(fmt.Errorf("it has more than %d pages", maxRecordPages))
}

// checkNamelessRows refuses a listing in which rows without a name could be wanted ones:
// where one name was asked for, and where no row of its kind has a name.
func (w *zoneListing) checkNamelessRows(all recordPage, filter url.Values) *provider.Error {
	if all.nameless > 0 && (filter.Has(exactNameParam) || all.nameless >= all.relevantRows) {
		return w.incompleteError(errNameless)
	}
	return nil
}

// readNameByName lists each name by itself, in place of what was read so far, and then
// what may be delegated above them.
func (w *zoneListing) readNameByName(ctx context.Context) *provider.Error {
	w.records = nil
	for _, name := range w.queryableNames {
		if err := w.readAllPages(ctx, nameFilter(name)); err != nil {
			return err
		}
	}
	if len(w.above) == 0 {
		return nil
	}
	filter := orderedFilter()
	filter.Set("type", string(dns.NS))
	w.wantedRecords = wantedRecords{above: w.above} // the others were read
	return w.readAllPages(ctx, filter)
}

// orderedFilter asks for all records; pages of a list without an order can overlap.
func orderedFilter() url.Values { return url.Values{"order": {"name"}} }

// namesBetween returns the names between these and the zone, which may be delegated.
func namesBetween(zone dns.Name, wanted []dns.Name) nameIndex {
	n := nameIndex{}
	for _, name := range wanted {
		for up, ok := name.Parent(); ok && up != zone && up.IsWithin(zone); up, ok = up.Parent() {
			n[up.String()] = up
		}
	}
	return n
}

// exactNameParam is the filter for one name.
const exactNameParam = "name.exact"

func nameFilter(name dns.Name) url.Values { return url.Values{exactNameParam: {name.String()}} }

// readPage reads page n.
func (w *zoneListing) readPage(ctx context.Context, n int, filter url.Values) (p recordPage, done bool, err *provider.Error) {
	query := maps.Clone(filter)
	query.Set("page", strconv.Itoa(n))
	query.Set("per_page", strconv.Itoa(recordsPerPage))
	got, err := w.client.do(ctx, call{
		what: w.describe(), method: http.MethodGet, path: "/zones/" + w.zone.ID + "/dns_records",
		query: query, limit: recordsResponseLimit, notFoundKind: provider.NoZone,
		result: func(d *json.Decoder) error { return p.decode(d, w.wantedRecords) },
	})
	if err != nil {
		return recordPage{}, false, err
	}
	w.records = append(w.records, p.records...)
	done, odd := w.checkCount(n, p.rows, got)
	if odd != nil {
		return recordPage{}, false, w.incompleteError(odd)
	}
	return p, done, nil
}

// checkCount reports whether page n was the last one; its error says what is wrong with it.
func (w *zoneListing) checkCount(n, rows int, got resultInfo) (done bool, err error) {
	w.rowsRead += rows
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
	case w.rowsRead > total, rows == 0 && w.rowsRead < total:
		return false, fmt.Errorf("there should be %d records, and there are %d", total, w.rowsRead)
	}
	return w.rowsRead == total, nil
}

// checkUnique refuses a listing that has one record twice: pages shifted while they
// were read, so that another record is missing.
func (w *zoneListing) checkUnique() *provider.Error {
	ids := make(map[string]bool, len(w.records))
	for i := range w.records {
		r := &w.records[i]
		ids[r.ID] = true
	}
	if len(ids) < len(w.records) {
		return w.incompleteError(errors.New("it holds one record twice"))
	}
	return nil
}

func (w *zoneListing) describe() string { return "list the records of " + w.zone.Name.Describe() }

// incompleteError is the error for a listing that cannot be relied on.
func (w *zoneListing) incompleteError(why error) *provider.Error {
	return &provider.Error{Kind: provider.Unavailable, Err: fmt.Errorf("%s: the list is not whole: %w", w.describe(), why),
		Hint: cureIncomplete}
}

// decode takes the records of a page. It can be called again, and then starts anew.
func (p *recordPage) decode(d *json.Decoder, w wantedRecords) error {
	*p = recordPage{records: p.records[:0]}
	var r recordRow
	return readArray(d, func(d *json.Decoder) error {
		if err := r.decode(d); err != nil {
			return err
		}
		p.rows++
		if kind, _ := r.Type.asText(); len(kind) > 0 {
			if t, ours := parseType(kind); ours && (t != dns.TXT || len(w.texts) > 0) {
				p.relevantRows++
			}
		}
		rec, ok, err := r.toListedRecord(w)
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
