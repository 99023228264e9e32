package route53test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// skew is by how much a clock may be wrong.
const skew = 5 * time.Minute

// admit reads a request and says whether its signature is that of the key, its
// time right, and its caller not too fast.
func (f *Server) admit(r *http.Request) (body string, bad answer) {
	b, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return "", refuse(http.StatusBadRequest, "InvalidInput", "the request breaks off")
	}
	if bad := f.verify(r, b); bad.status != 0 {
		return "", bad
	}
	now := time.Now()
	f.times = slices.DeleteFunc(f.times, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if f.Rate > 0 && len(f.times) >= f.Rate {
		return "", refuse(http.StatusBadRequest, "Throttling", "Rate exceeded")
	}
	f.times = append(f.times, now)
	return string(b), answer{}
}

// verify works the signature out anew, over the headers that it says it is over.
func (f *Server) verify(r *http.Request, body []byte) answer {
	no := func(code, message string) answer { return refuse(http.StatusForbidden, code, message) }
	fields, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return no("MissingAuthenticationToken", "Missing Authentication Token")
	}
	said := map[string]string{}
	for _, field := range strings.Split(fields, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(field), "=")
		said[k] = v
	}
	id, scope, _ := strings.Cut(said["Credential"], "/")
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	part := strings.Split(scope, "/")
	region := f.Region
	if region == "" {
		region = "us-east-1"
	}
	switch {
	case id != f.KeyID, r.Header.Get("X-Amz-Security-Token") != f.Token:
		return no("InvalidClientTokenId", "The security token included in the request is invalid.")
	case f.expired:
		return no("ExpiredToken", "The security token included in the request is expired")
	case err != nil || len(part) != 4 || part[0] != stamp[:8] || part[3] != "aws4_request":
		return no("IncompleteSignature", "Date or scope is missing")
	case part[1] != region:
		return no("SignatureDoesNotMatch", fmt.Sprintf("Credential should be scoped to a valid region, not '%s'. ", part[1]))
	case part[2] != "route53":
		return no("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'route53'. ")
	}
	now := time.Now().UTC()
	form := func(t time.Time) string { return t.Format("20060102T150405Z") }
	switch {
	case now.Sub(at) > skew:
		return no("SignatureDoesNotMatch", fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)", stamp, form(now.Add(-skew)), form(now)))
	case at.Sub(now) > skew:
		return no("SignatureDoesNotMatch", fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)", stamp, form(now.Add(skew)), form(now)))
	}
	names := strings.Split(said["SignedHeaders"], ";")
	if !slices.Contains(names, "host") || !slices.Contains(names, "x-amz-date") {
		return no("IncompleteSignature", "'Host' or 'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.")
	}
	canonical := r.Method + "\n" + r.URL.EscapedPath() + "\n" + query(r.URL) + "\n"
	for _, n := range names {
		v := strings.Join(r.Header.Values(n), ",")
		switch n {
		case "host":
			v = r.Host
		case "content-length":
			v = fmt.Sprint(r.ContentLength)
		}
		canonical += n + ":" + strings.TrimSpace(v) + "\n"
	}
	canonical += "\n" + said["SignedHeaders"] + "\n" + digest(body)
	key := []byte("AWS4" + f.Secret)
	for _, p := range part {
		key = code(key, p)
	}
	if hex.EncodeToString(code(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+digest([]byte(canonical)))) != said["Signature"] {
		return no("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return answer{}
}

func code(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// query is the parameters in order, escaped as AWS has it.
func query(u *url.URL) string {
	var all []string
	for k, values := range u.Query() {
		for _, v := range values {
			all = append(all, escape(k)+"="+escape(v))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "&")
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
