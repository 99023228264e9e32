package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
)

// issuer hands out pass-1, pass-2 … for an hour each.
type issuer struct {
	asked atomic.Int32
	fails atomic.Bool
	takes time.Duration
}

func (i *issuer) renewal() *CredentialCache {
	return &CredentialCache{Timeout: 10 * time.Second, Fetch: func(ctx context.Context) (*TemporaryCredential, *provider.Error) {
		word := fmt.Sprint("pass-", i.asked.Add(1))
		if !Sleep(ctx, i.takes) {
			return nil, &provider.Error{Kind: provider.Unavailable, Err: context.Cause(ctx)}
		}
		if i.fails.Load() {
			return nil, &provider.Error{Kind: provider.Unconfirmed, What: "ask for a pass", Err: errors.New("it hands out none")}
		}
		return &TemporaryCredential{Expires: time.Now().Add(time.Hour), Secrets: []secret.String{secret.New(word)},
			Authorize: func(r *http.Request) { r.Header.Set("Authorization", word) }}, nil
	}}
}

func word(t *testing.T, r *CredentialCache) string {
	t.Helper()
	p, err := r.Get(t.Context())
	if err != nil {
		return err.Error()
	}
	req, _ := http.NewRequest(http.MethodGet, "http://tiny.example", nil)
	p.Authorize(req)
	return req.Header.Get("Authorization")
}

func TestAPassIsAskedForOnceAndAgainBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{takes: time.Second}
		r := i.renewal()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if got := word(t, r); got != "pass-1" {
					t.Errorf("got %s", got)
				}
			})
		}
		all.Wait()
		time.Sleep(54 * time.Minute)
		if got := word(t, r); got != "pass-1" {
			t.Errorf("long before its end: %s", got)
		}
		time.Sleep(2 * time.Minute)
		if got := word(t, r); got != "pass-2" {
			t.Errorf("shortly before its end: %s", got)
		}
	})
}

func TestWhereNothingComesTheOldPassHoldsToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{takes: time.Second}
		r := i.renewal()
		word(t, r)
		i.fails.Store(true)
		time.Sleep(56 * time.Minute)
		for range 10 {
			if got := word(t, r); got != "pass-1" {
				t.Fatalf("got %s", got)
			}
		}
		if n := i.asked.Load(); n != 2 {
			t.Errorf("asked %d times within a second", n)
		}
		time.Sleep(4 * time.Minute)
		p, err := r.Get(t.Context())
		if p != nil || err == nil || err.Kind != provider.Unavailable || err.Error() != "ask for a pass: it hands out none" {
			t.Errorf("after its end: %v, %v", p, err)
		}
		i.fails.Store(false)
		if got := word(t, r); !strings.HasPrefix(got, "pass-") {
			t.Errorf("once it hands out passes again: %s", got)
		}
	})
}

// Who waits for a question that fails has its failure, and asks none of his own;
// who gives up keeps nobody else from an answer.
func TestAFailureIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{takes: time.Second}
		i.fails.Store(true)
		r := i.renewal()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { word(t, r) })
		}
		all.Wait()
		if n := i.asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		i.fails.Store(false)
		brief, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		all.Go(func() {
			if _, err := r.Get(brief); err == nil || err.Kind != provider.Unavailable {
				t.Errorf("who gave up got %v", err)
			}
		})
		synctest.Wait()
		if got := word(t, r); got != "pass-3" {
			t.Errorf("the next one got %s", got)
		}
		all.Wait()
	})
}

func TestAQuestionForAPassIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := (&issuer{takes: time.Hour}).renewal()
		began := time.Now()
		if got := word(t, r); got != "no answer within 10s" || time.Since(began) != 10*time.Second {
			t.Errorf("%s after %s", got, time.Since(began))
		}
	})
}

// A pass that the host refuses is asked for anew, once, and stands in no text.
func TestARefusedPassIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var takes atomic.Pointer[string]
		takes.Store(new("pass-1"))
		var calls atomic.Int32
		c := serving(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			w.Header().Set("Content-Type", "application/json")
			if got := r.Header.Get("Authorization"); got != *takes.Load() {
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprintf(w, `{"no":%q}`, got)
				return
			}
			io.WriteString(w, `{}`)
		})
		i := &issuer{}
		c.Credentials, c.Authorize = i.renewal(), nil
		c.ExplainRefusal = func(_ int, body []byte) Refusal { return Refusal{Understood: true, Messages: []string{string(body)}} }
		if _, err := c.Do(t.Context(), writing()); err != nil {
			t.Fatal(err)
		}
		takes.Store(new("pass-2"))
		if _, err := c.Do(t.Context(), writing()); err != nil || i.asked.Load() != 2 || calls.Load() != 3 {
			t.Errorf("%v after %d passes and %d calls", err, i.asked.Load(), calls.Load())
		}
		takes.Store(new("none"))
		_, err := c.Do(t.Context(), writing())
		if err == nil || err.Kind != provider.Auth || calls.Load() != 5 {
			t.Errorf("%v after %d calls", err, calls.Load())
		}
		if strings.Contains(err.Error(), "pass-3") || !strings.Contains(err.Error(), "•") {
			t.Errorf("it shows the pass: %v", err)
		}
		i.fails.Store(true)
		_, err = c.Do(t.Context(), writing())
		if want := "create a record: ask for a pass: it hands out none"; err == nil || err.Error() != want || err.Kind != provider.Unavailable || calls.Load() != 5 {
			t.Errorf("%v after %d calls, want %s", err, calls.Load(), want)
		}
	})
}

func TestADocumentIsSentAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "text/html")
			if r.Header.Get("Content-Type") != "text/xml" || string(body) != "<a/>" || r.Header.Get("Accept") != "" {
				t.Errorf("%v %s", r.Header, body)
			}
		})
		call := writing()
		call.Body, call.XML = Document{Type: "text/xml", Content: []byte("<a/>")}, true
		if _, err := c.Do(t.Context(), call); err == nil || !strings.Contains(err.Error(), "a web page came instead of XML") {
			t.Errorf("%v", err)
		}
	})
}

// Calls wait for a turn that is near, and for none that is far.
func TestCallsKeepToAPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serving(t, says(200, `{}`))
		c.Quota = NewQuota(Limit{Host: "Tiny", Calls: 5, Window: time.Second, MaxWait: 2 * time.Second})
		began := time.Now()
		for range 11 {
			if _, err := c.Do(t.Context(), reading()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("11 calls took %s", took)
		}
		c.Quota.pauseFor(time.Minute, time.Now())
		if _, err := c.Do(t.Context(), reading()); err == nil || err.Kind != provider.Throttled || time.Since(began) != 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
