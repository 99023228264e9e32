package plan

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the plans in testdata")

// TestPlans holds each file of testdata against what Diff plans. A file has
//
//	-- spec --      zone NAME [limits] [proxied-only]; owner REGEX; owner-id ID; NAME TYPES [attributes] [settings]
//	-- observed --  IPv4 ADDRESSES or PREFIXES | clear | unknown; a family that is absent is out of scope
//	-- memory --    IPv4 ADDRESSES, newest first; wrote TYPE NAME ADDRESS; may be missing
//	-- current --   ID TYPE NAME CONTENT [attributes] [read-only] [feature="…"]
//	-- plan --      what Diff plans, in words
//
// where attributes are: proxied ttl=N comment="…" tags=a:1,b:2, settings:
// enforce=FIELDS create=never leftovers=keep hosts=ID,ID content="…" and limits:
// ttl=MIN-MAX auto-ttl=N values=N comment=N|none tags=N|none no-proxy one-ttl
// one-mark no-create no-txt. An optional json file is the plan as JSON.
func TestPlans(t *testing.T) {
	eachFile(t, "testdata/*.txtar", 30, func(t *testing.T, archive *txtar.Archive) (words string, plan json.Marshaler) {
		c := parseCase(t, archive)
		p := Diff(c.zone, Targets(c.spec, c.seen, c.memory), c.current, c.spec.Owns)
		h := &host{zone: c.zone, records: c.current}
		for _, change := range p.Changes() {
			if err := h.carryOut(change); err != nil {
				t.Fatalf("%s: %v", change.Words(), err)
			}
		}
		if again := Diff(c.zone, Targets(c.spec, c.seen, c.memory), h.records, c.spec.Owns); len(again.Sets) > 0 {
			t.Errorf("a second round would still change:\n%s", again.Words())
		}
		return p.Words() + fmt.Sprintf("\nkept %d\n", p.Kept), p
	})
}

// TestListPlans does the same for IP lists, in testdata/lists:
//
//	-- spec --      list NAME [comment="…"]; owner REGEX
//	-- observed --  as above
//	-- current --   ID PREFIX [comment="…"]
//	-- plan --      what DiffList plans, in words
func TestListPlans(t *testing.T) {
	eachFile(t, "testdata/lists/*.txtar", 15, func(t *testing.T, archive *txtar.Archive) (words string, plan json.Marshaler) {
		c := parseCase(t, archive)
		p := DiffList(c.spec.Lists[0], listLimits(), c.seen, Memory{}, c.items, c.spec.OwnsItem)
		h := &listHost{items: c.items}
		for _, change := range p.Changes {
			if err := h.carryOut(change); err != nil {
				t.Fatalf("%+v: %v", change, err)
			}
		}
		if again := DiffList(c.spec.Lists[0], listLimits(), c.seen, Memory{}, h.items, c.spec.OwnsItem); len(again.Changes) > 0 {
			t.Errorf("a second round would still change:\n%s", again.Words())
		}
		return p.Words() + fmt.Sprintf("\nkept %d\n", p.Kept), p
	})
}

// eachFile compares the plan and the JSON of each file with what solve makes
// of it, or rewrites them.
func eachFile(t *testing.T, pattern string, least int, solve func(*testing.T, *txtar.Archive) (string, json.Marshaler)) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < least {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			words, plan := solve(t, archive)
			compare(t, archive, strings.TrimPrefix(words, "\n"), plan)
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func compare(t *testing.T, archive *txtar.Archive, words string, plan json.Marshaler) {
	for i, f := range archive.Files {
		got := words
		switch f.Name {
		case "plan":
		case "json":
			b, err := json.Marshal(plan)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b) + "\n"
		default:
			continue
		}
		if *update {
			archive.Files[i].Data = []byte(got)
		} else if string(f.Data) != got {
			t.Errorf("the %s is\n%s\nwant\n%s", f.Name, got, f.Data)
		}
	}
}
