package route53

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/secret"
)

// The example that AWS gives with each step worked out (IAM User Guide, "Examples
// of Signature Version 4 signing": get-vanilla of its test suite). More requests
// are compared with AWS's own signer in tools/sdk/route53.
func TestASignatureIsTheOneOfAWSsExample(t *testing.T) {
	r, err := http.NewRequest(http.MethodGet, "https://example.amazonaws.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	Sign(r, Keys{ID: "AKIDEXAMPLE", Secret: secret.New("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")}, "us-east-1", "service", time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	want := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	Sign(r, Keys{ID: "AKIDEXAMPLE", Secret: secret.New("x"), Token: secret.New("canary")}, "us-east-1", "service", time.Now())
	if got := r.Header.Get("Authorization"); r.Header.Get("X-Amz-Security-Token") != "canary" || !strings.Contains(got, "SignedHeaders=host;x-amz-date;x-amz-security-token,") || strings.Contains(got, "canary") {
		t.Error(got)
	}
}
