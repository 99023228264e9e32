package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/homing-dns/homing/internal/web"
)

// clerk is a homing.yaml that is made up: a few settings of each form, which it
// checks as little as it can.
type clerk struct {
	sync.Mutex
	said  map[string][]string
	saved int
	house *stage
}

func (c *clerk) tag() string { return fmt.Sprintf("%q", fmt.Sprint(c.saved)) }

func (c *clerk) Editable() *web.Editable {
	c.Lock()
	defer c.Unlock()
	e := &web.Editable{Tag: c.tag(), File: "/config/homing.yaml", YAML: "schedule:\n  every: \"@every 5m\"  # /config/homing.yaml:3:10\n", Movable: true, Settings: []web.EditableRow{
		{Path: "accounts.*.provider", Form: "text", Type: "cloudflare, powerdns", Words: []string{"cloudflare", "powerdns"}, Doc: "The DNS host of the account."},
		{Path: "accounts.*.token", Form: "text", Type: "token", Secret: true, Doc: "The token; it may edit zones."},
		{Path: "accounts.*.base_url", Form: "text", Type: "URL", Doc: "Where PowerDNS's API is.", Hosts: []string{"powerdns"}, Locked: "it says where the API of a DNS host is"},
		{Path: "records.*.name", Form: "text", Type: "name", Doc: "The name to keep pointing home."},
		{Path: "records.*.types", Form: "list", Type: "A, AAAA, TXT", Words: []string{"A", "AAAA", "TXT"}, Doc: "The types of its records; without it A and AAAA."},
		{Path: "records.*.ttl", Form: "number", Type: "seconds", Default: "1", Doc: "The TTL of new records."},
		{Path: "schedule.every", Form: "text", Type: "schedule", Default: "@every 5m", Doc: "When to look."},
		{Path: "schedule.on_start", Form: "boolean", Type: "true or false", Default: "true", Doc: "Whether the first round is made at once."},
		{Path: "notify.shoutrrr", Form: "list", Type: "URLs, one a line", Secret: true, Doc: "Services that are told."},
		{Path: "notify.events", Form: "list", Type: "changed, failed, recovered", Words: []string{"changed", "failed", "recovered"}, Doc: "What the services and the webhook are told of; without it everything."},
		{Path: "notify.exec", Form: "text", Type: "command", Doc: "A command that is run.", Locked: "it runs a program"},
		{Path: "log.level", Form: "text", Type: "word", Words: []string{"debug", "info"}, Default: "info", Doc: "How much the log says."},
	}, Said: []web.EditableSaid{{Path: "accounts.default.token", Secret: true}, {Path: "log.level", Items: []string{"info"}, Locked: "it is set by HOMING_LOG_LEVEL"}}}
	for _, path := range slices.Sorted(maps.Keys(c.said)) {
		e.Said = append(e.Said, web.EditableSaid{Path: path, Items: c.said[path]})
	}
	return e
}

func (c *clerk) Propose(_ context.Context, p web.Proposal) web.Verdict {
	c.Lock()
	defer c.Unlock()
	v := web.Verdict{Tag: c.tag(), Conflict: p.Tag != c.tag()}
	if v.Conflict {
		v.Problems = []web.EditProblem{{Reason: "/config/homing.yaml was changed meanwhile", Hint: "load it anew and make the change again"}}
		return v
	}
	if p.Move {
		v.Diff, v.Variables = []web.DiffLine{{Added: true, Text: "log: {level: info}"}}, []string{"HOMING_LOG_LEVEL"}
	}
	said := maps.Clone(c.said)
	for _, change := range p.Changes {
		if text := strings.Join(change.Items, " "); strings.HasSuffix(change.Path, ".every") && !strings.HasPrefix(text, "@every") {
			v.Problems = append(v.Problems, web.EditProblem{Path: change.Path, Reason: "cron wants 5 fields and this has 1", Hint: "write \"@every 5m\""})
		}
		if change.Remove {
			maps.DeleteFunc(said, func(path string, _ []string) bool {
				return path == change.Path || strings.HasPrefix(path, change.Path+".")
			})
			v.Diff = append(v.Diff, web.DiffLine{Text: change.Path + ":"})
			continue
		}
		said[change.Path] = change.Items
		v.Diff = append(v.Diff, web.DiffLine{Added: true, Text: change.Path + ": …"})
	}
	if len(v.Problems) > 0 {
		v.Diff = nil
		return v
	}
	if p.Save {
		c.said, v.Saved = said, true
		c.saved++
		v.Tag = c.tag()
		return v
	}
	c.house.mu.Lock()
	defer c.house.mu.Unlock()
	plan := c.house.house.Plan()
	v.Plan = &plan
	return v
}
