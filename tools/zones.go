//go:build ignore

// Zones packs the time zones of the Go release in use into the archive that
// package schedule carries. Of each zone it keeps what holds since 2020: the
// past is most of the data. Many zones are alike since then, so each content is
// written once, behind a line with its length and all its names, and the whole
// is compressed. The same zones always make the same bytes.
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	// The go command sets GOROOT for what it generates.
	names, err := read(filepath.Join(os.Getenv("GOROOT"), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		log.Fatal(err)
	}
	packed, err := pack(names)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], packed, 0o644); err != nil {
		log.Fatal(err)
	}
}

// read is the names that each content has.
func read(path string) (map[string][]string, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	names := make(map[string][]string)
	since := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		cut := string(cut(data, since.Unix()))
		names[cut] = append(names[cut], f.Name)
	}
	return names, nil
}

func pack(names map[string][]string) ([]byte, error) {
	type zone struct {
		data  string
		names []string
	}
	var zones []zone
	for data, ns := range names {
		slices.Sort(ns)
		zones = append(zones, zone{data, ns})
	}
	slices.SortFunc(zones, func(a, b zone) int { return strings.Compare(a.names[0], b.names[0]) })

	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	for _, z := range zones {
		fmt.Fprintf(w, "%d %s\n%s", len(z.data), strings.Join(z.names, " "), z.data)
	}
	err = w.Close()
	return out.Bytes(), err
}

// header is that of both parts of a TZif file (RFC 9636, section 3.1).
type header struct {
	Magic                              [4]byte
	Version                            byte
	_                                  [15]byte
	UT, Std, Leaps, Times, Types, Text uint32
}

const (
	headerSize = 44
	typeSize   = 6
)

// cut is the zone from an instant on, in the same format. It reads and writes
// the part with 64-bit times, leaves the older part empty, and keeps the rule
// behind both.
func cut(data []byte, since int64) []byte {
	var h header
	next := func(n uint32) []byte {
		b := data[:n]
		data = data[n:]
		return b
	}
	readHeader := func() { must(binary.Decode(next(headerSize), binary.BigEndian, &h)) }
	readHeader()
	next(h.Times*5 + h.Types*typeSize + h.Text + h.Leaps*8 + h.Std + h.UT)
	readHeader()
	times := make([]int64, h.Times)
	must(binary.Decode(next(h.Times*8), binary.BigEndian, times))
	kinds, types, text := next(h.Times), next(h.Types*typeSize), next(h.Text)
	next(h.Leaps*12 + h.Std + h.UT)

	// What held at the instant begins there.
	first := max(0, slices.IndexFunc(append(times, since+1), func(t int64) bool { return t > since })-1)
	if times, kinds = times[first:], kinds[first:]; len(times) > 0 {
		times[0] = max(times[0], since)
	} else {
		kinds = []byte{0}
	}
	var used, usedTypes, usedText []byte
	for _, k := range kinds {
		if bytes.IndexByte(used, k) >= 0 {
			continue
		}
		used = append(used, k)
		t := types[int(k)*typeSize:][:typeSize]
		name, _, _ := bytes.Cut(text[t[typeSize-1]:], []byte{0})
		name = append(bytes.Clone(name), 0)
		at := bytes.Index(usedText, name)
		if at < 0 {
			at = len(usedText)
			usedText = append(usedText, name...)
		}
		usedTypes = append(append(usedTypes, t[:typeSize-1]...), byte(at))
	}
	kinds = bytes.Clone(kinds[:len(times)])
	for i, k := range kinds {
		kinds[i] = byte(bytes.IndexByte(used, k))
	}

	old := header{Magic: h.Magic, Version: h.Version}
	h = old
	h.Times, h.Types, h.Text = uint32(len(times)), uint32(len(used)), uint32(len(usedText))
	var out bytes.Buffer
	for _, part := range []any{old, h, times, kinds, usedTypes, usedText, data} {
		if err := binary.Write(&out, binary.BigEndian, part); err != nil {
			log.Fatal(err)
		}
	}
	return out.Bytes()
}

func must(_ int, err error) {
	if err != nil {
		log.Fatal(err)
	}
}
