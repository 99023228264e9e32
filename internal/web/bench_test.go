package web_test

import (
	"io"
	"net/http"
	"testing"
)

// client asks one server over connections that are kept.
func client(t testing.TB, workers int) *http.Client {
	tr := &http.Transport{MaxIdleConnsPerHost: workers}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func fetch(c *http.Client, url string) (status int, body []byte, err error) {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0, nil, err
	}
	bearer(r)
	res, err := c.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

func BenchmarkOverLoopback(b *testing.B) {
	for _, path := range []string{"/widget", "/metrics", "/api/v1/status"} {
		b.Run(path[1:], func(b *testing.B) {
			p := newPlace(b, 20)
			p.round()
			address, _ := p.serving(b)
			c := client(b, 1)
			b.ReportAllocs()
			for b.Loop() {
				if status, _, err := fetch(c, "http://"+address+path); err != nil || status != 200 {
					b.Fatal(status, err)
				}
			}
		})
	}
}
