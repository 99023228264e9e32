package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/sim"
)

// read makes a call that changes nothing, write one that does.
func read(t *testing.T, p *Provider) error {
	_, err := p.Records(t.Context(), someZone(), allNames("home.example.org"))
	return err
}

func write(t *testing.T, p *Provider) error {
	if err := apply(t.Context(), p, someZone(), changesAt("home.example.org"))[0].Err; err != nil {
		return err
	}
	return nil
}

func TestReadsAreRepeatedAtMostTwiceAndWritesNever(t *testing.T) {
	for fault, f := range map[string]sim.Fault{
		"502 with a page":   sim.HTML(502),
		"no answer":         sim.Disconnect(),
		"the answer lost":   sim.LoseAnswer(),
		"the answer cut":    sim.CutAnswer(),
		"half of the JSON":  sim.HalfJSON(),
		"an empty 200":      sim.Answer(200, nil, ""),
		"a page and 200":    sim.HTML(200),
		"503 with an error": sim.Refuse(503, 10001, "internal"),
	} {
		t.Run(fault, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cf, p := simulated(t)
				cf.AddZone(sim.Zone{Name: "example.org"})
				z := zoneOf(t, p, "example.org")
				cf.Reset()
				cf.Fail(sim.All(), f)
				p.client.rest.HTTP.CloseIdle() // or net/http itself tries a GET once more
				_, err := p.Records(t.Context(), z, allNames("home.example.org"))
				if kind, n := kindOf(t, err), len(cf.Calls()); kind != provider.Unavailable || n != 3 {
					t.Errorf("reading: %s after %d calls: %v", kind, n, err)
				}
				cf.Reset()
				result := apply(t.Context(), p, z, changesAt("home.example.org"))[0]
				if kind, n := kindOf(t, result.Err), len(cf.Calls()); kind != provider.Unconfirmed || n != 1 {
					t.Errorf("writing: %s after %d calls: %v", kind, n, result.Err)
				}
				cf.Heal()
				cf.Reset()
				cf.Fail(sim.All(), f.Times(2))
				p.client.rest.HTTP.CloseIdle()
				if _, err := p.Records(t.Context(), z, allNames("home.example.org")); err != nil || len(cf.Calls()) != 3 {
					t.Errorf("the third try: %v after %d calls", err, len(cf.Calls()))
				}
			})
		})
	}
}

func TestARefusedReadIsNotRepeated(t *testing.T) {
	for status, kind := range map[int]provider.Kind{400: provider.Rejected, 401: provider.Auth, 403: provider.Auth, 404: provider.NoZone, 405: provider.Rejected} {
		bubble(t, func(t *testing.T) {
			var n atomic.Int64
			p := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n.Add(1)
				answer(status, `{"success":false,"errors":[{"code":1,"message":"no"}]}`)(w, r)
			}))
			if err := read(t, p); kindOf(t, err) != kind || n.Load() != 1 || !strings.Contains(err.Error(), `"no" (code 1)`) {
				t.Errorf("%d: %s after %d calls: %v", status, kindOf(t, err), n.Load(), err)
			}
		})
	}
}

func TestAReadWaitsOutAShortThrottleAndReportsALongOne(t *testing.T) {
	for _, tt := range []struct {
		after time.Duration
		calls int
		fine  bool
	}{{5 * time.Second, 2, true}, {300 * time.Second, 1, false}, {0, 1, false}} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			z := cf.AddZone(sim.Zone{Name: "example.org"})
			cf.Fail(sim.All(), sim.Throttle(tt.after).Times(1))
			start := time.Now()
			_, err := p.Records(t.Context(), provider.Zone{ID: z.ID, Name: name(z.Name)}, allNames("home.example.org"))
			if len(cf.Calls()) != tt.calls || (err == nil) != tt.fine {
				t.Fatalf("Retry-After %s: %d calls, %v", tt.after, len(cf.Calls()), err)
			}
			if tt.fine {
				if took := time.Since(start); took < tt.after {
					t.Errorf("Retry-After %s: asked again after %s", tt.after, took)
				}
				return
			}
			if e, _ := errors.AsType[*provider.Error](err); e.Kind != provider.Throttled || e.RetryAfter != tt.after {
				t.Errorf("Retry-After %s: %s, %s", tt.after, e.Kind, e.RetryAfter)
			}
		})
	}
}

