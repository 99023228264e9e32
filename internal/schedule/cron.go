package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	cron "github.com/netresearch/go-cron"
)

// field is one of the five fields of a cron line.
type field struct {
	name     string
	min, max int
	takes    string
}

func fields() [5]field {
	return [...]field{
		{"minute", 0, 59, "0 to 59"},
		{"hour", 0, 23, "0 to 23"},
		{"day of the month", 1, 31, "1 to 31"},
		{"month", 1, 12, "1 to 12 or JAN to DEC"},
		{"day of the week", 0, 6, "0 to 7 or SUN to SAT; 0 and 7 are Sunday"},
	}
}

// descriptors are the words that stand for five fields. The parser knows
// others, which never fire.
func descriptors() []string {
	return []string{"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"}
}

// parseCron reads cron fields or a descriptor. A reason means that it cannot.
func parseCron(s string) (_ cron.Schedule, reason, hint string) {
	if strings.HasPrefix(s, "@") {
		if !slices.Contains(descriptors(), s) {
			return nil, fmt.Sprintf("%q is unknown", s), "write @every with a duration, @once, or one of " + strings.Join(descriptors(), " ")
		}
		sched, err := parser().Parse(s)
		return sched, message(err), forms
	}
	words := strings.Fields(s)
	fs := fields()
	if len(words) != len(fs) {
		return nil, fmt.Sprintf("cron wants 5 fields and this has %d", len(words)), forms
	}
	for i, f := range fs {
		written := words[i]
		words[i] = f.plain(written)
		alone := []string{"*", "*", "*", "*", "*"}
		alone[i] = words[i]
		if _, err := parser().Parse(strings.Join(alone, " ")); err != nil || slices.Contains(strings.Split(written, ","), "") {
			return nil, fmt.Sprintf("%q is no %s", written, f.name), fmt.Sprintf("it takes %s, as one, a list (1,2), a range (1-5), or with a step (*/5)", f.takes)
		}
	}
	sched, err := parser().Parse(strings.Join(words, " "))
	return sched, message(err), forms
}

// parser reads the five fields of cron, in which a day holds when the day of
// the month or the day of the week does, as in every cron since Vixie's.
func parser() cron.Parser {
	return cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom)
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// plain writes the steps in a field so that the parser takes them as cron
// does: a step that leads out of the range leaves the first value ("*/60" is
// "0"), and "3/2" ends where the range does, not at the second Sunday.
func (f field) plain(list string) string {
	terms := strings.Split(list, ",")
	for i, term := range terms {
		values, step, ok := strings.Cut(term, "/")
		n, err := strconv.Atoi(step)
		every := n == 1 && (values == "*" || values == "?") // unlike 0-59, no restriction
		if !ok || err != nil || n < 1 || every {
			continue
		}
		from, to, ok := f.bounds(values)
		if !ok {
			continue
		}
		terms[i] = fmt.Sprintf("%d-%d/%d", from, to, n)
		if n > to-from {
			terms[i] = strconv.Itoa(from)
		}
	}
	return strings.Join(terms, ",")
}

// bounds is what "*", "3" or "3-9" before a step spans; ok is false when that
// is for the parser to say.
func (f field) bounds(values string) (from, to int, ok bool) {
	if values == "*" || values == "?" {
		return f.min, f.max, true
	}
	low, high, isRange := strings.Cut(values, "-")
	from, err := strconv.Atoi(low)
	if err != nil || from < f.min {
		return 0, 0, false
	}
	if !isRange {
		return from, f.max, from <= f.max
	}
	to, err = strconv.Atoi(high)
	return from, to, err == nil && from <= to && to <= f.max
}
