package sim

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// Home is a simulated home connection: at which addresses the world sees it,
// and what the hosts that can be asked about that say. It is safe for
// concurrent use.
type Home struct {
	mu       sync.Mutex
	addrs    map[addr.Family]netip.Addr
	lies     map[hostFamily]*Lie
	latency  time.Duration
	requests map[hostFamily]int
}

// hostFamily is a host as it was asked over one family.
type hostFamily struct {
	host   string
	family addr.Family
}

// NewHome makes a home that is online with these addresses, one of each family
// at most.
func NewHome(addrs ...netip.Addr) *Home {
	h := &Home{addrs: map[addr.Family]netip.Addr{}, lies: map[hostFamily]*Lie{}, requests: map[hostFamily]int{}}
	for _, a := range addrs {
		for _, f := range addr.Families() {
			if f.Holds(a) {
				h.addrs[f] = a
			}
		}
	}
	return h
}

// Set gives the home a new address; the zero address takes the family down.
func (h *Home) Set(f addr.Family, a netip.Addr) {
	h.mu.Lock()
	h.addrs[f] = a
	h.mu.Unlock()
}

// Addr returns the address of a family; the zero address while it is down.
func (h *Home) Addr(f addr.Family) netip.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.addrs[f]
}

// SetLatency makes every answer take this long.
func (h *Home) SetLatency(d time.Duration) {
	h.mu.Lock()
	h.latency = d
	h.mu.Unlock()
}

// Lie makes a host answer wrongly from now on, in the families the lie names.
// The host "" is every host that has no lie of its own. The zero Lie makes it
// honest again.
func (h *Home) Lie(host string, l Lie) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range addr.Families() {
		if l.Family == 0 || l.Family == f {
			h.lies[hostFamily{host, f}] = &l
		}
	}
}

// Requests returns how often a host was asked over these families; both when none
// is named. The host "" is all hosts together.
func (h *Home) Requests(host string, families ...addr.Family) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for key, count := range h.requests {
		if (host == "" || key.host == host) && (len(families) == 0 || slices.Contains(families, key.family)) {
			n += count
		}
	}
	return n
}

// Handler answers as every host in the world does that is asked over this
// family: GET /cdn-cgi/trace, POST /dns-query and GET /ip, whatever the Host.
// While the family is down it closes the connection.
func (h *Home) Handler(f addr.Family) http.Handler {
	pages := map[string]func(*hostRequest) hostAnswer{"GET /cdn-cgi/trace": tracePage, "POST /dns-query": answerWhoami, "GET /ip": addressPage}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if say, ok := pages[r.Method+" "+r.URL.Path]; ok {
			h.serveFamily(w, r, f, say)
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

// hostRequest is one question, and the address that the host believes it comes from.
type hostRequest struct {
	*http.Request
	body []byte
	addr netip.Addr
	lie  *Lie
	now  time.Time
}

// hostAnswer is an answer in the making.
type hostAnswer struct {
	status int
	kind   string
	body   []byte
}

func plainText(body string) hostAnswer { return hostAnswer{http.StatusOK, "text/plain", []byte(body)} }

const maxQuestion = 64 << 10 // bytes; a DNS message is not longer

func (h *Home) serveFamily(w http.ResponseWriter, r *http.Request, f addr.Family, say func(*hostRequest) hostAnswer) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuestion))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	lie, latency := h.recordRequest(stripPort(r.Host), f)
	if !waitOrGone(r.Context(), latency) {
		return
	}
	v := &hostRequest{r, body, h.Addr(f), lie, time.Now()} // after the wait: an address may change in between
	if !v.addr.IsValid() {
		panic(http.ErrAbortHandler)
	}
	if lie.Addr.IsValid() {
		v.addr = lie.Addr
	}
	lie.answer(w, r, func() hostAnswer { return say(v) })
}

func (h *Home) recordRequest(host string, f addr.Family) (*Lie, time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := hostFamily{host, f}
	h.requests[key]++
	for _, key := range []hostFamily{key, {"", f}} {
		if lie := h.lies[key]; lie != nil {
			return lie, h.latency
		}
	}
	return &Lie{}, h.latency
}

// addressPage returns the page of a host that shows the address and nothing else.
func addressPage(v *hostRequest) hostAnswer { return plainText(v.addr.String() + "\n") }

// tracePage returns the page every host behind Cloudflare serves (reference, section
// 11), here as an HTTP/1.1 client without TLS sees it.
func tracePage(v *hostRequest) hostAnswer {
	warp, host := "off", stripPort(v.Host)
	if v.lie.Warp != "" {
		warp = v.lie.Warp
	}
	if v.lie.Host != "" {
		host = v.lie.Host
	}
	ips := fmt.Sprintf("ip=%s\n", v.addr)
	for _, a := range v.lie.More {
		ips += fmt.Sprintf("ip=%s\n", a)
	}
	return plainText(fmt.Sprintf("fl=123f456\nh=%s\n%sts=%d.%03d\nvisit_scheme=http\nuag=%s\ncolo=FRA\nsliver=none\nhttp=http/1.1\n"+
		"loc=DE\ntls=off\nsni=off\nwarp=%s\ngateway=off\nrbi=off\nkex=none\n",
		host, ips, v.now.Unix(), v.now.Nanosecond()/1e6, v.UserAgent(), warp))
}
