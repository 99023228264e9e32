package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// CheckBase says why a text is not the path below which a reverse proxy serves
// the page, such as /homing; the empty one is /.
func CheckBase(base string) error {
	if base == "" || isBase(base) {
		return nil
	}
	return errors.New("write a path of letters, digits, - and _, such as /homing, without a slash at its end")
}

// baseMost is the length of a path that is taken, in octets.
const baseMost = 200

func isBase(base string) bool {
	if len(base) > baseMost || base == "" || base[0] != '/' {
		return false
	}
	for part := range strings.SplitSeq(base[1:], "/") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~") != "" {
			return false
		}
	}
	return true
}

// ingressHeader is how Home Assistant says below which path it serves an add-on,
// whose pages it shows in a frame of its own.
//
// Source: https://developers.home-assistant.io/docs/add-ons/presentation (2026-11)
const ingressHeader = "X-Ingress-Path"

// mount is the path by which a browser came, and what follows from it.
type mount struct {
	path   string // "" or such as "/homing"
	framed bool   // by a proxy that is trusted, of the same origin
}

type mountKey struct{}

// mountOf is where r finds homing; its zero value is the root.
func mountOf(r *http.Request) mount {
	m, _ := r.Context().Value(mountKey{}).(mount)
	return m
}

// withMount returns r without the path below which homing is served, whether a proxy
// takes that away or not. The trust is that in who sent r.
func (c *Config) withMount(r *http.Request, trusted bool) *http.Request {
	var m mount
	if p := r.Header.Get(ingressHeader); trusted && isBase(p) {
		m = mount{p, true}
	}
	for _, base := range []string{m.path, c.Base} {
		if rest, ok := strings.CutPrefix(r.URL.Path, base+"/"); ok && base != "" {
			u := *r.URL
			u.Path, m.path = "/"+rest, base
			r = r.Clone(r.Context())
			r.URL = &u
			break
		}
	}
	if m == (mount{}) {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), mountKey{}, m))
}

// needsSlash reports whether r asks for the path itself below which homing is
// served, from where no link would lead anywhere.
func (c *Config) needsSlash(r *http.Request) bool { return c.Base != "" && r.URL.Path == c.Base }

// redirect sends a browser to another page. The address is relative, because a
// proxy may serve homing below a path of which homing knows nothing.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
