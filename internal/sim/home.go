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
	mu      sync.Mutex
	addrs   map[addr.Family]netip.Addr
	lies    map[asked]*Lie
	latency time.Duration
	count   map[asked]int
}

// asked is a host as it was asked over one family.
type asked struct {
	host   string
	family addr.Family
}

// NewHome makes a home that is online with these addresses, one of each family
// at most.
func NewHome(addrs ...netip.Addr) *Home {
	h := &Home{addrs: map[addr.Family]netip.Addr{}, lies: map[asked]*Lie{}, count: map[asked]int{}}
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

// Addr is the address of a family; the zero address while it is down.
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
			h.lies[asked{host, f}] = &l
		}
	}
}

// Requests is how often a host was asked over these families; both when none
// is named. The host "" is all hosts together.
func (h *Home) Requests(host string, families ...addr.Family) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for key, count := range h.count {
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
	pages := map[string]func(*view) said{"GET /cdn-cgi/trace": trace, "POST /dns-query": whoami, "GET /ip": bare}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if say, ok := pages[r.Method+" "+r.URL.Path]; ok {
			h.serve(w, r, f, say)
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

// view is one question, and the address that the host believes it comes from.
type view struct {
	*http.Request
	body []byte
	addr netip.Addr
	lie  *Lie
	now  time.Time
}

// said is an answer in the making.
type said struct {
	status int
	kind   string
	body   []byte
}

func text(body string) said { return said{http.StatusOK, "text/plain", []byte(body)} }

const maxQuestion = 64 << 10 // bytes; a DNS message is not longer

func (h *Home) serve(w http.ResponseWriter, r *http.Request, f addr.Family, say func(*view) said) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuestion))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	lie, latency := h.ask(hostOnly(r.Host), f)
	if !sleep(r.Context(), latency) {
		return
	}
	v := &view{r, body, h.Addr(f), lie, time.Now()} // after the wait: an address may change in between
	if !v.addr.IsValid() {
		panic(http.ErrAbortHandler)
	}
	if lie.Addr.IsValid() {
		v.addr = lie.Addr
	}
	lie.tell(w, r, func() said { return say(v) })
}

func (h *Home) ask(host string, f addr.Family) (*Lie, time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := asked{host, f}
	h.count[key]++
	for _, key := range []asked{key, {"", f}} {
		if lie := h.lies[key]; lie != nil {
			return lie, h.latency
		}
	}
	return &Lie{}, h.latency
}

// bare is the page of a host that shows the address and nothing else.
func bare(v *view) said { return text(v.addr.String() + "\n") }

// trace is the page every host behind Cloudflare serves (reference, section
// 11), here as an HTTP/1.1 client without TLS sees it.
func trace(v *view) said {
	warp, host := "off", hostOnly(v.Host)
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
	return text(fmt.Sprintf("fl=123f456\nh=%s\n%sts=%d.%03d\nvisit_scheme=http\nuag=%s\ncolo=FRA\nsliver=none\nhttp=http/1.1\n"+
		"loc=DE\ntls=off\nsni=off\nwarp=%s\ngateway=off\nrbi=off\nkex=none\n",
		host, ips, v.now.Unix(), v.now.Nanosecond()/1e6, v.UserAgent(), warp))
}
