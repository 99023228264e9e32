package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is one of the five fields of a cron line.
type field struct {
	name     string
	min, max int
	names    string // of three letters each, for min and what follows
	allowed  string
}

func cronFields() [5]field {
	return [...]field{
		{"minute", 0, 59, "", "0 to 59"},
		{"hour", 0, 23, "", "0 to 23"},
		{"day of the month", 1, 31, "", "1 to 31"},
		{"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", "1 to 12 or JAN to DEC"},
		{"day of the week", 0, 6, "SUNMONTUEWEDTHUFRISAT", "0 to 7 or SUN to SAT; 0 and 7 are Sunday"},
	}
}

// descriptors are the words that stand for five fields.
func descriptors() []string {
	return []string{"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"}
}

// expandDescriptor is what a descriptor stands for.
func expandDescriptor(descriptor string) string {
	return map[string]string{"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
		"@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *"}[descriptor]
}

// parseCron reads cron fields or a descriptor. A reason means that it cannot.
func parseCron(s string) (_ *cron, reason, hint string) {
	if strings.HasPrefix(s, "@") {
		full := expandDescriptor(s)
		if full == "" {
			return nil, fmt.Sprintf("%q is unknown", s), "write @every with a duration, @once, or one of " + strings.Join(descriptors(), " ")
		}
		s = full
	}
	words := strings.Fields(s)
	fs := cronFields()
	if len(words) != len(fs) {
		return nil, fmt.Sprintf("cron wants 5 fields and this has %d", len(words)), acceptedForms
	}
	var sets [len(fs)]numberSet
	for i, f := range fs {
		var ok bool
		if sets[i], ok = f.parse(words[i]); !ok {
			return nil, fmt.Sprintf("%q is no %s", words[i], f.name), fmt.Sprintf("it takes %s, as one, a list (1,2), a range (1-5), or with a step (*/5)", f.allowed)
		}
	}
	return &cron{sets[0], sets[1], sets[2], sets[3], sets[4], !isStar(words[2]) && !isStar(words[4])}, "", ""
}

// isStar reports whether a field of days says that it is the other's to
// say. 1-31 does not say so.
func isStar(list string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(term string) bool {
		return slices.Contains([]string{"*", "?", "*/1", "?/1"}, term)
	})
}

// parse reads a list: 1,5-9,*/20.
func (f field) parse(list string) (numberSet, bool) {
	var all numberSet
	for term := range strings.SplitSeq(list, ",") {
		values, by, stepped := strings.Cut(term, "/")
		from, to, ok := f.bounds(values, stepped)
		step := 1
		if stepped {
			var err error
			step, err = strconv.Atoi(by)
			ok = ok && err == nil && step > 0
		}
		if !ok {
			return 0, false
		}
		all |= f.stepRange(step, from, to)
	}
	return all, true
}

// stepRange is every step-th number of a range, which may lead over the end and on
// from the beginning: 22-2.
func (f field) stepRange(step, from, to int) numberSet {
	count := f.max - f.min + 1
	if to < from {
		to += count
	}
	var all numberSet
	for n := from; n <= to; n += min(step, count) {
		all |= 1 << (f.min + (n-f.min)%count)
	}
	return all
}

// bounds is what "*", "3" or "3-9" spans; with a step behind it "3" goes on to the end.
func (f field) bounds(values string, stepped bool) (from, to int, ok bool) {
	if values == "*" || values == "?" {
		return f.min, f.max, true
	}
	low, high, isRange := strings.Cut(values, "-")
	from, ok = f.number(low)
	switch {
	case !ok:
		return 0, 0, false
	case isRange:
		to, ok = f.number(high)
		return from, to, ok
	case stepped:
		return from, max(from, f.max), true
	}
	return from, from, true
}

// number is one number, or the word for it. Sunday is 7 as well.
func (f field) number(s string) (int, bool) {
	if i := strings.Index(f.names, strings.ToUpper(s)); len(s) == 3 && i >= 0 && i%3 == 0 {
		return f.min + i/3, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= f.min && (n <= f.max || n == 7 && f.name == "day of the week")
}
