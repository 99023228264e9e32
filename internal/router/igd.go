package router

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// service is a WANIPConnection or a WANPPPConnection of any version.
type service struct {
	kind            string // its type, as the device has it
	control, events *url.URL
}

const (
	maxDescription = 128 << 10 // bytes; a FRITZ!Box's has 10 KB
	maxResponse    = 16 << 10
	maxServices    = 4
)

// services returns those the gateway described; it is asked once, and again where
// it was of no use.
func (r *Router) services(ctx context.Context) ([]service, error) {
	r.mu.Lock()
	known := r.cachedServices
	r.mu.Unlock()
	if len(known) > 0 {
		return known, nil
	}
	at, err := r.locate(ctx)
	if err != nil {
		err = fmt.Errorf("search for its description: %w", err)
		var none error
		if at, none = r.resolveGatewayURL(nil, "http://"+netip.AddrPortFrom(r.gateway, 49000).String()+fritzPath); none != nil {
			return nil, none
		}
	}
	found, other := r.fetchDescription(ctx, at)
	if other != nil {
		return nil, joinErrors(err, other)
	}
	r.cacheServices(found)
	return found, nil
}

func (r *Router) cacheServices(services []service) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cachedServices = services
}

func (r *Router) fetchDescription(ctx context.Context, at *url.URL) ([]service, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	_, doc, err := r.client.Fetch(req, maxDescription)
	if err != nil {
		return nil, fmt.Errorf("read its description: %w", err)
	}
	base := at
	if own, err := r.resolveGatewayURL(at, elementText(string(doc), "URLBase")); err == nil {
		base = own
	}
	var found []service
	for rest := string(doc); len(found) < maxServices; {
		var one string
		if one, rest = nextElement(rest, "service"); one == "" {
			break
		}
		kind := elementText(one, "serviceType")
		if !isWANService(kind) {
			continue
		}
		control, err := r.resolveGatewayURL(base, elementText(one, "controlURL"))
		if err != nil {
			continue
		}
		events, _ := r.resolveGatewayURL(base, elementText(one, "eventSubURL"))
		found = append(found, service{kind, control, events})
	}
	if len(found) == 0 {
		return nil, errors.New("its description names no connection to a provider")
	}
	return found, nil
}

// isWANService reports whether a service tells the address, and its name can be put
// into a request as it is.
func isWANService(kind string) bool {
	named := strings.Contains(kind, ":service:WANIPConnection:") || strings.Contains(kind, ":service:WANPPPConnection:")
	return named && strings.Trim(kind, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-._") == ""
}

// callAction has a service do something, and gives the answer's document.
func (r *Router) callAction(ctx context.Context, s service, action string) (string, error) {
	body := `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">` +
		`<s:Body><u:` + action + ` xmlns:u="` + s.kind + `"></u:` + action + `></s:Body></s:Envelope>`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.control.String(), strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", `text/xml; charset="utf-8"`)
	req.Header["SOAPAction"] = []string{`"` + s.kind + "#" + action + `"`} // old parsers know this spelling alone
	_, doc, err := r.client.Fetch(req, maxResponse)
	if err != nil {
		r.cacheServices(nil) // it may have moved
		return "", fmt.Errorf("%s: %w", action, err)
	}
	return elementText(string(doc), action+"Response"), nil
}

// addrByUPnP asks each connection for its address, and takes the first.
func (r *Router) addrByUPnP(ctx context.Context) (netip.Addr, error) {
	services, err := r.services(ctx)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("UPnP: %w", err)
	}
	var failed error
	for _, s := range services {
		a, err := r.externalAddr(ctx, s)
		if err == nil {
			return a, nil
		}
		failed = joinErrors(failed, fmt.Errorf("UPnP: %w", err))
	}
	return netip.Addr{}, failed
}

func (r *Router) externalAddr(ctx context.Context, s service) (netip.Addr, error) {
	doc, err := r.callAction(ctx, s, "GetExternalIPAddress")
	if err != nil {
		return netip.Addr{}, err
	}
	text := elementText(doc, "NewExternalIPAddress")
	a, err := netip.ParseAddr(text)
	switch {
	case text != "" && err != nil:
		return netip.Addr{}, fmt.Errorf("%.40q is no address", text)
	case text != "" && !a.IsUnspecified():
		return a, nil
	}
	doc, err = r.callAction(ctx, s, "GetStatusInfo")
	if err == nil && elementText(doc, "NewConnectionStatus") == "Connected" {
		return netip.Addr{}, &NoPublic{}
	}
	return netip.Addr{}, errors.New("the router is not connected")
}

// IPv6 asks a FRITZ!Box for its own address towards the provider. It is not that
// of the machines behind it.
func (r *Router) IPv6(ctx context.Context) (netip.Addr, error) {
	doc, err := r.callFritzBox(ctx, "X_AVM_DE_GetExternalIPv6Address")
	if err != nil {
		return netip.Addr{}, err
	}
	a, err := netip.ParseAddr(elementText(doc, "NewExternalIPv6Address"))
	if err != nil || !a.Is6() {
		return netip.Addr{}, fmt.Errorf("the router %s has no IPv6 address", r.gateway)
	}
	return a, nil
}

// Prefix asks a FRITZ!Box for the prefix of the machines behind it. Its length
// may stand in the prefix as well.
func (r *Router) Prefix(ctx context.Context) (netip.Prefix, error) {
	doc, err := r.callFritzBox(ctx, "X_AVM_DE_GetIPv6Prefix")
	if err != nil {
		return netip.Prefix{}, err
	}
	text, _, _ := strings.Cut(elementText(doc, "NewIPv6Prefix"), "/")
	a, err := netip.ParseAddr(text)
	bits, wrong := strconv.Atoi(elementText(doc, "NewPrefixLength"))
	if err != nil || wrong != nil || !a.Is6() || bits < 1 || bits > 64 || elementText(doc, "NewValidLifetime") == "0" {
		return netip.Prefix{}, fmt.Errorf("the router %s has no IPv6 prefix", r.gateway)
	}
	return netip.PrefixFrom(a, bits).Masked(), nil
}

// callFritzBox has a FRITZ!Box do what only it can.
func (r *Router) callFritzBox(ctx context.Context, action string) (string, error) {
	services, err := r.services(ctx)
	if err != nil {
		return "", fmt.Errorf("ask the router %s: %w", r.gateway, err)
	}
	doc, err := r.callAction(ctx, services[0], action)
	if err != nil {
		return "", fmt.Errorf("ask the router %s, which may be no FRITZ!Box: %w", r.gateway, err)
	}
	return doc, nil
}
