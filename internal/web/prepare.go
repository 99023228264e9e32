package web

import (
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
)

// policy lets the page load its own style and script, and nothing else from
// anywhere. What follows it is who may put the page into a frame: nobody, or its
// own origin where a trusted proxy does so.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors "

// prepare is what happens to each request before anything else.
func (s *Server) prepare(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuseWith(w, r, http.StatusForbidden, "Another site may not do this")
	}))
	next = cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		markAnswering(r)
		trusted := s.cfg.trusts(addrWithoutPort(r.RemoteAddr))
		r = s.cfg.withMount(s.cfg.withoutProxy(r), trusted)
		h := w.Header()
		h.Set("Content-Security-Policy", policy+"'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // without a referrer a browser's forms say "Origin: null"
		if mountOf(r).framed {
			h.Set("Content-Security-Policy", policy+"'self'")
			h.Set("X-Frame-Options", "SAMEORIGIN")
		}
		if r.Header.Get("Sec-Fetch-Site") != "" { // elsewhere a browser writes into its console that it ignores it
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
		}
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if no := malformed(r); no != nil {
			h.Set("Connection", "close")
			s.refuse(w, r, no)
			return
		}
		if s.cfg.needsSlash(r) {
			redirect(w, s.cfg.Base[strings.LastIndexByte(s.cfg.Base, '/')+1:]+"/")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit(r))
		next.ServeHTTP(w, r)
	})
}

// lacksOrigin reports whether r would change something and does not say which page it
// comes from. Every browser says so with a form, and with a script's request; where
// it is another site's page, r is refused before anything else.
func lacksOrigin(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == ""
}

// cookieWithoutOrigin returns the refusal of such a request that nothing but a cookie speaks for.
func cookieWithoutOrigin() *refusal {
	return newRefusal(http.StatusForbidden, "A cookie opens this only to a browser, which sends Origin or Sec-Fetch-Site; a script shows the token instead")
}

// malformed refuses what no client in good faith sends.
func malformed(r *http.Request) *refusal {
	switch p := r.URL.Path; {
	case len(r.RequestURI) > maxURL:
		return newRefusal(http.StatusRequestURITooLong, "The address is too long")
	case headerSize(r) > maxHeader:
		return newRefusal(http.StatusRequestHeaderFieldsTooLarge, "The headers are too long")
	case p == "" || p[0] != '/' || path.Clean(p) != p || r.URL.RawPath != "" || strings.ContainsFunc(p, isControl):
		return &refusal{status: http.StatusNotFound, detail: "Not Found", note: "a path that tries something"}
	case r.ContentLength > bodyLimit(r):
		return newRefusal(http.StatusRequestEntityTooLarge, "The request is too long")
	}
	return nil
}

func headerSize(r *http.Request) int {
	n := 0
	for k, vs := range r.Header {
		for _, v := range vs {
			n += len(k) + len(v) + len(": \r\n")
		}
	}
	return n
}

// withoutProxy returns r as the client sent it to the proxy before homing, where that
// is trusted to say so; else r.
func (c *Config) withoutProxy(r *http.Request) *http.Request {
	if !c.trusts(addrWithoutPort(r.RemoteAddr)) {
		return r
	}
	r = r.Clone(r.Context())
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- { // each proxy adds to the end
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		r.RemoteAddr = net.JoinHostPort(hop, "0")
		if !c.trusts(hop) {
			break
		}
	}
	if h := r.Header.Get("X-Forwarded-Host"); h != "" {
		r.Host = h
	}
	if r.Header.Get("X-Forwarded-Proto") == "https" {
		r.URL.Scheme = "https"
	}
	return r
}

func (c *Config) trusts(addr string) bool {
	if addr == local {
		return true // who may open the socket is a proxy of the owner's
	}
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return false
	}
	for _, p := range c.TrustedProxies {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// local is the address of who comes by a socket in the file system.
const local = "local"

// clientOf is who asks: an address, or "local" for a socket in the file system.
func clientOf(r *http.Request) string { return addrWithoutPort(r.RemoteAddr) }

func addrWithoutPort(hostport string) string {
	ap, err := netip.ParseAddrPort(hostport)
	if err != nil {
		return local
	}
	return ap.Addr().Unmap().WithZone("").String()
}
