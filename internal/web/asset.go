package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
)

// packed is what stands in site, each file compressed: see tools/pack.go.
//
//go:generate go run ../../tools/pack.go site packed
//go:embed packed
var packed embed.FS

// asset is a file of site, compressed.
func asset(name string) ([]byte, error) { return packed.ReadFile("packed/" + name + ".gz") }

// serveAsset serves what the page is made of beside its text.
func (s *Server) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	kind := kindOfFile(name)
	body, err := asset(name)
	if kind == "" || err != nil {
		s.refuse(w, r, notFound())
		return
	}
	h := fnv.New64a()
	_, _ = h.Write(body) // a hash takes everything
	tag := fmt.Sprintf(`"%x"`, h.Sum64())
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache") // asked for each time, sent when it is another
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.sendPacked(w, r, kind, body)
}

// kindOfFile is the type of a file that anybody may have; else empty.
func kindOfFile(name string) string {
	switch _, ext, _ := strings.Cut(name, "."); ext {
	case "css":
		return "text/css; charset=utf-8"
	case "js":
		return "text/javascript; charset=utf-8"
	case "svg":
		return "image/svg+xml"
	}
	return ""
}

func (s *Server) serveSchema(w http.ResponseWriter, r *http.Request) {
	body, err := asset("openapi.json")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.sendPacked(w, r, "application/json", body)
}

// sendPacked sends a file as it is stored, or unpacked to whoever takes it so
// only.
func (s *Server) sendPacked(w http.ResponseWriter, r *http.Request, kind string, body []byte) {
	if takesGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
	} else {
		plain, err := unpack(body)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		body = plain
	}
	sendBody(w, http.StatusOK, kind, body)
}

func unpack(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