func TestAfterAThrottleNoCallGoesOutUntilItIsOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"})
		z := zoneOf(t, p, "example.org")
		cf.Fail(sim.All(), sim.Throttle(5*time.Minute).Times(1))
		cf.Reset()
		apply(t.Context(), p, z, changesAt("home.example.org"))
		if len(cf.Calls()) != 1 {
			t.Error("a write was repeated")
		}
		time.Sleep(time.Minute)
		result := apply(t.Context(), p, z, changesAt("home.example.org"))[0]
		if result.Err.Kind != provider.Throttled || result.Err.RetryAfter != 4*time.Minute || len(cf.Calls()) != 1 {
			t.Errorf("%s, %s, %d calls", result.Err.Kind, result.Err.RetryAfter, len(cf.Calls()))
		}
		time.Sleep(4 * time.Minute)
		if result := apply(t.Context(), p, z, changesAt("home.example.org"))[0]; result.Err != nil {
			t.Errorf("after the pause: %v", result.Err)
		}
	})
}

func TestAWriteThatIsThrottledIsNotRepeatedHoweverShortThePause(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.Fail(sim.All(), sim.Throttle(time.Second))
		if err := write(t, p); kindOf(t, err) != provider.Throttled || len(cf.Calls()) != 1 {
			t.Errorf("%v after %d calls", err, len(cf.Calls()))
		}
	})
}

func TestWhenNothingIsLeftNoCallGoesOutUntilTheReset(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := connect(t, answer(200, `{"success":true,"result":[],"result_info":{"total_count":0}}`,
			"Ratelimit", `"default";r=0;t=30`, "Ratelimit-Policy", `"default";q=1200;w=300`))
		if err := read(t, p); err != nil {
			t.Fatal(err)
		}
		err := read(t, p)
		if e, _ := errors.AsType[*provider.Error](err); kindOf(t, err) != provider.Throttled || e.RetryAfter != 30*time.Second || p.Calls() != 1 {
			t.Errorf("%v after %d calls", err, p.Calls())
		}
		time.Sleep(30 * time.Second)
		if err := read(t, p); err != nil {
			t.Error(err)
		}
	})
}

func TestTheRealRateLimitIsNeverReached(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.LimitRate(0, 0)
		z := cf.AddZone(sim.Zone{Name: "example.org"})
		var last error
		for range callsPerWindow + 50 {
			_, last = p.Records(t.Context(), provider.Zone{ID: z.ID, Name: name(z.Name)}, allNames("home.example.org"))
		}
		if n := len(cf.Calls()); n != callsPerWindow || kindOf(t, last) != provider.Throttled {
			t.Errorf("%d calls, then %v", n, last)
		}
		if p.Calls() != callsPerWindow {
			t.Errorf("the meter says %d", p.Calls())
		}
	})
}

// Two accounts with one token, or one before a reload and one after it.
func TestProvidersOfOneCredentialShareTheRateLimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		limits := new(Limits)
		sharing := func(c *Config) { c.Limits = limits }
		cf, one := simulated(t, sharing)
		other := connect(t, cf, sharing)
		stranger := connect(t, cf, sharing, func(c *Config) { c.Credential.Token = secret.New(theSecret + "2") })
		cf.AddToken(sim.Token{Value: theSecret + "2"})
		cf.LimitRate(0, 0)
		z := cf.AddZone(sim.Zone{Name: "example.org"})
		read := func(p *Provider) error {
			_, err := p.Records(t.Context(), provider.Zone{ID: z.ID, Name: name(z.Name)}, allNames("home.example.org"))
			return err
		}
		for range callsPerWindow / 2 {
			_, _ = read(one), read(other)
		}
		if err := read(one); kindOf(t, err) != provider.Throttled || len(cf.Calls()) != callsPerWindow {
			t.Errorf("%d calls, then %v", len(cf.Calls()), err)
		}
		if err := read(stranger); err != nil {
			t.Errorf("another credential is held up: %v", err)
		}
	})
}

