package main

// mutant is a deliberate fault in a product file: old stands there exactly once
// and is replaced, in a copy that the compiler is given in the file's place.
type mutant struct {
	what     string // what homing does then
	report   string // the point of the reports that it brings back; empty: none
	file     string // below internal
	old, new string
}

// mutants are the faults that the year has to find, each within foundWithin seeds.
func mutants() []mutant {
	return []mutant{
		{"keeps leftovers and changes any of them", "1.1, severity 1", "plan/choose.go",
			"m := min(n, s.certain(stale, n))", "m := min(n, len(stale))\n\tslices.Reverse(stale)"},
		{"cleans up what others left, too", "1.2, severity 1", "plan/steps.go",
			"rest = s.leaveUnwritten(rest)", "_ = s.leaveUnwritten"},
		{"lets the record without a proxy live on", "1.3, severity 2", "plan/choose.go",
			"rank = rank<<1 + rise(!r.Proxied)", "rank = rank<<1 + rise(r.Proxied)"},
		{"enforces what is to be kept", "1.4, severity 2", "plan/steps.go",
			"case s.Enforce.Has(TTL), r.Proxied:", "case true:"},
		{"lets one name that is refused hold up its zone", "2.1, severity 2", "engine/zone.go",
			"isolate := try >= staleMost || slices.EqualFunc(sets, before, sameSet)", "isolate := false && slices.EqualFunc(sets, before, sameSet)"},
		{"withholds a new address from a name that is fought over", "2.2, severity 2", "engine/zone.go",
			"!r.over(now) && r.seen.Same(seen.Only(s.Needs))", "!r.over(now)"},
		{"takes an address out of a file that is being written", "6.1, severity 1", "detect/file.go",
			"return age >= restTime && r.ended()", "return true"},
		{"empties a file that is no history", "7.4, severity 1", "status/history_file.go",
			"return to, os.Rename(path, to)", "return to, os.Remove(path)"},
		{"crashes where a late family meets a stale view", "found by the year", "engine/zone.go",
			"&& z.failure == nil && z.load(ctx, t.most) {", "&& z.failure == nil {"},
		{"lets a stale way keep an address out that returns", "found by the year", "addr/lines.go",
			"if v.Said.Same(published) && v.Way != l.alone {", "if v.Said.Same(published) {"},
		{"calls before the host wants it, to look through the zones", "found by the year", "engine/place.go",
			"a.pause = a.pause.after(time.Now(), a.delayed, t.most)", ""},

		{"publishes what nobody confirmed", "", "engine/origin.go",
			"s.publishable = !at.confirm && !o.Weak() || o.Certain() || at.doubts == 0 && o.Same(at.confirmed)", "s.publishable = true"},
		{"takes two looks that differ for a confirmation", "", "addr/confirm.go",
			"if earlier.Way != v.Way && earlier.Said.Same(v.Said) {", "if earlier.Way != v.Way {"},
		{"asks the same way first every time", "", "detect/hedge.go",
			"h.turn, h.owed = (turn+1)%len(h.ways), false", "h.owed = false"},
		{"hears addresses that are not public", "", "detect/parse.go",
			"if err := check(a); err != nil {", "if err := check(a); err != nil && false {"},
		{"believes half of the operators", "", "addr/agree.go",
			"return operators/2 + 1", "return max(1, operators/2)"},
		{"writes what was only seen", "", "engine/account.go",
			"return seen[o] != nil && !seen[o].publishable", "return false"},
		{"owns everything", "", "plan/spec.go",
			"return s.Owned == nil || s.Owned.MatchString(r.Comment)", "return true"},
		{"makes records where none may be made", "", "plan/steps.go",
			"if s.Create == Never {", "if false {"},
		{"puts a host id behind the whole address", "", "plan/hostid.go",
			"a := p.Masked().Addr().As16()", "a := p.Addr().As16()"},
		{"claims what nobody answered", "", "engine/apply.go",
			"if err != nil {\n\t\t\t\td.Err, d.Hint", "if err != nil && err.Kind != provider.Unconfirmed {\n\t\t\t\td.Err, d.Hint"},
		{"never reads a zone again", "", "engine/account.go",
			"return resync > 0 && next.Sub(read) > resync", "return false"},
		{"keeps to a plan of an older view", "", "engine/memo.go",
			"if m.view == v && slices.Equal", "if slices.Equal"},
		{"does not believe its own writes", "", "engine/apply.go",
			"z.view = z.view.after(sets, results)", ""},
		{"goes on after a lost answer as if it knew", "", "engine/zone.go",
			"if err.Kind == provider.Unconfirmed || err.Kind == provider.NoZone {", "if err.Kind == provider.NoZone {"},
		{"calls again before the host wants it", "", "engine/backoff.go",
			"wait = err.RetryAfter", "wait = err.RetryAfter / 2"},
		{"leaves a name alone for ever once it was refused", "", "engine/backoff.go",
			"p.until = now.Add(backoff(nameFirst, nameMost, p.tries))", "p.until = now.AddDate(1, 0, 0)"},
		{"holds a change back for ever", "", "addr/damp.go",
			"if until := d.since.Add(d.wait()); now.Before(until) {", "if until := now.Add(d.wait()); now.Before(until) {"},
		{"publishes what is held back", "", "engine/origin.go",
			"s.publishable, s.retry = false, hold", "s.retry = hold"},
		{"leaves what is left over", "", "plan/steps.go",
			"s.add(Change{Action: ToDelete, Old: r, Reason: reason})", "_ = reason"},
	}
}
