package config

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

// object is a part of a JSON Schema. Its keys come out in alphabetical order.
type object map[string]any

// reference is what may stand in place of any value: ${VARIABLE}.
const reference = `\$\{`

// Schema is the JSON Schema (2020-12) of homing.yaml, by which editors complete
// and check it.
func Schema(c *Catalogue) []byte {
	t := newTable(c)
	schema := t.schemaOf("")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "homing.yaml"
	b, _ := json.MarshalIndent(schema, "", "  ") // strings, numbers and booleans cannot fail
	return append(b, '\n')
}

// schemaOf is the schema of a section.
func (t *table) schemaOf(section string) object {
	properties := object{}
	for _, key := range t.sections[section] {
		path := strings.TrimPrefix(section+"."+key, ".")
		properties[key] = t.schemaAt(path)
	}
	return object{"type": []string{"object", "null"}, "additionalProperties": false, "properties": properties}
}

// schemaAt is the schema of what stands at path, a pattern.
func (t *table) schemaAt(path string) object {
	base, isFile := strings.CutSuffix(path, "_file")
	if _, itself := t.at[path]; itself {
		base, isFile = path, false
	}
	i, known := t.at[base]
	switch {
	case known && isFile:
		return object{"type": "string", "description": "A file that holds the " + t.rows[i].Type + "; a relative path begins at the folder of homing.yaml."}
	case known:
		return t.schemaOfHosts(i)
	case path == "accounts":
		return object{"type": "object", "description": "The accounts at DNS hosts, by name.", "propertyNames": object{"pattern": "^[A-Za-z0-9_-]+$"},
			"additionalProperties": t.schemaOf("accounts.*")}
	case path == "sites":
		return object{"type": []string{"object", "null"}, "description": t.describe(path), "propertyNames": object{"pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},
			"additionalProperties": t.schemaOf("sites.*")}
	case path == "records" || path == "lists":
		return object{"description": t.describe(path), "type": []string{"array", "null"}, "items": object{"anyOf": []object{{"type": "string"}, t.schemaOf(path + ".*")}}}
	}
	return t.schemaOf(path)
}

// schemaOfHosts is the schema of the row i; of a setting that several hosts have
// it says what it is at each.
func (t *table) schemaOfHosts(i int) object {
	o := t.rows[i].schema()
	for _, s := range t.rows[i+1:] {
		if s.host != "" && s.Path == t.rows[i].Path {
			o["description"] = o["description"].(string) + " " + s.schema()["description"].(string)
			delete(o, "default")
		}
	}
	return o
}

// describe is what the first row of path says, and all the variables for it.
func (t *table) describe(path string) string {
	var doc string
	var variables []string
	for _, s := range t.rows {
		if s.Path == path {
			doc, variables = cmp.Or(doc, s.Doc), append(variables, s.Variable())
		}
	}
	return doc + " In the environment: " + strings.Join(variables, ", ") + "."
}

// schema is the schema of a value of s.
func (s *Setting) schema() object {
	o := object{"type": []string{"string"}}
	switch s.Form {
	case Boolean:
		o = object{"type": []string{"boolean", "string"}, "pattern": reference}
	case Number:
		o = object{"type": []string{"integer", "string"}, "pattern": reference}
	case Either:
		o = object{"type": []string{"boolean", "string"}}
	case Count:
		o = object{"type": []string{"integer", "string"}}
	case List:
		item := object{"type": []string{"string"}}
		if len(s.Words) > 0 {
			item = object{"anyOf": []object{{"enum": s.Words}, {"pattern": reference}}}
		}
		o = object{"anyOf": []object{{"type": "array", "items": item}, {"type": "string"}}}
	case Duration:
		o = object{"type": []string{"string", "integer"}, "minimum": 0, "maximum": 0} // 0 needs no unit
	case Text:
		if len(s.Words) > 0 {
			o = object{"anyOf": []object{{"enum": s.Words}, {"type": "string", "pattern": reference}}}
		}
	}
	o["description"] = s.Doc
	if env := s.Variable(); env != "" {
		o["description"] = s.Doc + " In the environment: " + env + "."
	}
	if s.Default != "" && s.Form != List {
		o["default"] = s.value()
	}
	return o
}

// value is the default as JSON has it.
func (s *Setting) value() any {
	if b, err := strconv.ParseBool(s.Default); err == nil && (s.Form == Boolean || s.Form == Either) {
		return b
	}
	if n, err := strconv.Atoi(s.Default); err == nil && s.Form == Number {
		return n
	}
	return s.Default
}
