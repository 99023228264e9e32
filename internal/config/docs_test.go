package config

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestTheSchemaTakesWhatLoadTakes(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(testCatalogue()), &schema); err != nil {
		t.Fatal(err)
	}
	shown, err := Show(input(ok(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, good := range []string{everything, string(shown), "records:\nlog:\n", "detect: {confirm: '${X}', ipv4: {prefix_len: '${Y}'}}", "schedule: {resync: 0}"} {
		if why := violates(schema, plainOf(t, good)); why != "" {
			t.Errorf("%s: %s", good, why)
		}
	}
	for _, bad := range []string{"recrods: []", "records: [{nam: x}]", "detect: {confirm: maybe}", "detect: {timeout: 5}", "policy: {ttl: always}", "log: 1", "accounts: {a b: {}}", "accounts: {a: {tok: x}}",
		"records: [{name: x, types: [MX]}]", "record_defaults: {ttl: x}", "lists: {}"} {
		if violates(schema, plainOf(t, bad)) == "" {
			t.Errorf("%s is taken", bad)
		}
	}
}

// plainOf is YAML as encoding/json would have it.
func plainOf(t *testing.T, text string) any {
	t.Helper()
	documents, bad := parseYAML(text)
	if bad != nil {
		t.Fatalf("%+v", bad)
	}
	var convert func(n *node) any
	convert = func(n *node) any {
		switch n.kind {
		case nullNode:
			return nil
		case textNode:
			var v any
			if json.Unmarshal([]byte(n.text), &v) == nil && n.plain {
				return v
			}
			return n.text
		case mapNode:
			m := map[string]any{}
			for i := 0; i < len(n.parts); i += 2 {
				m[n.parts[i].text] = convert(n.parts[i+1])
			}
			return m
		}
		list := []any{}
		for _, item := range n.parts {
			list = append(list, convert(item))
		}
		return list
	}
	return convert(documents.first)
}

// violates is a JSON Schema validator for the words that Schema uses.
func violates(schema map[string]any, v any) string {
	if any, ok := schema["anyOf"].([]any); ok && !slices.ContainsFunc(any, func(s interface{}) bool { return violates(s.(map[string]interface{}), v) == "" }) {
		return "no alternative fits"
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return "it is none of the words"
	}
	kind := ""
	switch v := v.(type) {
	case nil:
		kind = "null"
	case bool:
		kind = "boolean"
	case float64:
		kind = "integer"
		if most, ok := schema["maximum"].(float64); ok && v > most {
			return "it is too large"
		}
	case string:
		kind = "string"
		if _, ok := schema["pattern"]; ok && !strings.Contains(v, "${") {
			return "it is no reference"
		}
	case []any:
		kind = "array"
		for _, item := range v {
			if items, ok := schema["items"].(map[string]any); ok {
				if why := violates(items, item); why != "" {
					return why
				}
			}
		}
	case map[string]any:
		kind = "object"
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if why := violatesKey(schema, key, v[key]); why != "" {
				return key + ": " + why
			}
		}
	}
	switch want := schema["type"].(type) {
	case string:
		if want != kind {
			return "it is no " + want
		}
	case []any:
		if !slices.Contains(want, any(kind)) {
			return "it is a " + kind
		}
	}
	return ""
}

func violatesKey(schema map[string]any, key string, v any) string {
	if names, ok := schema["propertyNames"].(map[string]any); ok && names["pattern"] == "^[A-Za-z0-9_-]+$" && strings.Contains(key, " ") {
		return "no name"
	}
	if properties, ok := schema["properties"].(map[string]any); ok {
		if p, ok := properties[key].(map[string]any); ok {
			return violates(p, v)
		}
	}
	switch more := schema["additionalProperties"].(type) {
	case bool:
		if !more {
			return "there is no such key"
		}
	case map[string]any:
		return violates(more, v)
	}
	return ""
}
