package rfc2136

import (
	"fmt"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/scaletest"
	"github.com/homing-dns/homing/internal/secret"
)

const keyFile = `key "homing" {
	algorithm hmac-sha512;
	secret "c2VjcmV0";
};
`

func TestAKeyIsReadAsToolsWriteIt(t *testing.T) {
	want := Key{Name: "homing", Algorithm: "hmac-sha512", Secret: secret.New("c2VjcmV0")}
	for _, text := range []string{
		keyFile,
		"# made by tsig-keygen\n" + keyFile + "// the end",
		`key homing. { algorithm hmac-sha512; secret c2VjcmV0; };`,
		`/* a key { */ key "homing"{secret "c2VjcmV0";algorithm "hmac-sha512";}`,
	} {
		k, err := ParseKey(text)
		if k.Name = canonicalName(k.Name); err != nil || k != want {
			t.Errorf("%s\n%+v, %v", text, k, err)
		}
	}
	if k, err := ParseKey(`key "a" { secret "c2VjcmV0"; };`); err != nil || k.algorithmOrDefault() != DefaultAlgorithm {
		t.Errorf("%+v, %v", k, err)
	}
}

func TestWhatIsNoKeyIsRefusedWithoutBeingQuoted(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "this is no key as tsig-keygen writes it",
		"canary":                          "this is no key as tsig-keygen writes it",
		`key "homing" { secret "canary`:   "this is no key as tsig-keygen writes it",
		`key "homing" { secret canary }`:  "this is no key as tsig-keygen writes it",
		keyFile + keyFile:                 "there is more than one key in it",
		`key "a" { secret "canary!"; };`:  "the secret of the key is not base64",
		`key "a" { };`:                    "the secret of the key is empty",
		`key "" { secret "c2VjcmV0"; };`:  "this is no name of a key",
		`key "a b" { secret "c2Vjcg=="};`: "this is no key as tsig-keygen writes it",
		`key a { algorithm hmac-md5.sig-alg.reg.int; secret "c2VjcmV0"; };`: `the algorithm "hmac-md5.sig-alg.reg.int" is not supported`,
		strings.Repeat(" ", maxKeyFile) + keyFile:                           "this is no key as tsig-keygen writes it",
	} {
		_, err := ParseKey(text)
		if err == nil || err.Error() != want {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

func TestASecretIsNotPrinted(t *testing.T) {
	k, err := ParseKey(keyFile)
	s, err2 := k.newSigner()
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if got := fmt.Sprintf("%v %+v %#v %v %+v", k, k, k, s, s); strings.Contains(got, "c2VjcmV0") {
		t.Error(got)
	}
}

func TestAKeyIsReadInTimeLinearToItsLength(t *testing.T) {
	for _, what := range []string{"{", "a ", "#\n", "/*", "\"a\""} {
		scaletest.Linear(t, what, 200, func(n int) func() {
			text := strings.Repeat(what, n)
			return func() {
				for range 200 {
					_, _ = ParseKey(text)
				}
			}
		})
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(keyFile)
	f.Add(`key homing. { algorithm hmac-sha1; secret c2VjcmV0; }`)
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKey(text)
		if err != nil {
			return
		}
		if _, err := k.newSigner(); err != nil {
			t.Errorf("%q is taken, and no signer: %v", text, err)
		}
	})
}
