package cloudflare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// number is a whole number that may come as 300, 300.0 or "300". null leaves
// it alone.
type number int

func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" {
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return fmt.Errorf("read a whole number: %.20q is none", s)
	}
	*n = number(f)
	return nil
}

// text is a string that is decoded into the same memory again and again; most
// of what a page holds is only looked at.
type text []byte

func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) >= 2 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0 {
		*t = append((*t)[:0], b[1:len(b)-1]...)
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*t = append((*t)[:0], s...)
	return nil
}

func (t text) String() string { return strings.ToValidUTF8(string(t), "\uFFFD") }
