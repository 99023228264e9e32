package secret

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const value = "s3cr3t-t0ken"

// account is what configurations look like: secrets in fields, exported or
// not, behind pointers, in slices and in maps.
type account struct {
	Token  String
	Spare  *String
	List   []String
	ByName map[string]String
	ByKey  map[String]int
	hidden String
	inner  struct{ deeper []String }
}

func newAccount() account {
	s := New(value)
	a := account{Token: s, Spare: &s, List: []String{s}, ByName: map[string]String{"a": s}, ByKey: map[String]int{s: 1}, hidden: s}
	a.inner.deeper = []String{s}
	return a
}

// leaks says whether text holds the secret in any form that fmt can give it.
func leaks(text string) bool {
	for _, form := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), fmt.Sprintf("% x", value), fmt.Sprint([]byte(value)), fmt.Sprintf("%b", []byte(value))} {
		if strings.Contains(text, strings.Trim(form, "[]")) {
			return true
		}
	}
	return false
}

func TestNoVerbPrintsASecret(t *testing.T) {
	s, a := New(value), newAccount()
	for verb := rune('!'); verb < 0x7f; verb++ {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "10", ".3", "# ", "+#"} {
			format := "%" + flags + string(verb)
			for _, arg := range []any{s, &s, []String{s}, a, &a, []any{a}, errors.Join(fmt.Errorf("use %v", s))} {
				if text := fmt.Sprintf(format, arg); leaks(text) {
					t.Errorf("%s of a %T: %s", format, arg, text)
				}
			}
		}
	}
	wrapping := "use %w and %w" // as a slip would have it: neither is an error
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintln(a), fmt.Errorf(wrapping, s, a).Error(), s.GoString(), s.String()} {
		if leaks(text) {
			t.Error(text)
		}
	}
}

func TestASecretIsMaskedWhereItIsWritten(t *testing.T) {
	s := New(value)
	tests := []struct{ format, want string }{
		{"%v", "••••••"}, {"%s", "••••••"}, {"%q", "••••••"}, {"%x", "••••••"}, {"%d", "••••••"}, {"%#v", `secret.New("••••••")`},
	}
	for _, tt := range tests {
		if got := fmt.Sprintf(tt.format, s); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.format, got, tt.want)
		}
		if got := fmt.Sprintf(tt.format, String{}); strings.Contains(got, "•") {
			t.Errorf("%s of no secret: %s", tt.format, got)
		}
	}
}

func TestNoLogHoldsASecret(t *testing.T) {
	var out bytes.Buffer
	handlers := []slog.Handler{
		slog.NewTextHandler(&out, nil),
		slog.NewJSONHandler(&out, nil),
	}
	s, a := New(value), newAccount()
	a.ByKey = nil // what JSON cannot write, slog writes with fmt; both ways are wanted
	for _, h := range handlers {
		log := slog.New(h).With("with", s)
		log.Info("one", "token", s, "pointer", &s, "list", []String{s}, "account", a, "behind", &a, slog.Group("g", "token", s))
		log.Error("two", "err", fmt.Errorf("use %v: %w", s, errors.New("refused")), "account", newAccount())
	}
	if leaks(out.String()) {
		t.Error(out.String())
	}
	if n := strings.Count(out.String(), "••••••"); n < 8 {
		t.Errorf("%d masks in\n%s", n, out.String())
	}
}

func TestNoEncodingHoldsASecret(t *testing.T) {
	a := newAccount()
	asJSON, err := json.Marshal(a)
	if err != nil || leaks(string(asJSON)) {
		t.Errorf("%s, %v", asJSON, err)
	}
	if want := `"Token":"••••••"`; !strings.Contains(string(asJSON), want) {
		t.Errorf("%s is not in %s", want, asJSON)
	}
	asXML, err := xml.Marshal(New(value))
	if err != nil || leaks(string(asXML)) {
		t.Errorf("%s, %v", asXML, err)
	}
}

func TestRevealIsTheOnlyWay(t *testing.T) {
	if got := New(value).Reveal(); got != value {
		t.Errorf("revealed is %q", got)
	}
	if New("").Reveal() != "" || (String{}).Reveal() != "" {
		t.Error("no secret reveals something")
	}
	if !New("").IsZero() || !(String{}).IsZero() || New(value).IsZero() {
		t.Error("no secret and a secret are mixed up")
	}
}

func TestSecretsAreEqualWhenTheirValuesAre(t *testing.T) {
	if New(value) != New(strings.Clone(value)) || New(value) == New(value+"x") || New("") != (String{}) {
		t.Error("== does not compare the values")
	}
}