func TestAHangingCallEndsAfterTheTimeout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t, func(c *Config) { c.Timeout = 7 * time.Second })
		cf.Fail(sim.All(), sim.Stall())
		start := time.Now()
		err := read(t, p)
		if took := time.Since(start); kindOf(t, err) != provider.Unavailable || took != 7*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
		if hint := err.(*provider.Error).Hint; !strings.Contains(err.Error(), "no answer within 7s") || !strings.Contains(hint.String(), "network.update_timeout") {
			t.Errorf("the setting is not named: %v → %s", err, hint)
		}
		if err := write(t, p); kindOf(t, err) != provider.Unconfirmed {
			t.Errorf("a write: %v", err)
		}
	})
}

func TestARepetitionIsNotBegunThatCannotEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t, func(c *Config) { c.Timeout = time.Second })
		cf.Fail(sim.All(), sim.HTML(502))
		start := time.Now()
		err := read(t, p)
		if took := time.Since(start); len(cf.Calls()) != 2 || took >= time.Second {
			t.Errorf("%d calls in %s: %v", len(cf.Calls()), took, err)
		}
	})
}

func TestACallReturnsWhenItsContextEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.Fail(sim.All(), sim.Stall())
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := p.Records(ctx, someZone(), allNames("home.example.org"))
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.Canceled) {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

func TestWhatWasNeverSentIsNotUnconfirmed(t *testing.T) {
	client := httpx.New(httpx.Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("network is unreachable")}
	}})
	p, err := New(Config{Credential: Credential{Token: secret.New(theSecret)}, Client: client})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(t, p); kindOf(t, err) != provider.Unavailable || !strings.Contains(err.Error(), "network is unreachable") {
		t.Error(err)
	}
}

func TestAnUntrustedCertificateIsNoMatterOfTheNetwork(t *testing.T) {
	asked := false
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail
	s.StartTLS()
	defer s.Close()
	p, err := New(Config{Credential: Credential{Token: secret.New(theSecret)}, Client: httpx.New(httpx.Options{}), BaseURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	err = write(t, p)
	pe, ok := errors.AsType[*provider.Error](err)
	if !ok || pe.Kind != provider.Unavailable || !strings.Contains(err.Error(), "cannot prove to be Cloudflare (tls: failed to verify certificate") ||
		!strings.Contains(pe.Hint.String(), "CA certificates") || asked {
		t.Errorf("%v", err)
	}
}

func TestRedirectsAreRefusedAndNotFollowed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var elsewhere atomic.Int64
		p := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host != "127.0.0.1" {
				elsewhere.Add(1)
			}
			http.Redirect(w, r, "https://evil.example/"+theSecret, http.StatusTemporaryRedirect)
		}))
		for _, err := range []error{read(t, p), write(t, p)} {
			if kindOf(t, err); !strings.Contains(err.Error(), "redirects to evil.example") {
				t.Error(err)
			}
		}
		if elsewhere.Load() != 0 {
			t.Error("it was followed")
		}
	})
}

func TestAnswersAreCappedInSize(t *testing.T) {
	bubble(t, func(t *testing.T) {
		endless := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"success":true,"result":"`)
			for err := error(nil); err == nil; {
				_, err = io.WriteString(w, strings.Repeat("x", 1<<15))
			}
		})
		p := connect(t, endless)
		_, _, err := p.Zones(t.Context(), allNames("home.example.org"))
		if kindOf(t, err) != provider.Unavailable || !strings.Contains(err.Error(), "longer than 1048576 bytes") {
			t.Error(err)
		}
		if err := write(t, p); kindOf(t, err) != provider.Unconfirmed {
			t.Error(err)
		}
	})
}

