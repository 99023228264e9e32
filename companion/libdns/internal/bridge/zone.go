package bridge

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/libdns/libdns"
)

// key is a name, without a dot at its end, and a type.
type key struct{ name, kind string }

// value is one record of a set: what a library calls its data, and its TTL.
type value struct {
	data string
	ttl  int
}

func (a value) compare(b value) int { return cmp.Or(cmp.Compare(a.data, b.data), a.ttl-b.ttl) }

// list is every record of a zone that homing may ask for.
func (h *Host) list(ctx context.Context, zone string) (map[key][]value, *Failure) {
	what := "read the zone " + zone
	var all []libdns.Record
	err := h.call(ctx, func(ctx context.Context) (err error) { all, err = h.Client.GetRecords(ctx, zone+"."); return err })
	if status, _ := h.Wire.fault(); err == nil && len(all) == 0 && status != 0 {
		err = fmt.Errorf("the library says that nothing is there, and was answered with status %d", status)
	}
	if err != nil {
		return nil, h.failure(ctx, what, err, false)
	}
	held := make(map[key][]value)
	for _, r := range all {
		if r == nil {
			return nil, &Failure{Kind: unavailable, Reason: what + ": the library gives a record that is none"}
		}
		rr := r.RR()
		k := key{plainName(libdns.AbsoluteName(rr.Name, zone+".")), strings.ToUpper(rr.Type)}
		v, err := h.valueOf(k, rr, zone)
		if err != nil {
			return nil, &Failure{Kind: unavailable, Reason: h.clean(fmt.Sprintf("%s: %v", what, err))}
		}
		held[k] = append(held[k], v)
	}
	if h.Full && len(held[key{zone, "NS"}]) == 0 {
		return nil, &Failure{Kind: unavailable, Reason: what + ": it reads without its own NS records, so that is not believed"}
	}
	for _, values := range held {
		slices.SortFunc(values, value.compare)
	}
	return held, nil
}

// valueOf is a record as it is compared.
func (h *Host) valueOf(k key, rr libdns.RR, zone string) (value, error) {
	v := value{rr.Data, int(rr.TTL / time.Second)}
	if h.MaxTTL == 1 || v.ttl <= 1 { // it has none of its own
		v.ttl = 0
	}
	switch k.kind {
	case "A", "AAAA":
		ip, err := netip.ParseAddr(rr.Data)
		if err != nil || ip.Is4() != (k.kind == "A") {
			return v, fmt.Errorf("%s %s holds no address of its type: %q", k.kind, k.name, rr.Data)
		}
		v.data = ip.String()
	case "CNAME", "NS":
		switch {
		case rr.Data == "":
			return v, fmt.Errorf("%s %s points nowhere", k.kind, k.name)
		case rr.Data == "@":
			v.data = zone
		}
		v.data = plainName(v.data) + "."
	}
	return v, nil
}

// records are those at names, TXT records at others, and every NS record.
func (h *Host) records(ctx context.Context, q request) ([]record, *Failure) {
	held, f := h.list(ctx, q.Zone.Name)
	if f != nil {
		return nil, f
	}
	all := []record{}
	for k, values := range held {
		switch k.kind {
		case "A", "AAAA", "CNAME":
			if !slices.Contains(q.Names, k.name) {
				continue
			}
		case "NS":
			if k.name != q.Zone.Name && !strings.HasSuffix(k.name, "."+q.Zone.Name) {
				continue
			}
		case "TXT":
			if !h.TXT || !slices.Contains(q.Texts, k.name) {
				continue
			}
		default:
			continue
		}
		for _, v := range values {
			all = append(all, record{k.name, k.kind, contentOf(k.kind, v.data), v.ttl})
		}
	}
	slices.SortFunc(all, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Content, b.Content))
	})
	return all, nil
}

// contentOf is data as a zone file has it, and dataOf the other way round.
func contentOf(kind, data string) string {
	if kind == "TXT" {
		return Quote(data)
	}
	return data
}

func dataOf(kind, content string) (string, error) {
	if kind == "TXT" {
		return Unquote(content)
	}
	return content, nil
}
