package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

const (
	listResponseLimit = 4 << 20 // bytes of an answer; 1,000 lists or 500 items with long texts
	maxListPages      = 100
)

// apiList is a list as the API gives it.
type apiList struct {
	ID   string
	Name string
	Kind string
	Size lenientInt
}

func (w *ipList) listsPath(below string) string {
	return "/accounts/" + w.wanted.Account + "/rules/lists" + below
}

// decodeList takes a list. What cannot be read of it counts as not said: it may
// be anybody's.
func decodeList(d *json.Decoder) (apiList, error) {
	var raw struct {
		ID   rawValue `json:"id"`
		Name rawValue `json:"name"`
		Kind rawValue `json:"kind"`
		Size rawValue `json:"num_items"`
	}
	if err := d.Decode(&raw); err != nil && !isTypeMismatch(err) {
		return apiList{}, err
	}
	r := apiList{ID: raw.ID.String(), Name: raw.Name.String(), Kind: raw.Kind.String()}
	_ = json.Unmarshal(raw.Size, &r.Size)
	return r, nil
}

// findID returns the id of the list, and empty where there is none. Where a list has the
// wanted name for its id, as the dashboard's address shows it, and none has it for
// its name, that is the one. The lists of an
// account come on one page (Cloudflare's SDK, 2026-01); where more are spoken of
// they are read too, because a list that is only not seen must not be made anew.
func (w *ipList) findID(ctx context.Context) (string, *provider.Error) {
	named, meant := map[string]apiList{}, map[string]apiList{}
	query := url.Values{}
	for page, seen := 1, 0; page <= maxListPages; page++ {
		var rows []apiList
		got, err := w.p.client.do(ctx, call{
			what: "look for the list " + w.wanted.Name, method: http.MethodGet, path: w.listsPath(""), query: query,
			isListCall: true, notFoundKind: provider.Rejected, limit: listResponseLimit,
			result: func(d *json.Decoder) error {
				rows = nil
				return readArray(d, func(d *json.Decoder) error {
					r, err := decodeList(d)
					rows = append(rows, r)
					return err
				})
			},
		})
		switch {
		case err != nil:
			return "", err
		case got.parseErr != nil:
			return "", w.incompleteError(got.parseErr)
		}
		for _, r := range rows {
			switch w.wanted.Name {
			case r.Name:
				named[r.ID] = r
			case r.ID:
				meant[r.ID] = r
			}
		}
		seen += len(rows)
		switch {
		case len(rows) == 0 && got.TotalCount != nil && int(*got.TotalCount) > seen:
			return "", w.incompleteError(fmt.Errorf("the account should have %d lists, and %d came", *got.TotalCount, seen))
		case got.Cursors.After != "":
			query.Set("cursor", got.Cursors.After)
		case got.TotalPages != nil && int(*got.TotalPages) > page, got.TotalCount != nil && int(*got.TotalCount) > seen:
			query.Set("page", strconv.Itoa(page+1))
		default:
			if len(named) == 0 {
				named = meant
			}
			return w.pickIPList(named)
		}
	}
	return "", w.incompleteError(fmt.Errorf("the account has more than %d pages of lists", maxListPages))
}

// pickIPList returns the one IP list among those of its name.
func (w *ipList) pickIPList(named map[string]apiList) (id string, err *provider.Error) {
	refuse := func(why string, hint text.Hint) *provider.Error {
		return &provider.Error{Kind: provider.Rejected, Err: fmt.Errorf("look for the list %s: %s", w.wanted.Name, why), Hint: hint}
	}
	other := ""
	for _, r := range named {
		switch {
		case r.Kind != "ip":
			other = r.Kind
		case !isValidID(r.ID):
			return "", w.incompleteError(fmt.Errorf("%.40q is no list id", r.ID))
		case id != "":
			return "", refuse("there are two of this name", "delete one of them, or rename it")
		default:
			id, w.size = r.ID, int(r.Size)
		}
	}
	if id == "" && other != "" {
		return "", refuse(fmt.Sprintf("there is one, but it is for %.20q and not for addresses", other), "give the list another name")
	}
	return id, nil
}

// create makes the list, unless its name is an id: whoever wrote that meant a list
// that is there.
func (w *ipList) create(ctx context.Context) *provider.Error {
	if matchesPattern(`^[0-9a-f]{32}$`, w.wanted.Name) {
		return &provider.Error{Kind: provider.Rejected, Err: fmt.Errorf("look for the list %s: no list of the account has this id", w.wanted.Name),
			Hint: "write the name of the list, or the id that the address of its page in the dashboard ends in"}
	}
	var made apiList
	_, err := w.p.client.do(ctx, call{
		what: "make the list " + w.wanted.Name, method: http.MethodPost, path: w.listsPath(""), isListCall: true, notFoundKind: provider.Rejected,
		body: struct {
			Name        string `json:"name"`
			Kind        string `json:"kind"`
			Description string `json:"description,omitempty"`
		}{w.wanted.Name, "ip", w.wanted.Description},
		result: func(d *json.Decoder) error {
			var err error
			if made, err = decodeList(d); err != nil {
				return err
			}
			if !isValidID(made.ID) {
				return errors.New("it has no id")
			}
			return nil
		},
	})
	if err != nil && err.Kind == provider.Rejected {
		if id, _ := w.findID(ctx); id != "" {
			err.Kind, err.Hint = provider.Stale, cureReread
		}
	}
	w.id = made.ID
	return err
}

// incompleteError is the error for a list that cannot be relied on as it came.
func (w *ipList) incompleteError(why error) *provider.Error {
	return &provider.Error{Kind: provider.Unavailable, Err: fmt.Errorf("read the list %s: it is not whole: %w", w.wanted.Name, why),
		Hint: cureIncomplete}
}
