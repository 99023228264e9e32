//go:build ignore

// Zones packs the time zones of the Go release in use into the archive that
// package schedule carries. Each content is written once, behind a line with
// its length and all the names it has, and the whole is compressed. The same
// zones always make the same bytes.
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// read is the names that each content of the archive has.
func read(path string) (map[string][]string, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	names := make(map[string][]string)
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
		names[string(data)] = append(names[string(data)], f.Name)
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
