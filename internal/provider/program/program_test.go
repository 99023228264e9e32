package program

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/scaletest"
	"github.com/homing-dns/homing/internal/secret"
)

// creating is a set with one new address at a name.
func creating(t testing.TB, n string) []plan.Set {
	r := rest.RecordFromValue(dns.Key{Name: name(t, n), Type: dns.A}, "192.0.2.1")
	r.TTL = 300
	return []plan.Set{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}}
}

func zoneNamed(t testing.TB) provider.Zone {
	return provider.Zone{ID: "7", Name: name(t, "example.org"), Limits: Limits()}
}

func kindOf(err error) string {
	if err == nil {
		return "none"
	}
	if e, ok := errors.AsType[*provider.Error](err); ok {
		return e.Kind.String()
	}
	return "no error of the seam: " + err.Error()
}

// Whatever a program does, each kind of request ends in the error that is right for
// what happens next: nothing is known of what was read, and of a write it was given
// nobody knows what became.
func TestAProgramThatGoesWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, zones, records, apply, says string }{
		{crash, "unavailable", "unavailable", "unavailable", `it ended without an answer: exit status 2, it said "panic: something is nil"`},
		{garbage, "unavailable", "unavailable", "unavailable", "it is no answer in JSON"},
		{version, "unavailable", "unavailable", "unavailable", "it speaks version 7 of the protocol, and this is version 1"},
		{other, "unavailable", "unavailable", "unavailable", "it answers request 1, and was asked request 2"},
		{endless, "unavailable", "unavailable", "unavailable", "its answer is longer than 16 MiB"},
		{elsewhere, "unavailable", "unavailable", "unavailable", ""},
		{tells, "auth", "auth", "auth", "the program says: the token •••••• is refused"},
		{down, "unavailable", "unavailable", "unavailable", "the program says: its host cannot be reached"},
		{unknown, "unavailable", "none", "unconfirmed", "the program says: I am tired"},
		{throttle, "throttled", "throttled", "throttled", "too much"},
		{lose, "none", "none", "unconfirmed", ""},
		{ignore, "none", "none", "rejected", ""},
		{misspelt, "none", "unavailable", "unavailable", ""},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			h.fail(c.fault)
			p := h.with(t, Config{Timeout: 20 * time.Second})
			names := []dns.Name{name(t, "a.example.org")}
			_, _, zones := p.Zones(t.Context(), names)
			_, records := p.Records(t.Context(), zoneNamed(t), names)
			apply := p.Apply(t.Context(), zoneNamed(t), creating(t, "a.example.org"))[0].Errs[0]
			var applied error
			if apply != nil {
				applied = apply
			}
			if z, r, a := kindOf(zones), kindOf(records), kindOf(applied); z != c.zones || r != c.records || a != c.apply {
				t.Errorf("zones %s, records %s, apply %s, want %s, %s, %s", z, r, a, c.zones, c.records, c.apply)
			}
			if c.says != "" && (zones == nil || !strings.Contains(zones.Error(), c.says)) {
				t.Errorf("it says %v, and not %q", zones, c.says)
			}
		})
	}
}

