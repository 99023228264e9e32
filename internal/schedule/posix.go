package schedule

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// LoadPOSIX is the time zone that a text in the form of POSIX's TZ says, such as
// "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3" or "<+0530>-5:30" (IEEE Std 1003.1-2024,
// 8.3). A summer time without its rules is taken to be that of the United States,
// as the C libraries take it.
func LoadPOSIX(text string) (*time.Location, error) {
	const name, offset, rule = `([A-Za-z]{3,10}|<[A-Za-z0-9+-]{3,10}>)`, `([+-]?)(\d{1,3})(?::(\d{1,2}))?(?::(\d{1,2}))?`, `,[JM0-9.]+(?:/[+-]?\d{1,3}(?::\d{1,2}){0,2})?`
	form := regexp.MustCompile(`^` + name + offset + `(?:` + name + `(?:` + offset + `)?(` + rule + rule + `)?)?$`)
	m := form.FindStringSubmatch(text)
	if m == nil || len(text) > 100 {
		return nil, fmt.Errorf("%.40q is no time zone in the form of POSIX", text)
	}
	if m[6] != "" && m[11] == "" {
		text += ",M3.2.0,M11.1.0"
	}
	seconds := 0
	for i, unit := range []int{3600, 60, 1} {
		n, _ := strconv.Atoi(m[3+i]) // digits, or none
		seconds += n * unit
	}
	if seconds > 24*3600 {
		return nil, fmt.Errorf("%.40q is more than a day away from UTC", text)
	}
	if m[2] != "-" { // west of Greenwich is positive
		seconds = -seconds
	}
	return time.LoadLocationFromTZData(m[0], buildTZif(seconds, text))
}

// buildTZif is a zone file (RFC 9636) that has held the rules of a footer since
// the beginning of time.
func buildTZif(seconds int, footer string) []byte {
	head := func(b []byte, times, types, chars uint32) []byte {
		b = append(append(b, "TZif2"...), make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, times, types, chars} {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	b := head(head(nil, 0, 0, 0), 1, 1, 4)
	beginning := int64(-1) << 59 // as zic has it for "big bang"
	b = binary.BigEndian.AppendUint64(b, uint64(beginning))
	b = append(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(int32(seconds)))
	b = append(b, 0, 0, 'L', 'M', 'T', 0)
	return append(b, "\n"+footer+"\n"...)
}
