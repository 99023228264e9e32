package status

import (
	"encoding/json"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

func name(t *testing.T, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func codes() []Code {
	return []Code{AddressUnknown, AddressDoubted, AddressDamped, BehindCGNAT, AccountAdvice, TellingFailed, ZonesUnread, ZoneFailed, ZoneWarning,
		NameUnplaced, ChangeFailed, Rival, ListFailed, NameBlocked, HostIDUnfit, RecordMissing, SettingAdapted, RecordUntouched, Stopped, LeftBehind}
}

func TestARoundThatWasNotMadeClaimsNothing(t *testing.T) {
	if got := new(Round).Outcome(); got != NotDone {
		t.Errorf("the zero round is %v", got)
	}
}

func TestARoundFailedExactlyWhenAConditionOfItIsAFailure(t *testing.T) {
	done := Done{Change: plan.Change{Action: plan.ToCreate}}
	for _, c := range codes() {
		r := Round{Started: time.Now(), Zones: []Zone{{Done: []Done{done}}}, Conditions: []Condition{{Code: c}}}
		want := Changed
		if c.Failure() {
			want = Failed
		}
		if got := r.Outcome(); got != want {
			t.Errorf("with %s it is %v, want %v", c, got, want)
		}
	}
	if got := (&Round{Started: time.Now()}).Outcome(); got != Unchanged {
		t.Errorf("a round in which nothing happened is %v", got)
	}
}

func TestRightCountsWhatStandsAndIsConfirmedOfRecordsAndLists(t *testing.T) {
	r := Round{Zones: []Zone{{Plan: plan.Plan{Kept: 3}, Done: []Done{
		{Change: plan.Change{Action: plan.ToCreate}},
		{Change: plan.Change{Action: plan.ToUpdate}, Err: errors.New("no")},
		{Change: plan.Change{Action: plan.ToDelete}},
	}}}, Lists: []List{{Plan: plan.ListPlan{Kept: 1, Changes: make([]plan.ListChange, 3)}, Done: []ListDone{
		{ListChange: plan.ListChange{Action: plan.ToCreate}},
		{ListChange: plan.ListChange{Action: plan.ToCreate}, Err: errors.New("no")},
		{ListChange: plan.ListChange{Action: plan.ToDelete}},
	}}}}
	if got := r.Right(); got != 6 {
		t.Errorf("%d records and items are right, want 4 kept and 2 created", got)
	}
	if done, failed := r.Count(); done != 4 || failed != 2 || r.Pending() != 3 {
		t.Errorf("%d done, %d failed, %d planned", done, failed, r.Pending())
	}
	if r.Started = time.Now(); r.Outcome() != Changed {
		t.Errorf("it is %v", r.Outcome())
	}
}

func TestTheJSONOfARoundIsWhatScriptsRead(t *testing.T) {
	a := addr.Known(netip.MustParsePrefix("84.1.2.3/32")).With(addr.Vote{
		Voter: addr.Voter{Source: "cloudflare.trace", Operator: "cloudflare.com", Route: "api.cloudflare.com"},
		Said:  addr.Known(netip.MustParsePrefix("84.1.2.3/32")), Took: 20 * time.Millisecond})
	record := dns.Record{Name: name(t, "home.example.org"), Type: dns.A, Addr: netip.MustParseAddr("84.1.2.3"), TTL: 1}
	create := plan.Change{Action: plan.ToCreate, New: record, Reason: "no record yet"}
	add := plan.ListChange{Action: plan.ToCreate, Item: plan.ListItem{Prefix: netip.MustParsePrefix("84.1.2.3/32")}, Reason: "not in the list yet"}
	r := Round{Number: 2, Started: time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC), Took: 250 * time.Millisecond, Calls: 3,
		Next: time.Date(2026, 11, 21, 1, 7, 3, 0, time.UTC),
		Seen: plan.Seen{plan.Here(addr.IPv4): a, plan.Here(addr.IPv6): addr.Unknown(errors.New("the line is down"))},
		Zones: []Zone{{Name: name(t, "example.org"), Plan: plan.Plan{Sets: []plan.Set{{Changes: []plan.Change{create}}}},
			Done: []Done{{Change: create, Err: errors.New("the quota is used up"), Hint: "delete one"}}}},
		Lists: []List{{Name: "home", Plan: plan.ListPlan{List: plan.List{Account: "0a1b", Name: "home"}, Changes: []plan.ListChange{add}},
			Done: []ListDone{{ListChange: add}}}},
		Conditions: []Condition{{Code: ChangeFailed, Subject: "A home.example.org", Text: "the quota is used up", Hint: "delete one"}},
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "schema": 1,
  "round": 2,
  "outcome": "failed",
  "dry": false,
  "started": "2026-11-21T01:02:03Z",
  "took_ms": 250,
  "calls": 3,
  "next": "2026-11-21T01:07:03Z",
  "families": [
    {
      "family": "IPv4",
      "known": true,
      "addresses": [
        "84.1.2.3"
      ],
      "votes": [
        {
          "source": "cloudflare.trace",
          "operator": "cloudflare.com",
          "way": "api.cloudflare.com",
          "known": true,
          "agrees": true,
          "addresses": [
            "84.1.2.3"
          ],
          "took_ms": 20
        }
      ]
    },
    {
      "family": "IPv6",
      "known": false,
      "addresses": [],
      "why": "the line is down",
      "votes": []
    }
  ],
  "zones": [
    {
      "zone": "example.org",
      "plan": {
        "changes": [
          {
            "action": "create",
            "name": "home.example.org",
            "type": "A",
            "new": {
              "content": "84.1.2.3",
              "proxied": false,
              "ttl": 1
            },
            "reason": "no record yet"
          }
        ],
        "notes": [],
        "kept": 0
      },
      "done": [
        {
          "change": {
            "action": "create",
            "name": "home.example.org",
            "type": "A",
            "new": {
              "content": "84.1.2.3",
              "proxied": false,
              "ttl": 1
            },
            "reason": "no record yet"
          },
          "ok": false,
          "error": "the quota is used up",
          "hint": "delete one"
        }
      ]
    }
  ],
  "lists": [
    {
      "list": "home",
      "plan": {
        "account": "0a1b",
        "list": "home",
        "changes": [
          {
            "action": "create",
            "prefix": "84.1.2.3/32",
            "reason": "not in the list yet"
          }
        ],
        "notes": [],
        "kept": 0
      },
      "done": [
        {
          "change": {
            "action": "create",
            "prefix": "84.1.2.3/32",
            "reason": "not in the list yet"
          },
          "ok": true
        }
      ]
    }
  ],
  "conditions": [
    {
      "code": "change-failed",
      "failure": true,
      "cause": "change-failed",
      "subject": "A home.example.org",
      "text": "the quota is used up",
      "hint": "delete one"
    }
  ]
}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Error(diff)
	}
}

func TestADryRoundThatWouldChangeSomethingIsPending(t *testing.T) {
	r := Round{Started: time.Now(), Dry: true, Zones: []Zone{{Plan: plan.Plan{Sets: []plan.Set{{Changes: []plan.Change{{Action: plan.ToCreate}}}}}}}}
	if r.Outcome() != Pending || r.Outcome().String() != "pending" {
		t.Errorf("it is %v", r.Outcome())
	}
	r.Conditions = []Condition{{Code: ZoneFailed}}
	if r.Outcome() != Failed {
		t.Errorf("with a failure it is %v", r.Outcome())
	}
	if r := (Round{Started: time.Now(), Dry: true}); r.Outcome() != Unchanged {
		t.Errorf("without a change it is %v", r.Outcome())
	}
}
