package router

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/homing-dns/homing/internal/httpx"
)

// box is a router on loopback, at its wire: NAT-PMP, SSDP, its description, its
// services and its events. It refuses what a real one does not know.
type box struct {
	t        *testing.T
	pmp      net.PacketConn
	ssdp     net.PacketConn
	page     *httptest.Server
	router   *Router
	kind     string // of its service
	location string // what it answers to a search; empty: its own description

	mu        sync.Mutex
	says      []byte // the answer of NAT-PMP; nil: none
	silent    bool   // it answers to no search
	address   string // of UPnP
	status    string
	v6        map[string]string // what a FRITZ!Box says of IPv6; nil: it is none
	asked     []string
	callback  string
	doc       string // in place of its description
	redirects bool
}

var gatewayOnLoopback = netip.MustParseAddr("127.0.0.1")

func newBox(t *testing.T) *box {
	b := &box{t: t, kind: "urn:schemas-upnp-org:service:WANIPConnection:2", status: "Connected"}
	listen := func() net.PacketConn {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	b.pmp, b.ssdp, b.page = listen(), listen(), httptest.NewServer(b)
	var serving sync.WaitGroup
	serving.Go(func() { b.serve(b.pmp, b.answerPMP) })
	serving.Go(func() { b.serve(b.ssdp, b.answerSSDP) })
	t.Cleanup(func() { b.pmp.Close(); b.ssdp.Close(); b.page.Close(); serving.Wait() })
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		switch _, port, _ := net.SplitHostPort(address); port {
		case "5351":
			address = b.pmp.LocalAddr().String()
		case "49000":
			address = b.page.Listener.Addr().String()
		}
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	r, err := New(gatewayOnLoopback, dial, httpx.New(httpx.Options{Network: "tcp4", Dial: dial}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.CloseIdle)
	r.searchAddrs = []netip.AddrPort{netip.MustParseAddrPort(b.ssdp.LocalAddr().String())}
	b.router = r
	return b
}

func (b *box) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// questions are those that came by HTTP.
func (b *box) questions() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.asked)
}

func (b *box) serve(c net.PacketConn, answer func([]byte) []byte) {
	buf := make([]byte, 2048)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		if a := answer(buf[:n]); a != nil {
			_, _ = c.WriteTo(a, from)
		}
	}
}

func (b *box) answerPMP(q []byte) (a []byte) {
	b.set(func() {
		if string(q) != "\x00\x00" {
			b.t.Errorf("NAT-PMP is asked %x", q)
			return
		}
		a = b.says
	})
	return a
}

func (b *box) answerSSDP(q []byte) (a []byte) {
	b.set(func() {
		text := string(q)
		if !strings.HasPrefix(text, "M-SEARCH * HTTP/1.1\r\n") || !strings.HasSuffix(text, "\r\n\r\n") || !strings.Contains(text, "MAN: \"ssdp:discover\"\r\n") {
			b.t.Errorf("it is searched for with %q", text)
			return
		}
		if b.silent {
			return
		}
		at := b.location
		if at == "" {
			at = b.page.URL + "/rootDesc.xml"
		}
		a = fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: x\r\nlocation: %s\r\nEXT:\r\n\r\n", at)
	})
	return a
}

func (b *box) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	at := r.Method + " " + r.URL.Path
	b.asked = append(b.asked, at)
	switch {
	case b.redirects:
		http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
	case at == "GET /rootDesc.xml", at == "GET "+fritzPath:
		if b.doc != "" {
			_, _ = io.WriteString(w, b.doc)
			return
		}
		fmt.Fprintf(w, `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><serviceList>
<service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/l3</controlURL><eventSubURL>/e3</eventSubURL></service>
<service><serviceType>%s</serviceType><controlURL>/ctl/IPConn?a=1&amp;b=2</controlURL><eventSubURL>/evt/IPConn</eventSubURL></service>
</serviceList></device></root>`, b.kind)
	case at == "POST /ctl/IPConn" && r.URL.RawQuery == "a=1&b=2":
		b.act(w, r.Header, string(body))
	case at == "SUBSCRIBE /evt/IPConn":
		b.subscribe(w, r)
	case at == "UNSUBSCRIBE /evt/IPConn" && r.Header.Get("SID") == "uuid:1":
	default:
		b.t.Errorf("asked %s", at)
		w.WriteHeader(http.StatusNotFound)
	}
}

func (b *box) act(w http.ResponseWriter, h http.Header, body string) {
	action := strings.Trim(strings.TrimPrefix(strings.Trim(h.Get("Soapaction"), `"`), b.kind), "#")
	values := map[string]map[string]string{
		"GetExternalIPAddress": {"NewExternalIPAddress": b.address},
		"GetStatusInfo":        {"NewConnectionStatus": b.status, "NewLastConnectionError": "ERROR_NONE", "NewUptime": "7"},
	}
	if b.v6 != nil {
		values["X_AVM_DE_GetExternalIPv6Address"], values["X_AVM_DE_GetIPv6Prefix"] = b.v6, b.v6
	}
	said, known := values[action]
	if !known || !strings.Contains(body, `<u:`+action+` xmlns:u="`+b.kind+`">`) || !strings.HasPrefix(h.Get("Content-Type"), "text/xml") {
		w.WriteHeader(http.StatusInternalServerError) // as UPnP's errors come
		return
	}
	fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:%sResponse xmlns:u="%s">`, action, b.kind)
	for k, v := range said {
		fmt.Fprintf(w, "<%s>%s</%s>", k, v, k)
	}
	fmt.Fprintf(w, "</u:%sResponse></s:Body></s:Envelope>", action)
}

func (b *box) subscribe(w http.ResponseWriter, r *http.Request) {
	begins := r.Header.Get("Nt") == "upnp:event" && strings.HasPrefix(r.Header.Get("Callback"), "<http://127.0.0.1:") && r.Header.Get("Sid") == ""
	renews := r.Header.Get("Nt") == "" && r.Header.Get("Callback") == "" && r.Header.Get("Sid") == "uuid:1"
	if !begins && !renews || r.Header.Get("Timeout") != "Second-300" {
		b.t.Errorf("subscribed with %v", r.Header)
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	if begins {
		b.callback = strings.Trim(r.Header.Get("Callback"), "<>")
	}
	w.Header()["SID"], w.Header()["TIMEOUT"] = []string{"uuid:1"}, []string{"Second-300"}
}

// notify tells the subscriber values, and gives its answer.
func (b *box) notify(sid string, seq int, values ...string) int {
	b.t.Helper()
	b.mu.Lock()
	to := b.callback
	b.mu.Unlock()
	var body strings.Builder
	body.WriteString(`<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">`)
	for i := 0; i < len(values); i += 2 {
		fmt.Fprintf(&body, "<e:property><%s>%s</%s></e:property>", values[i], values[i+1], values[i])
	}
	body.WriteString("</e:propertyset>")
	req, err := http.NewRequest("NOTIFY", to, strings.NewReader(body.String()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header["SID"], req.Header["NT"], req.Header["NTS"], req.Header["SEQ"] = []string{sid}, []string{"upnp:event"}, []string{"upnp:propchange"}, []string{fmt.Sprint(seq)}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