func TestAProgramThatHangsIsKilledInTime(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.fail(hang)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := h.with(t, Config{}).Records(ctx, zoneNamed(t), nil)
	if kindOf(err) != "unavailable" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// A hint of the program is text, and no reference to a setting; nothing of it reaches
// the terminal.
func TestWhatAProgramAdvisesIsOneSafeLine(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.fail(throttle)
	_, err := h.with(t, Config{}).Records(t.Context(), zoneNamed(t), nil)
	e, _ := errors.AsType[*provider.Error](err)
	if e == nil || e.RetryAfter != 90*time.Second || e.Hint.String() != "wait {schedule.every} [31m" || len(e.Hint.Settings()) > 0 {
		t.Errorf("%#v", e)
	}
}

func TestWhatAProgramSaysGoesToTheLogWithoutSecrets(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.fail(tells)
	var log bytes.Buffer
	p := h.with(t, Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	_, err := p.Records(t.Context(), zoneNamed(t), nil)
	if !strings.Contains(log.String(), "my secret is •••••• and my argument ••••••") {
		t.Errorf("the log is %s", log.String())
	}
	if strings.Contains(log.String()+err.Error(), "canary") {
		t.Errorf("a secret is told: %s\n%v", log.String(), err)
	}
}

// It gets what env says and PATH, and nothing of homing's own.
func TestTheEnvironmentOfAProgram(t *testing.T) {
	t.Setenv("CLOUDFLARE_API_TOKEN", "canary")
	out := filepath.Join(t.TempDir(), "env")
	p, err := New(Config{Command: []string{"/bin/sh", "-c", `env > "$1"; pwd >> "$1"`, "sh", out}, Env: secret.New("\n# a note\nTOKEN=a = b\n"), Path: "/bin:/usr/bin"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Records(t.Context(), zoneNamed(t), nil); kindOf(err) != "unavailable" {
		t.Errorf("the error is %v", err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(strings.ReplaceAll(string(b), "TOKEN=a = b", "TOKEN"))
	got = slices.DeleteFunc(got, func(s string) bool {
		return strings.HasPrefix(s, "PWD=") || strings.HasPrefix(s, "_=") || strings.HasPrefix(s, "SHLVL=") || strings.HasPrefix(s, "OLDPWD=")
	})
	slices.Sort(got)
	if want := []string{"/", "PATH=/bin:/usr/bin", "TOKEN"}; !slices.Equal(got, want) {
		t.Errorf("it has %q, want %q", got, want)
	}
}

func TestWhatIsWrongWithAnEnvironmentIsSaidWithoutIt(t *testing.T) {
	for text, want := range map[string]string{
		"A=1\nB=2\n":        "",
		"canary":            "line 1 is not NAME=value",
		"A=1\n1B=canary":    "line 2 is not NAME=value",
		"A=canary\nA=other": "line 2 sets A a second time",
		"A B=canary":        "line 1 is not NAME=value",
	} {
		_, err := ParseEnv(text)
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAProgramThatIsNotThere(t *testing.T) {
	p, err := New(Config{Command: []string{"/nonexistent/program", "canary"}})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if kindOf(err) != "unavailable" || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "/nonexistent/program") {
		t.Errorf("the error is %v", err)
	}
	if r := p.Apply(t.Context(), zoneNamed(t), creating(t, "a.example.org"))[0].Errs[0]; r == nil || r.Kind != provider.Unavailable {
		t.Errorf("the error of a write is %v", r)
	}
	for _, words := range [][]string{nil, {""}, {"program"}, {"./program"}} {
		if _, err := New(Config{Command: words}); err == nil {
			t.Errorf("%q is taken", words)
		}
	}
}

// The limits a program says are those of its zones.
func TestTheLimitsOfAProgram(t *testing.T) {
	for said, want := range map[string]string{
		`{}`: "1 2147483647 0 0 true", `{"min_ttl":60,"max_ttl":600,"auto_ttl":300,"values":8,"txt":true}`: "60 600 300 8 false",
		`{"min_ttl":-1}`: "a limit is out of range: -1", `{"max_ttl":4294967296}`: "a limit is out of range: 4294967296",
		`{"min_ttl":60,"max_ttl":30}`:  "TTLs from 60 to 30 with 0 for the automatic one cannot be",
		`{"min_ttl":60,"auto_ttl":30}`: "TTLs from 60 to 0 with 30 for the automatic one cannot be",
	} {
		a, err := parse([]byte(`{"version":1,"id":1,"limits":`+said+`}`), request{ID: 1, Do: doLimits})
		if err != nil {
			t.Fatal(err)
		}
		l, err := a.Limits.toPlanLimits()
		got := fmt.Sprint(l.MinTTL, l.MaxTTL, l.AutoTTL, l.Values, l.NoTXT)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", said, got, want)
		}
	}
}

func TestRecordsThatCannotBe(t *testing.T) {
	zone := name(t, "example.org")
	for said, want := range map[string]string{
		`{"name":"a.example.org","type":"A","content":"2001:db8::1"}`:         "A a.example.org holds no address of its type: 2001:db8::1",
		`{"name":"a.example.org","type":"AAAA","content":"::ffff:192.0.2.1"}`: "AAAA a.example.org holds no address of its type: ::ffff:192.0.2.1",
		`{"name":"a.example.org","type":"A","content":"192.0.2.1","ttl":-1}`:  "the TTL of a.example.org is out of range: -1",
		`{"name":"a.example.com","type":"A","content":"192.0.2.1"}`:           "it was asked about example.org, and answers with a.example.com",
		`{"name":"a.example.org","type":"CNAME","content":"."}`:               "CNAME a.example.org has no content",
		`{"name":"a.example.org","type":"a","content":"192.0.2.1"}`:           "",
		`{"name":"a.example.org","type":"MX","content":"whatever"}`:           "",
	} {
		a, err := parse([]byte(`{"version":1,"id":1,"records":[`+said+`]}`), request{ID: 1, Do: doRecords})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.parseRecords(zone, rest.NewWanted(zone, []dns.Name{name(t, "a.example.org")}, nil))
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %s", said, err, want)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"version":1,"id":1,"zones":[{"id":"7","name":"example.org"}]}`)
	f.Add(`{"version":1,"id":1,"records":[{"name":"*.example.org","type":"TXT","content":"\"a\" \"b\"","ttl":300}]}`)
	f.Add(`{"version":1,"id":1,"limits":{"min_ttl":60,"txt":true}}`)
	f.Add(`{"version":1,"id":1,"error":{"kind":"throttled","reason":"x","retry_after":9223372036854775807}}`)
	zone, err := dns.ParseName("example.org")
	if err != nil {
		f.Fatal(err)
	}
	want := rest.NewWanted(zone, []dns.Name{zone}, []dns.Name{zone})
	f.Fuzz(func(t *testing.T, line string) {
		for _, do := range []string{doLimits, doZones, doRecords, doApply} {
			a, err := parse([]byte(line), request{ID: 1, Do: do})
			if err != nil {
				continue
			}
			if !json.Valid([]byte(line)) || a.ID != 1 || a.Version != Version {
				t.Errorf("%q is taken", line)
			}
			if a.Error != nil {
				for _, write := range []bool{false, true} {
					if e := a.Error.failure("", write, rest.Printable); e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter || e.Kind == provider.NotTried || !write && e.Kind == provider.Unconfirmed {
						t.Errorf("%q: %#v", line, e)
					}
				}
				continue
			}
			if a.Limits != nil {
				if l, err := a.Limits.toPlanLimits(); err == nil && (l.MinTTL < 1 || l.MaxTTL < l.MinTTL) {
					t.Errorf("%q: %+v", line, l)
				}
			}
			zones, err := a.parseZones(Limits())
			if err == nil && len(zones) != len(a.Zones) {
				t.Errorf("%q: %v", line, zones)
			}
			records, err := a.parseRecords(zone, want)
			for _, r := range records {
				if err != nil || !r.Name.IsWithin(zone) || r.TTL < 1 || r.Type.IsAddress() != r.Addr.IsValid() {
					t.Errorf("%q: %+v, %v", line, r, err)
				}
			}
		}
	})
}

// An answer twice as long takes at most about twice the work.
func TestAnAnswerIsReadInLinearTime(t *testing.T) {
	zone := name(t, "example.org")
	want := rest.NewWanted(zone, []dns.Name{zone}, nil)
	scaletest.Linear(t, "records", 2000, func(n int) func() {
		line := []byte(`{"version":1,"id":1,"records":[` + strings.TrimSuffix(strings.Repeat(`{"name":"example.org","type":"A","content":"192.0.2.1"},`, n), ",") + `]}`)
		return func() {
			a, err := parse(line, request{ID: 1, Do: doRecords})
			if err == nil {
				_, err = a.parseRecords(zone, want)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
