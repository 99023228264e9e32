package app

import (
	"crypto/x509"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// overHTTP is how the API of a host is reached. All that have one share these
// settings: base_url, allow_http and ca_file.
type overHTTP struct {
	url     string // the customary variable of base_url
	usual   string // where the API is; empty: each account says it
	example string // how it may look, where there is no usual one
	doc     string // of base_url
}

// settings are the rows of an account that say how its host is reached.
func (o overHTTP) settings() []config.HostSetting {
	return []config.HostSetting{
		{Key: config.BaseURL, Env: o.url, Type: "URL", URL: true, Default: o.usual,
			Doc: o.doc + "; plain http only on this machine, or with allow_http in a private network.",
			Check: func(s string) error {
				_, err := rest.CheckBaseURL(s, o.usual+o.example, true)
				if o.example == "" {
					return err
				}
				return advised(err, text.Advise("write it such as %s; https where it is not on this machine or in a private network", o.example))
			}},
		{Key: config.AllowHTTP, Env: "HOMING_ALLOW_HTTP", Form: config.Boolean, Type: "true or false",
			Doc: "Whether plain http to the API at a private address is all right, where everyone on the way can read the credential.",
			Check: func(s string) error {
				if _, err := strconv.ParseBool(s); err != nil {
					return config.Hinted("it is neither true nor false", "write true or false")
				}
				return nil
			}},
		{Key: config.CAFile, Env: "HOMING_CA", Type: "path", Path: true,
			Doc:   "A file with the certificates (PEM) of the CA that vouches for the API of the host, in place of those the system trusts.",
			Check: func(pem string) error { _, err := poolOf([]byte(pem)); return err }},
	}
}

// check looks at whether the credential of an account may go where its API is.
func (o overHTTP) check(c config.Credential) {
	base, err := rest.CheckBaseURL(c.Text(config.BaseURL), o.usual+o.example, true)
	_, far := rest.IsPlainHTTP(base)
	switch {
	case err != nil || !far: // the shape was told of already
	case !allows(c.Text(config.AllowHTTP)):
		_, err = rest.CheckBaseURL(base, o.usual+o.example, false)
		c.Malformed(config.BaseURL, config.Hinted(err.Error(), text.Advise("use https, perhaps with %s; or, at a private address, where you trust everybody on the way: %s",
			c.Name(config.CAFile), c.ToSet(config.AllowHTTP, "true"))))
	default:
		c.Notice(c.Name(config.BaseURL) + " is plain http, so everyone on the way to " + base + " can read the credential; " + c.Name(config.AllowHTTP) + " allows it")
	}
}

func allows(text string) bool { b, _ := strconv.ParseBool(text); return b }

// wayOverHTTP is the way of an account that has a CA of its own, or whose API
// speaks plain http; nil for all others. Plain http leads through no proxy, and
// never to the internet.
func wayOverHTTP(a config.Account) wayTo {
	ca, plain := a.Text(config.CAFile), strings.HasPrefix(strings.ToLower(a.Text(config.BaseURL)), "http://")
	if ca == "" && !plain {
		return nil
	}
	return func(o *httpx.Options) (err error) {
		if plain {
			if o.Dial == nil {
				o.Dial = httpx.Dialer{}.Dial
			}
			o.Dial, o.Proxy = rest.DialPrivateOnly(o.Dial), false
		}
		if ca == "" {
			return nil
		}
		pem, err := os.ReadFile(ca)
		if err == nil {
			o.Roots, err = poolOf(pem)
		}
		if err != nil {
			return fmt.Errorf("read the certificates of the CA in %s: %w", ca, err)
		}
		return nil
	}
}

// poolOf is the certificates in a file.
func poolOf(pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, config.Hinted("there is no certificate in the file", "it has to begin with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}
