package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/httpx/httpxtest"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
)

const theSecret = "s3cr3t-of-the-tests"

// serving is a Client that reaches h over pipes, on which synctest can wait.
func serving(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	c := httpx.New(httpx.Options{Dial: httpxtest.Serve(t, h)})
	t.Cleanup(c.CloseIdle)
	return &Client{HTTP: c, Base: "http://tiny.example/v1", Timeout: 30 * time.Second,
		Host:      Host{Name: "Tiny", Address: "tiny.example", StatusPage: "status.tiny.example", BaseSetting: "TINY_BASE_URL"},
		Quota:     NewQuota(Limit{Host: "Tiny", Calls: 100, Window: time.Minute}),
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+theSecret) },
		Secrets:   []secret.String{secret.New(theSecret)},
	}
}

// says answers everything alike.
func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func reading() Call {
	var v struct{}
	return Call{What: "list the zones", Method: http.MethodGet, Path: "/zones", NotFoundKind: provider.NoZone, Result: DecodeJSON(&v)}
}

func writing() Call {
	r := reading()
	r.What, r.Method, r.Body, r.NotFoundKind = "create a record", http.MethodPost, map[string]string{"name": "a"}, provider.Stale
	return r
}

// What an answer means for a call that changes nothing and for one that does,
// and how often each was made.
func TestWhatAnAnswerMeans(t *testing.T) {
	hangUp := func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }
	for name, tt := range map[string]struct {
		host        http.HandlerFunc
		read, write provider.Kind
		reads       int64
		says        string
	}{
		"a refused credential":   {says(401, `{"message":"no"}`), provider.Auth, provider.Auth, 1, "Tiny refused the credential (HTTP 401)"},
		"no permission":          {says(403, `{}`), provider.Auth, provider.Auth, 1, "the credential may not do this"},
		"nothing there":          {says(404, `{}`), provider.NoZone, provider.Stale, 1, "Tiny says that this is not there"},
		"a conflict":             {says(409, `{}`), provider.Stale, provider.Stale, 1, "it was changed in the meantime"},
		"a refusal":              {says(422, `{}`), provider.Rejected, provider.Rejected, 1, "Tiny refused (HTTP 422)"},
		"a proxy's refusal":      {says(403, `Forbidden by policy`), provider.Unavailable, provider.Unavailable, 1, "something else than Tiny's API answered"},
		"a login page":           {says(200, `<html>`, "Content-Type", "text/html"), provider.Unavailable, provider.Unconfirmed, 3, "a web page came instead of JSON"},
		"half of an answer":      {says(200, `{"zones":[`), provider.Unavailable, provider.Unconfirmed, 3, "the answer cannot be read: unexpected EOF"},
		"more than is read":      {says(200, `{"a":"`+strings.Repeat("x", DefaultLimit)+`"}`), provider.Unavailable, provider.Unconfirmed, 3, "longer than 1048576 bytes"},
		"trouble at the host":    {says(503, `{}`), provider.Unavailable, provider.Unconfirmed, 3, "no usable answer came"},
		"no such call":           {says(501, `{}`), provider.Unavailable, provider.Unavailable, 3, "what answered does not know this call"},
		"a lost connection":      {hangUp, provider.Unavailable, provider.Unconfirmed, 3, "no usable answer came"},
		"a redirect":             {says(307, ``, "Location", "https://evil.example/"+theSecret), provider.Unavailable, provider.Unconfirmed, 1, "it redirects to evil.example, and homing follows nobody"},
		"a long pause":           {says(429, `{}`, "Retry-After", "300"), provider.Throttled, provider.Throttled, 1, "too many calls (HTTP 429; wait 5m0s)"},
		"a pause of two seconds": {says(429, `{}`, "Retry-After", "2"), provider.Throttled, provider.Throttled, 3, "too many calls"},
	} {
		t.Run(name, func(t *testing.T) {
			for call, want := range map[*Call]provider.Kind{new(reading()): tt.read, new(writing()): tt.write} {
				synctest.Test(t, func(t *testing.T) {
					c := serving(t, tt.host)
					_, err := c.Do(t.Context(), *call)
					if err == nil || err.Kind != want || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), theSecret) || !strings.HasPrefix(err.Error(), call.What+": ") {
						t.Errorf("%s: %v", call.Method, err)
					}
					if n := map[bool]int64{false: tt.reads, true: 1}[call.isWrite()]; c.Calls() != n {
						t.Errorf("%s went out %d times, want %d", call.Method, c.Calls(), n)
					}
				})
			}
		})
	}
}

