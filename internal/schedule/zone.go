package schedule

import (
	"bufio"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// zoneData is the time zones of the Go release that made it, as they are since
// 2020: see tools/zones.go. time/tzdata, which has their past too, is fifty
// times as large.
//
//go:generate go run ../../tools/zones.go zones.gz
//go:embed zones.gz
var zoneData string

// LoadZone is the time zone with this name of the IANA list: as the system
// knows it, whose list is often the newer one, or else as homing carries it,
// for images and systems that have no list. What homing carries is right for
// times from 2020 on. The names that mean "whatever is set here" are refused: empty
// and Local, as time.LoadLocation reads them, and Debian's link localtime.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || name == "localtime" {
		return nil, fmt.Errorf("no time zone is named %q", name)
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc, nil
	}
	data, err := findZoneData(name)
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("no time zone is named %q", name)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack the time zone %q: %w", name, err)
	}
	return time.LoadLocationFromTZData(name, data)
}

// findZoneData finds a zone in the archive: a line with a length and the names
// that share a content, then the content, and so on. The error is io.EOF when
// the name is not there.
func findZoneData(name string) ([]byte, error) {
	unzipped, err := gzip.NewReader(strings.NewReader(zoneData))
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(unzipped)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		words := strings.Fields(line)
		length, err := strconv.Atoi(words[0])
		if err != nil {
			return nil, err
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, err
		}
		if slices.Contains(words[1:], name) {
			return data, nil
		}
	}
}
