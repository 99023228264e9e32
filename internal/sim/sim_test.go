package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "cfut_0123456789abcdefghijABCDEFGHIJ0123456789"

// client calls one simulated API as a strict client would.
type client struct {
	t      *testing.T
	http   *http.Client
	base   string
	header http.Header
}

// got is an answer, read as far as it could be.
type got struct {
	Status int
	Header http.Header
	Body   []byte

	Success bool
	Errors  []apiError
	Result  json.RawMessage
	Info    resultInfo `json:"result_info"`
}

// serve puts a new API with one full token on a loopback server.
func serve(t *testing.T) (*Cloudflare, client) {
	t.Helper()
	cf := NewCloudflare()
	cf.AddToken(Token{Value: token})
	srv := httptest.NewServer(cf)
	t.Cleanup(srv.Close)
	h := http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
	return cf, client{t, srv.Client(), srv.URL + "/client/v4", h}
}

func (c client) with(key, value string) client {
	c.header = c.header.Clone()
	c.header.Set(key, value)
	return c
}

func (c client) send(ctx context.Context, method, path, body string) (got, error) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = c.header
	resp, err := c.http.Do(r)
	if err != nil {
		return got{}, err
	}
	defer resp.Body.Close()
	g := got{Status: resp.StatusCode, Header: resp.Header}
	if g.Body, err = io.ReadAll(resp.Body); err != nil {
		return g, err
	}
	return g, json.Unmarshal(g.Body, &g)
}

func (c client) do(method, path, body string) got {
	c.t.Helper()
	g, err := c.send(c.t.Context(), method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v, body %q", method, path, err, g.Body)
	}
	return g
}

func (c client) get(path string) got { c.t.Helper(); return c.do("GET", path, "") }

// refused asserts the status, and the code of the only error.
func (g got) refused(t *testing.T, status, code int) apiError {
	t.Helper()
	if g.Status != status || g.Success || len(g.Errors) != 1 || g.Errors[0].Code != code {
		t.Fatalf("got status %d, errors %v; want %d with code %d", g.Status, g.Errors, status, code)
	}
	return g.Errors[0]
}

// into asserts success and reads the result.
func (g got) into(t *testing.T, v any) {
	t.Helper()
	if g.Status != http.StatusOK || !g.Success {
		t.Fatalf("got status %d: %s", g.Status, g.Body)
	}
	if err := json.NewDecoder(bytes.NewReader(g.Result)).Decode(v); err != nil {
		t.Fatal(err)
	}
}

// row is a record as a client reads it.
type row struct {
	ID, Type, Name, Content string
	Proxied, Proxiable      bool
	TTL                     int
	Comment                 *string
	Tags                    []string
	Settings, Meta          map[string]any
	Created                 string `json:"created_on"`
	Modified                string `json:"modified_on"`
}
