package cloudflare

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestEnvelopesAreReadLeniently(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		ok       bool
	}{
		{"as documented", `{"result":{},"success":true,"errors":[],"messages":[]}`, true},
		{"result last", `{"success":true,"errors":[],"result":{}}`, true},
		{"a message with an error's code on success", `{"result":{},"success":true,"errors":[],"messages":[{"code":10000,"message":"valid and active"}]}`, true},
		{"success missing, as after a delete", `{"result":{"id":"1"}}`, true},
		{"success null", `{"result":{},"success":null}`, true},
		{"parts nobody knows", `{"x":[{"result":1}],"result":{},"success":true,"errors":null,"result_info":7}`, true},
		{"errors in another shape", `{"result":{},"success":true,"errors":"none"}`, true},
		{"refused", `{"result":null,"success":false,"errors":[{"code":1,"message":"no"}]}`, false},
		{"success missing, with errors", `{"result":null,"errors":[{"code":1,"message":"no"}]}`, false},
		{"nothing", `{}`, false},
	} {
		e, err := readEnvelope(strings.NewReader(tt.in), skipValue)
		if err != nil || e.succeeded() != tt.ok {
			t.Errorf("%s: ok %t, error %v", tt.name, e.succeeded(), err)
		}
	}
}

func TestWhatIsNoWholeEnvelopeIsAnError(t *testing.T) {
	whole := `{"result":{"id":"1"},"success":true,"errors":[]}`
	for i := range len(whole) {
		if _, err := readEnvelope(strings.NewReader(whole[:i]), skipValue); err == nil {
			t.Errorf("cut after %d bytes it is taken: %s", i, whole[:i])
		}
	}
	for _, in := range []string{"null", "[]", "7", `"x"`, "<html>", whole + whole, whole + "x", `{"success":"yes","result":{}}`} {
		if _, err := readEnvelope(strings.NewReader(in), skipValue); err == nil {
			t.Errorf("taken: %s", in)
		}
	}
}

func TestTheChainOfAnErrorComesFirst(t *testing.T) {
	in := `{"success":false,"errors":[{"code":1004.0,"message":"DNS Validation Error","error_chain":[{"code":"9021","message":"ttl"}],"source":{"pointer":"/posts/3"}}]}`
	e, err := readEnvelope(strings.NewReader(in), skipValue)
	if err != nil || len(e.Messages) != 2 {
		t.Fatalf("%v, %v", e, err)
	}
	var codes []int
	for _, m := range e.Messages {
		codes = append(codes, int(m.Code))
	}
	if !slices.Equal(codes, []int{9021, 1004}) || firstPointer(e.Messages) != "/posts/3" {
		t.Errorf("codes %v, pointer %q", codes, firstPointer(e.Messages))
	}
}

func TestNumbersMayComeInAnyForm(t *testing.T) {
	for in, want := range map[string]int{"300": 300, "300.0": 300, `"300"`: 300, "3e2": 300, "null": 7, "-1": -1} {
		n := lenientInt(7)
		if err := json.Unmarshal([]byte(in), &n); err != nil || int(n) != want {
			t.Errorf("%s: %d, %v", in, n, err)
		}
	}
	for _, in := range []string{"1.5", `"x"`, "1e99", "true", "{}"} {
		var n lenientInt
		if err := json.Unmarshal([]byte(in), &n); err == nil {
			t.Errorf("%s is taken as %d", in, n)
		}
	}
}

// Reading never panics; it takes exactly one JSON object; and what it takes
// for success says so, or has a result and no errors.
func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(`{"result":{"id":"1"},"success":true,"errors":[],"messages":[]}`))
	f.Add([]byte(`{"success":false,"errors":[{"code":6003,"message":"x","error_chain":[{"code":6111,"message":"y"}]}]}`))
	f.Add([]byte(`{"result":[1,2,{"a":null}],"result_info":{"count":2.0,"total_count":"7"}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := readEnvelope(strings.NewReader(string(in)), skipValue)
		if err != nil {
			return
		}
		if !json.Valid(in) {
			t.Fatalf("taken, and no JSON: %q", in)
		}
		var v map[string]any
		if err := json.Unmarshal(in, &v); err != nil {
			t.Fatalf("taken, and no object: %q", in)
		}
		if e.succeeded() && (e.Success == nil || !*e.Success) && !(e.hasResult && len(e.Messages) == 0) {
			t.Errorf("taken for a success: %q", in)
		}
	})
}
