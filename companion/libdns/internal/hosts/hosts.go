// Package hosts is the table of DNS hosts: the library of each, its credentials, and
// what it does in the name of libdns. What stands here of a library was read in its
// code, in the version that go.mod names, and is held to it by the tests.
package hosts

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/libdns/cloudns"
	"github.com/libdns/godaddy"
	"github.com/libdns/ionos"
	"github.com/libdns/libdns"
	"github.com/libdns/namesilo"
	"github.com/libdns/netcup"
	"github.com/libdns/ovh"

	"github.com/homing-dns/homing/companion/libdns/internal/bridge"
)

const (
	hour = 3600
	day  = 24 * hour
	week = 7 * day
)

// Variable is one of the environment.
type Variable struct {
	Name     string
	Optional bool
	Open     bool // may be shown
}

// Row is a DNS host.
type Row struct {
	Word      string
	Variables []Variable
	bridge.Host
	make  func(get func(string) string) bridge.Client
	check func(body []byte) error // of answers; see bridge.Wire
}

// Table is all there are. A new one each time, as Open fills it in.
func Table() []Row {
	return []Row{
		{
			Word:      "cloudns",
			Variables: []Variable{{Name: "CLOUDNS_AUTH_ID", Optional: true, Open: true}, {Name: "CLOUDNS_SUB_AUTH_ID", Optional: true, Open: true}, {Name: "CLOUDNS_SUB_AUTH_USER", Optional: true, Open: true}, {Name: "CLOUDNS_AUTH_PASSWORD"}},
			Host: bridge.Host{Name: "ClouDNS", MinTTL: 60, MaxTTL: 30 * day, AutoTTL: 300, TXT: true, Full: true, Lower: bridge.Sets,
				TTLs: []int{60, 300, 900, 1800, hour, 6 * hour, 12 * hour, day, 2 * day, 3 * day, week, 2 * week, 30 * day}},
			make: func(get func(string) string) bridge.Client {
				return &cloudns.Provider{AuthId: get("CLOUDNS_AUTH_ID"), SubAuthId: get("CLOUDNS_SUB_AUTH_ID"), SubAuthUser: get("CLOUDNS_SUB_AUTH_USER"), AuthPassword: get("CLOUDNS_AUTH_PASSWORD"),
					OperationRetries: 1} // homing knows when to ask again
			},
		},
		{
			Word:      "godaddy", // a PUT of a set with one record, and the deletion of a set
			Variables: []Variable{{Name: "GODADDY_API_TOKEN"}},
			Host:      bridge.Host{Name: "GoDaddy", MinTTL: 600, MaxTTL: week, AutoTTL: 600, Values: 1, TXT: true, Full: true, Lower: bridge.Whole},
			make: func(get func(string) string) bridge.Client {
				return &godaddy.Provider{APIToken: get("GODADDY_API_TOKEN")}
			},
		},
		{
			Word:      "ionos", // deletes by name and type; its TXT records cannot be told apart
			Variables: []Variable{{Name: "IONOS_AUTH_API_TOKEN"}},
			Host:      bridge.Host{Name: "IONOS", MinTTL: 60, MaxTTL: week, AutoTTL: hour, Full: true, Lower: bridge.WholeOrAdd},
			make: func(get func(string) string) bridge.Client {
				return &ionos.Provider{AuthAPIToken: get("IONOS_AUTH_API_TOKEN")}
			},
		},
		{
			Word:      "namesilo", // its NS records are not among those of a zone
			Variables: []Variable{{Name: "NAMESILO_API_TOKEN"}},
			Host:      bridge.Host{Name: "NameSilo", MinTTL: hour, MaxTTL: 30 * day, AutoTTL: hour, TXT: true, Lower: bridge.Records},
			make: func(get func(string) string) bridge.Client {
				return &namesilo.Provider{APIToken: get("NAMESILO_API_TOKEN")}
			},
		},
		{
			Word:      "netcup", // one TTL for a zone; takes the first record of a name and type for any
			Variables: []Variable{{Name: "NETCUP_CUSTOMER_NUMBER", Open: true}, {Name: "NETCUP_API_KEY"}, {Name: "NETCUP_API_PASSWORD"}},
			Host:      bridge.Host{Name: "netcup", MinTTL: 1, MaxTTL: 1, Values: 1, TXT: true, Lower: bridge.First},
			make: func(get func(string) string) bridge.Client {
				return &netcup.Provider{CustomerNumber: get("NETCUP_CUSTOMER_NUMBER"), APIKey: get("NETCUP_API_KEY"), APIPassword: get("NETCUP_API_PASSWORD")}
			},
			check: listsRecords,
		},
		{
			Word:      "ovh", // takes two TTLs for the same; drops the quotes in a TXT record
			Variables: []Variable{{Name: "OVH_ENDPOINT", Open: true}, {Name: "OVH_APPLICATION_KEY"}, {Name: "OVH_APPLICATION_SECRET"}, {Name: "OVH_CONSUMER_KEY"}},
			Host:      bridge.Host{Name: "OVH", MinTTL: 60, MaxTTL: 30 * day, AutoTTL: hour, Full: true, Lower: bridge.SetsButTTL},
			make: func(get func(string) string) bridge.Client {
				return &ovh.Provider{Endpoint: get("OVH_ENDPOINT"), ApplicationKey: get("OVH_APPLICATION_KEY"), ApplicationSecret: get("OVH_APPLICATION_SECRET"), ConsumerKey: get("OVH_CONSUMER_KEY")}
			},
		},
	}
}