func TestAWebPageIsNoAnswerWhateverItHolds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := connect(t, answer(200, `{"success":true,"result":[],"result_info":{"total_count":0}}`, "Content-Type", "text/html; charset=utf-8"))
		if err := read(t, p); err == nil || kindOf(t, err) != provider.Unavailable {
			t.Error(err)
		}
	})
}

func TestHostileTextsAreMadeHarmless(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			words := fmt.Sprintf("\\u001b[31mred\\u0000 \\r\\nX: %s \\u202e%s", r.Header.Get("Authorization"), strings.Repeat("long ", 200))
			answer(400, `{"success":false,"errors":[{"code":1,"message":"`+words+`","error_chain":[{"code":2,"message":"`+words+`"}]}]}`)(w, r)
		}))
		err := read(t, p)
		kindOf(t, err)
		if s := err.Error(); strings.ContainsAny(s, "\x1b\x00\r\n\u202e") || strings.Contains(s, `\x1b`) || len(s) > 2000 {
			t.Errorf("%d bytes: %s", len(s), s)
		}
	})
}

func TestAMalformedAnswerLeaksNoSecret(t *testing.T) {
	client := httpx.New(httpx.Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			buf := make([]byte, 4096)
			_, _ = theirs.Read(buf)
			_, _ = io.WriteString(theirs, "Bearer "+theSecret+"\r\n\r\n")
		}()
		return ours, nil
	}})
	p, err := New(Config{Credential: Credential{Token: secret.New(theSecret)}, Client: client, BaseURL: "http://127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if kind := kindOf(t, write(t, p)); kind != provider.Unconfirmed {
		t.Error(kind)
	}
}

func TestEachCallCarriesTheCredentialAndWhoAsks(t *testing.T) {
	key := secret.New(strings.Repeat("a1", 20))
	for _, c := range []Credential{{Token: secret.New(theSecret)}, {Key: key, Email: "me@example.org"}} {
		bubble(t, func(t *testing.T) {
			got := make(chan http.Header, 1)
			p := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got <- r.Header
				answer(400, `{"success":false,"errors":[]}`)(w, r)
			}), func(cfg *Config) { cfg.Credential = c })
			_ = write(t, p)
			h := <-got
			token := h.Get("Authorization") == "Bearer "+theSecret && h.Get("X-Auth-Key") == ""
			pair := h.Get("Authorization") == "" && h.Get("X-Auth-Key") == key.Reveal() && h.Get("X-Auth-Email") == "me@example.org"
			if token == pair || token == c.Token.IsZero() {
				t.Errorf("%v", h)
			}
			if h.Get("User-Agent") != "homing/test" || h.Get("Content-Type") != "application/json" {
				t.Errorf("%v", h)
			}
		})
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var dialled atomic.Int64
		cf := sim.NewCloudflare()
		cf.AddToken(sim.Token{Value: theSecret})
		cf.AddZone(sim.Zone{Name: "example.org"})
		world := sim.Pipes(nil)
		world.Handle("/", cf)
		client := httpx.New(httpx.Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled.Add(1)
			return world.Dial(ctx, network, address)
		}})
		t.Cleanup(world.Close)
		t.Cleanup(client.CloseIdle)
		p, err := New(Config{Credential: Credential{Token: secret.New(theSecret)}, Client: client, BaseURL: "http://127.0.0.1/client/v4"})
		if err != nil {
			t.Fatal(err)
		}
		z := zoneOf(t, p, "example.org")
		for range 5 { // reads, refusals and writes
			apply(t.Context(), p, z, changesAt("a.example.org", "b.example.org"))
			apply(t.Context(), p, z, changesAt("a.example.org"))
			if _, err := p.Records(t.Context(), z, []dns.Name{name("a.example.org"), name("b.example.org")}); err != nil {
				t.Fatal(err)
			}
		}
		if n := dialled.Load(); n != 1 {
			t.Errorf("%d connections for %d calls", n, p.Calls())
		}
	})
}
