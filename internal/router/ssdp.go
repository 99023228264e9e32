package router

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// fritzPath is where a FRITZ!Box describes itself, and whether or not it answers
// to a search.
const fritzPath = "/igddesc.xml"

// locate searches for the description of the gateway (UPnP Device Architecture
// 1.1, section 1.3.2). What others answer is passed over.
func (r *Router) locate(ctx context.Context) (*url.URL, error) {
	own, err := r.localAddr(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenPacket("udp4", netip.AddrPortFrom(own, 0).String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	b := make([]byte, 2<<10)
	var sent error
	for try := range 3 {
		for version := 1; version <= 2; version++ {
			for _, to := range r.searchAddrs {
				if _, err := conn.WriteTo(searchRequest(version), net.UDPAddrFromAddrPort(to)); err != nil {
					sent = err
				}
			}
		}
		_ = conn.SetReadDeadline(time.Now().Add(pmpTimeout << try))
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				break
			}
			if at, err := r.parseSearchAnswer(b[:n]); err == nil && r.isGateway(from) {
				return at, nil
			}
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	if sent != nil {
		return nil, sent
	}
	return nil, errors.New("no answer")
}

func searchRequest(version int) []byte {
	return fmt.Appendf(nil, "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"+
		"ST: urn:schemas-upnp-org:device:InternetGatewayDevice:%d\r\n\r\n", version)
}

// parseSearchAnswer reads the answer to a search.
func (r *Router) parseSearchAnswer(b []byte) (*url.URL, error) {
	head, rest, _ := strings.Cut(string(b), "\r\n")
	if !strings.HasPrefix(head, "HTTP/1.") || !strings.Contains(head, " 200") {
		return nil, errUnexpectedAnswer
	}
	for line := range strings.SplitSeq(rest, "\r\n") {
		if key, value, _ := strings.Cut(line, ":"); strings.EqualFold(strings.TrimSpace(key), "LOCATION") {
			return r.resolveGatewayURL(nil, strings.TrimSpace(value))
		}
	}
	return nil, errUnexpectedAnswer
}

// resolveGatewayURL reads an address that may be relative to base. It must lead to the
// gateway itself.
func (r *Router) resolveGatewayURL(base *url.URL, ref string) (*url.URL, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return nil, err
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	at, err := netip.ParseAddr(u.Hostname())
	if err != nil || at != r.gateway || u.Scheme != "http" || u.User != nil {
		return nil, fmt.Errorf("%.100q is no address at the gateway", u.Redacted())
	}
	return u, nil
}
