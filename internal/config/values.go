package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
)

func parseBool(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, hinted("it is neither true nor false", "write true or false")
	}
	return b, nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil && strings.Trim(s, "0123456789") == "":
		return 0, hinted("a duration needs a unit", fmt.Sprintf("write %ss for seconds, or %sm for minutes", s, s))
	case err != nil:
		return 0, hinted("it is not a duration", "write a number and a unit, such as 30s, 5m or 1h30m")
	case d < 0:
		return 0, hinted("a duration cannot be negative", "write a number and a unit, such as 30s, 5m or 1h30m")
	}
	return d, nil
}

func parseTimeout(s string) (time.Duration, error) {
	d, err := parseDuration(s)
	if err == nil && d == 0 {
		return 0, hinted("nothing can be done in no time", "write a number and a unit, such as 5s")
	}
	return d, err
}

// checkComment refuses what no single line can hold.
func checkComment(s string) error {
	if strings.ContainsAny(s, "\r\n") {
		return hinted("a comment is a single line", "take the line break out")
	}
	return nil
}

func compile(s string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(s)
	if bad, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, hinted(fmt.Sprintf("%s in %q", bad.Code, bad.Expr), "write a regular expression of RE2, such as ^homing")
	}
	return re, err
}

// words splits a list at commas; blanks around the words do not count.
func words(list string) []string {
	var out []string
	for w := range strings.SplitSeq(list, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
