//go:build ignore

// Pack compresses what the page is made of beside its text, each file of the
// first folder into one of the second: package web carries and serves them
// packed. The same file always makes the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	files, err := os.ReadDir(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		if err := pack(filepath.Join(os.Args[1], f.Name()), filepath.Join(os.Args[2], f.Name()+".gz")); err != nil {
			log.Fatal(err)
		}
	}
}

func pack(from, to string) error {
	plain, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(plain); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(to, packed.Bytes(), 0o644)
}
