package sim

import (
	"net/http"
	"strings"
)

// The routes a test may name, in matchers and in Call.Route.
const (
	VerifyToken  = "GET /user/tokens/verify"
	ListZones    = "GET /zones"
	GetZone      = "GET /zones/{zone}"
	ListRecords  = "GET /zones/{zone}/dns_records"
	CreateRecord = "POST /zones/{zone}/dns_records"
	Batch        = "POST /zones/{zone}/dns_records/batch"
	GetRecord    = "GET /zones/{zone}/dns_records/{record}"
	PutRecord    = "PUT /zones/{zone}/dns_records/{record}"
	PatchRecord  = "PATCH /zones/{zone}/dns_records/{record}"
	DeleteRecord = "DELETE /zones/{zone}/dns_records/{record}"

	ListLists    = "GET /accounts/{account}/rules/lists"
	CreateList   = "POST /accounts/{account}/rules/lists"
	ListItems    = "GET /accounts/{account}/rules/lists/{list}/items"
	AddItems     = "POST /accounts/{account}/rules/lists/{list}/items"
	RemoveItems  = "DELETE /accounts/{account}/rules/lists/{list}/items"
	GetOperation = "GET /accounts/{account}/rules/lists/bulk_operations/{operation}"
)

type route struct {
	name   string
	handle func(*Cloudflare, *request) (reply, *refusal)
}

func routes() [16]route {
	return [16]route{
		{VerifyToken, (*Cloudflare).verifyToken},
		{ListZones, (*Cloudflare).listZones},
		{GetZone, (*Cloudflare).getZone},
		{ListRecords, (*Cloudflare).listRecords},
		{CreateRecord, (*Cloudflare).writeRecord},
		{Batch, (*Cloudflare).handleBatch},
		{GetRecord, (*Cloudflare).getRecord},
		{PutRecord, (*Cloudflare).writeRecord},
		{PatchRecord, (*Cloudflare).writeRecord},
		{DeleteRecord, (*Cloudflare).writeRecord},
		{ListLists, (*Cloudflare).listLists},
		{CreateList, (*Cloudflare).createList},
		{ListItems, (*Cloudflare).listItems},
		{AddItems, (*Cloudflare).addItems},
		{RemoveItems, (*Cloudflare).removeItems},
		{GetOperation, (*Cloudflare).getOperation},
	}
}

const prefix = "/client/v4"

// findRoute returns the route of a call, and what stands at its placeholders; the
// zero route where there is none. It does not clean paths as http.ServeMux
// does: an empty id is the client's mistake and should be seen as one.
func findRoute(method, path string) (route, map[string]string) {
	path, ok := strings.CutPrefix(path, prefix)
	if !ok {
		return route{}, nil
	}
	got := strings.Split(path, "/")
	for _, r := range routes() {
		m, pattern, _ := strings.Cut(r.name, " ")
		if args, ok := matchPath(strings.Split(pattern, "/"), got); ok && m == method {
			return r, args
		}
	}
	return route{}, nil
}

func matchPath(pattern, path []string) (map[string]string, bool) {
	if len(pattern) != len(path) {
		return nil, false
	}
	args := map[string]string{}
	for i, p := range pattern {
		if strings.HasPrefix(p, "{") {
			args[strings.Trim(p, "{}")] = path[i]
		} else if p != path[i] {
			return nil, false
		}
	}
	return args, true
}

// invalidIDRefusal refuses an id that cannot be one (reference, section 9; the status
// is believed).
func invalidIDRefusal(path string) *refusal {
	return newRefusal(http.StatusNotFound, 7003, "Could not route to "+strings.TrimPrefix(path, prefix)+
		", perhaps your object identifier is invalid?")
}