func TestACallCarriesWhatItIsToAndItsAnswerIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if got := r.Method + " " + r.URL.String() + " " + string(body); got != `POST /v1/zones?page=2 {"name":"a"}` ||
				r.Header.Get("Authorization") != "Bearer "+theSecret || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s with %v", got, r.Header)
			}
			says(201, `{"id":"7"}`, "Etag", `"1"`)(w, r)
		})
		var v struct{ ID string }
		r := writing()
		r.Query, r.Result = map[string][]string{"page": {"2"}}, DecodeJSON(&v)
		header, err := c.Do(t.Context(), r)
		if err != nil || v.ID != "7" || header.Get("Etag") != `"1"` {
			t.Errorf("%+v, %v, %v", v, header, err)
		}
		r.Result = nil
		if _, err := c.Do(t.Context(), r); err != nil {
			t.Error(err)
		}
	})
}

// The host's words are shown, harmless, and without what is secret in them.
func TestWhatAHostSaysOfARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, says(400, `{"message":"quota of `+theSecret+` \u001b[31m reached"}`))
		c.ExplainRefusal = func(status int, body []byte) Refusal {
			var m struct{ Message string }
			return Refusal{Understood: DecodeJSON(&m)(strings.NewReader(string(body))) == nil && status == 400, Messages: []string{m.Message},
				Meaning: Meaning{provider.Throttled, "the zone is full", "delete records"}}
		}
		_, err := c.Do(t.Context(), writing())
		if want := "create a record: the zone is full (Tiny says quota of " + secret.New(theSecret).String() + " [31m reached; HTTP 400)"; err == nil || err.Error() != want || err.Hint != "delete records" || err.Kind != provider.Throttled {
			t.Errorf("%v (%+v)", err, err)
		}
		if f, ok := errors.AsType[*Failure](err); !ok || f.Status != 400 {
			t.Errorf("%+v", f)
		}
	})
}

func TestTheQuotaIsSharedAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all Quotas[string]
		one := serving(t, says(200, `{}`))
		limit := Limit{Host: "Tiny", Calls: 3, Window: time.Minute}
		one.Quota = all.For("token", limit)
		for range 3 {
			if _, err := one.Do(t.Context(), reading()); err != nil {
				t.Fatal(err)
			}
		}
		if all.For("token", limit).Headroom(time.Now()) != 0 || all.For("other", limit).Headroom(time.Now()) != 3 {
			t.Error("the quota is not that of the credential")
		}
		_, err := one.Do(t.Context(), reading())
		if err == nil || err.Kind != provider.Throttled || err.RetryAfter != time.Minute || one.Calls() != 3 {
			t.Errorf("%v after %d calls", err, one.Calls())
		}
	})
}

func TestAHostWithoutALimitIsOnlyHeldByItsOwnWord(t *testing.T) {
	q, now := NewQuota(Limit{Host: "Tiny"}), time.Now()
	for range 10_000 {
		if wait, why := q.tryAcquire(now); wait != 0 {
			t.Fatal(why)
		}
	}
	q.updateFromHeaders(http.StatusTooManyRequests, http.Header{"Retry-After": {"7"}}, now)
	if wait, why := q.tryAcquire(now); wait != 7*time.Second || why != "Tiny asked for a pause" || q.Headroom(now) != 0 {
		t.Errorf("%s: %s", wait, why)
	}
}

func TestACallEndsWithItsTimeAndAWriteAfterTheGrace(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, hang)
		c.Timeout = 7 * time.Second
		start := time.Now()
		_, err := c.Do(t.Context(), reading())
		if took := time.Since(start); took != c.Timeout || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer within 7s") {
			t.Errorf("after %s: %v", took, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		start = time.Now()
		cancelled := time.AfterFunc(time.Second, cancel)
		defer cancelled.Stop()
		if _, err := c.Do(ctx, writing()); err.Kind != provider.Unconfirmed || time.Since(start) != time.Second+provider.WriteGrace {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestADateThatIsNoneIsNotBelieved(t *testing.T) {
	var c clockOffset
	if c.update("yesterday", time.Now(), time.Now()); c.ahead.Load() != nil {
		t.Error("it is believed")
	}
}
