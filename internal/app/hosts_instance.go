package app

import (
	"net/http"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// instanceWord is what an account says whose credential is that of the machine,
// container or workload in which homing runs.
const instanceWord = "instance"

// instanceSetting is the setting by which a host's account says so. Without it
// nobody is asked for such a credential, and no variable of the cloud's counts.
func instanceSetting() config.HostSetting {
	return config.HostSetting{Key: "credentials", Env: "HOMING_CREDENTIALS", Type: instanceWord,
		Doc: "Write instance where the credential is that of the machine, container or workload homing runs in: its cloud is then asked for it (at 169.254.169.254, for one), and never without this.",
		Check: func(s string) error {
			if s != instanceWord {
				return config.Hinted("it is not "+instanceWord, "write "+instanceWord+", or leave it away and set a credential")
			}
			return nil
		}}
}

// onInstance reports whether an account's credential is that of the machine.
func onInstance(a config.Account) bool { return a.Text("credentials") == instanceWord }

// wires are the clients for what hands out credentials. Of all that goes over
// them the log shows no more than the host.
type wires struct {
	world *World
	host  string
	made  map[clientKey]*httpx.Client
}

// metadata is a client for the services of the machine itself, which are on its
// own links: no proxy and no chosen line leads there, and nothing on the internet
// is reached.
func (w wires) metadata() *httpx.Client {
	return w.client("metadata", httpx.Options{Dial: rest.DialPrivateOnly(w.world.unbound())})
}

// issuer is a client for a service that hands out tokens, over https.
func (w wires) issuer() *httpx.Client {
	return w.client("issuer", httpx.Options{Dial: w.world.Dial, Proxy: true, HTTP2: true})
}

func (w wires) client(part string, o httpx.Options) *httpx.Client {
	key := clientKey{host: w.host, part: part}
	c := w.made[key]
	if c == nil {
		o.UserAgent = w.world.Agent
		c = httpx.New(o)
		if w.world.log != nil {
			observe(c, w.world.log, true)
		}
		w.made[key] = c
	}
	return c
}

// routeOf is the pattern of a call over the client with this key.
func (h *host) routeOf(key clientKey) func(*http.Request) string {
	if key.part == "" {
		return h.route
	}
	return func(*http.Request) string { return "credential" }
}