// listsRecords refuses an answer of netcup to infoDnsRecords that has no list: the
// library would read it as a zone without records.
func listsRecords(body []byte) error {
	var a struct {
		Action, Status string
		ResponseData   struct {
			DNSRecords *[]json.RawMessage `json:"dnsrecords"`
		}
	}
	_ = json.Unmarshal(body, &a) // other answers have other data
	if a.Action == "infoDnsRecords" && a.Status == "success" && a.ResponseData.DNSRecords == nil {
		return errors.New("the answer has no list of records")
	}
	return nil
}

// Open is the host of a word, with the zones that were named. Limit is for one request.
func Open(word string, zones []string, get func(string) string, wire *bridge.Wire, limit time.Duration) (*bridge.Host, *bridge.Failure) {
	table := Table()
	i := slices.IndexFunc(table, func(r Row) bool { return r.Word == word })
	if i < 0 {
		var words []string
		for _, r := range table {
			words = append(words, r.Word)
		}
		return nil, &bridge.Failure{Kind: "auth", Reason: fmt.Sprintf("%q is no DNS host of this program", word), Hint: "write one of these as its first argument: " + strings.Join(words, ", ")}
	}
	r := &table[i]
	for _, v := range r.Variables {
		value := get(v.Name)
		if value == "" && !v.Optional {
			return nil, &bridge.Failure{Kind: "auth", Reason: v.Name + " is not set", Hint: "write " + v.Name + "=… into the account's env_file"}
		}
		if value != "" && !v.Open {
			r.Hide = append(r.Hide, value)
		}
	}
	for _, z := range zones {
		r.Zones = append(r.Zones, strings.ToLower(strings.TrimSuffix(z, ".")))
	}
	wire.Check = r.check
	r.Client, r.Wire, r.Limit, r.Pause = r.make(get), wire, limit, time.Second
	if _, lists := r.Client.(libdns.ZoneLister); !lists && len(r.Zones) == 0 {
		return nil, &bridge.Failure{Kind: "no zone", Reason: "the library for " + r.Name + " cannot list zones, and none is named", Hint: "name them in the command: homing-libdns " + word + " example.org"}
	}
	if word == "cloudns" && get("CLOUDNS_AUTH_ID")+get("CLOUDNS_SUB_AUTH_ID")+get("CLOUDNS_SUB_AUTH_USER") == "" {
		return nil, &bridge.Failure{Kind: "auth", Reason: "CLOUDNS_AUTH_ID is not set", Hint: "write CLOUDNS_AUTH_ID=… into the account's env_file, or CLOUDNS_SUB_AUTH_ID or CLOUDNS_SUB_AUTH_USER"}
	}
	return &r.Host, nil
}
