package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// openAPI is the published description, and a validator for as much of JSON
// Schema as it uses. It is strict where the description is not: a field that is
// not described is an error.
type openAPI struct {
	doc map[string]any
}

func published(t *testing.T, p *place) *openAPI {
	t.Helper()
	w := p.get("/api/v1/openapi.json")
	if w.Code != 200 {
		t.Fatal(w.Code)
	}
	return &openAPI{decode[map[string]any](t, w)}
}

// at goes down the document; it is nil where there is nothing.
func (o *openAPI) at(path ...string) map[string]any {
	v := o.doc
	for _, p := range path {
		v, _ = v[p].(map[string]any)
	}
	return v
}

// response is the schema of an answer.
func (o *openAPI) response(path, method, code string) (schema map[string]any, ok bool) {
	r := o.at("paths", path, strings.ToLower(method), "responses", code)
	if r == nil {
		return nil, false
	}
	content, _ := r["content"].(map[string]any)
	media, _ := content["application/json"].(map[string]any)
	schema, _ = media["schema"].(map[string]any)
	return schema, true
}

// check lists what is wrong with v.
func (o *openAPI) check(schema map[string]any, v any, where string) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, where+": "+fmt.Sprintf(format, args...)) }
	for _, k := range slices.Sorted(maps.Keys(schema)) {
		switch arg := schema[k]; k {
		case "$ref":
			name := strings.TrimPrefix(arg.(string), "#/components/schemas/")
			to := o.at("components", "schemas", name)
			if to == nil {
				fault("there is no schema %s", name)
				continue
			}
			faults = append(faults, o.check(to, v, where)...)
		case "type":
			if !isType(arg, v) {
				fault("%v is not of type %v", v, arg)
			}
		case "enum":
			if !slices.ContainsFunc(arg.([]any), func(e any) bool { return reflect.DeepEqual(e, v) }) {
				fault("%v is none of %v", v, arg)
			}
		case "format":
			if s, ok := v.(string); ok {
				if _, err := time.Parse(time.RFC3339Nano, s); arg != "date-time" || err != nil {
					fault("%q is no %v", s, arg)
				}
			}
		case "oneOf":
			fits := 0
			for _, s := range arg.([]any) {
				if len(o.check(s.(map[string]any), v, where)) == 0 {
					fits++
				}
			}
			if fits != 1 {
				fault("%v fits %d of the alternatives", v, fits)
			}
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				faults = append(faults, o.check(arg.(map[string]any), item, fmt.Sprintf("%s[%d]", where, i))...)
			}
		case "properties":
			object, _ := v.(map[string]any)
			for name, value := range object {
				if s, ok := arg.(map[string]any)[name].(map[string]any); ok {
					faults = append(faults, o.check(s, value, where+"."+name)...)
				} else {
					fault("%s is not described", name)
				}
			}
		case "required":
			object, _ := v.(map[string]any)
			for _, name := range arg.([]any) {
				if _, ok := object[name.(string)]; !ok {
					fault("%s is missing", name)
				}
			}
		case "description":
		default:
			fault("the validator of this test does not know %q", k)
		}
	}
	return faults
}

func isType(want, v any) bool {
	if alternatives, ok := want.([]any); ok {
		return slices.ContainsFunc(alternatives, func(t any) bool { return isType(t, v) })
	}
	switch v := v.(type) {
	case nil:
		return want == "null"
	case bool:
		return want == "boolean"
	case string:
		return want == "string"
	case float64:
		return want == "number" || want == "integer" && v == float64(int64(v))
	case []any:
		return want == "array"
	case map[string]any:
		return want == "object"
	}
	return false
}

func TestTheValidatorFindsFaults(t *testing.T) {
	o := published(t, newPlace(t, 1))
	s := o.at("components", "schemas", "Condition")
	for text, want := range map[string]int{
		`{"code":"a","failure":true,"subject":"b","text":"c"}`:               0,
		`{"code":"a","failure":"true","subject":"b","text":"c"}`:             1,
		`{"code":"a","failure":true,"subject":"b"}`:                          1,
		`{"code":"a","failure":true,"subject":"b","text":"c","extra":1}`:     1,
		`{"code":null,"failure":true,"subject":"b","text":"c","hint":[1,2]}`: 2,
		`[]`: 5,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if got := o.check(s, v, "it"); len(got) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
