package cloudflare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lenientInt is a whole number that may come as 300, 300.0 or "300". null leaves
// it alone.
type lenientInt int

func (n *lenientInt) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" {
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return fmt.Errorf("read a whole number: %.20q is none", s)
	}
	*n = lenientInt(f)
	return nil
}

// rawValue is a value of an answer as it came, which may be anything. It is decoded
// into the same memory again and again; most of what a page holds is only looked
// at.
type rawValue []byte

func (f *rawValue) UnmarshalJSON(b []byte) error {
	*f = append((*f)[:0], b...)
	return nil
}

// asText returns the string that f is, and valid as long as f is; of what is null or is
// not there it is empty. false for everything else.
func (f rawValue) asText() (text []byte, ok bool) {
	if len(f) >= 2 && f[0] == '"' && bytes.IndexByte(f, '\\') < 0 {
		return f[1 : len(f)-1], true
	}
	var s string
	if len(f) > 0 && json.Unmarshal(f, &s) != nil {
		return nil, false
	}
	return []byte(s), true
}

// decodeInto is like json.Unmarshal, without its detours for what most records say.
func (f rawValue) decodeInto(to any) error {
	switch to := to.(type) {
	case *bool:
		if s := string(f); s == "true" || s == "false" {
			*to = s == "true"
			return nil
		}
	case *string:
		if len(f) >= 2 && f[0] == '"' && bytes.IndexByte(f, '\\') < 0 && utf8.Valid(f) {
			*to = string(f[1 : len(f)-1])
			return nil
		}
	case *lenientInt:
		return to.UnmarshalJSON(f)
	case *[]string:
		if string(f) == "[]" {
			*to = []string{}
			return nil
		}
	}
	return json.Unmarshal(f, to)
}

// String returns the text of f; empty where it is none.
func (f rawValue) String() string {
	t, _ := f.asText()
	return strings.ToValidUTF8(string(t), "\uFFFD")
}

// memberText returns the text of a member of the object that f is; empty where it is none.
func (f rawValue) memberText(name string) string {
	var all map[string]rawValue
	if json.Unmarshal(f, &all) != nil {
		return ""
	}
	return all[name].String()
}
