package route53

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const service = "route53"

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
)

// Sign signs a request with Signature Version 4 of AWS (IAM User Guide, "AWS
// Signature Version 4 for API requests"), as the SDKs do: over all headers it has
// but those that others may change on the way. Its body must be one that GetBody
// gives again.
func Sign(r *http.Request, k Keys, region, service string, now time.Time) {
	stamp := now.UTC().Format(timeFormat)
	r.Header.Set("X-Amz-Date", stamp)
	if token := k.Token.Reveal(); token != "" {
		r.Header.Set("X-Amz-Security-Token", token)
	}
	signed, headers := canonicalHeaders(r)
	request := strings.Join([]string{r.Method, canonicalPath(r.URL), canonicalQuery(r.URL), headers, signed, bodyHash(r)}, "\n")
	scope := strings.Join([]string{stamp[:8], region, service, "aws4_request"}, "/")
	key := []byte("AWS4" + k.Secret.Reveal())
	for _, part := range strings.Split(scope, "/") {
		key = hmacSHA256(key, part)
	}
	signature := hex.EncodeToString(hmacSHA256(key, strings.Join([]string{algorithm, stamp, scope, sha256Hex(request)}, "\n")))
	r.Header.Set("Authorization", algorithm+" Credential="+k.ID+"/"+scope+", SignedHeaders="+signed+", Signature="+signature)
}

func hmacSHA256(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func bodyHash(r *http.Request) string {
	h := sha256.New()
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			_, _ = io.Copy(h, body) // from memory
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// canonicalHeaders returns the headers that are signed: their names, and names with values.
func canonicalHeaders(r *http.Request) (names, headers string) {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	all := map[string]string{"host": trimDefaultPort(r.URL.Scheme, host)}
	if r.ContentLength > 0 {
		all["content-length"] = strconv.FormatInt(r.ContentLength, 10)
	}
	for name, values := range r.Header {
		switch name = strings.ToLower(name); name {
		case "authorization", "user-agent", "x-amzn-trace-id", "expect", "transfer-encoding", "content-length":
			continue
		}
		var words []string
		for _, v := range values {
			words = append(words, strings.Join(strings.Fields(v), " "))
		}
		all[name] = strings.Join(words, ",")
	}
	var sorted []string
	for name := range all {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		headers += name + ":" + all[name] + "\n"
	}
	return strings.Join(sorted, ";"), headers
}

// trimDefaultPort leaves away the port that a scheme has by itself.
func trimDefaultPort(scheme, host string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// canonicalPath returns the path as it is sent, each part escaped once more.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c == '/' || isUnreserved(c) {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// canonicalQuery returns the parameters in order.
func canonicalQuery(u *url.URL) string {
	values := u.Query()
	for _, v := range values {
		slices.Sort(v)
	}
	return strings.ReplaceAll(values.Encode(), "+", "%20")
}
