package detect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// A parser takes the addresses out of an answer; check says of each whether it
// may be published. One that is bad makes the whole worth nothing.
type parser func(body []byte, w Wanted, check func(netip.Addr) error) ([]netip.Prefix, error)

// parseJSON reads the address, or the array of them, in a field of a JSON
// object: "ip", or "data.ip" for one inside another.
func parseJSON(field string) parser {
	return func(body []byte, w Wanted, check func(netip.Addr) error) ([]netip.Prefix, error) {
		if isMarkup(body) {
			return nil, errWebPage
		}
		if !json.Valid(body) {
			return nil, errors.New("it is not a whole and single JSON value")
		}
		entries, err := stringsAt(json.NewDecoder(bytes.NewReader(body)), strings.Split(field, "."))
		if err != nil {
			return nil, fmt.Errorf("its field %.60q: %w", field, err)
		}
		var out []netip.Prefix
		for _, e := range entries {
			p, err := parseAddrOrCIDR(e, w, check)
			if err != nil {
				return nil, fmt.Errorf("its field %.60q: %w", field, err)
			}
			out = append(out, p)
		}
		return out, nil
	}
}

// stringsAt reads the next value, which must be an object, down to what stands
// at path. A field that is there twice is refused: programs differ in which
// one they take.
func stringsAt(d *json.Decoder, path []string) ([]string, error) {
	if len(path) == 0 {
		return readStringOrArray(d)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(err, errors.New("what should hold it is no object"))
	}
	var found []string
	for d.More() {
		key, err := d.Token()
		switch {
		case err != nil:
			return nil, err
		case key != path[0]:
			err = skipValue(d)
		case found != nil:
			err = errors.New("it is there twice")
		default:
			found, err = stringsAt(d, path[1:])
		}
		if err != nil {
			return nil, err
		}
	}
	if found == nil {
		return nil, errors.New("it is not there")
	}
	_, err := d.Token() // the end of the object
	return found, err
}

// readStringOrArray reads a string, or an array of strings.
func readStringOrArray(d *json.Decoder) ([]string, error) {
	wrong := errors.New("it is neither a string nor an array of strings")
	t, err := d.Token()
	if s, ok := t.(string); ok {
		return []string{s}, nil
	}
	if err != nil || t != json.Delim('[') {
		return nil, errors.Join(err, wrong)
	}
	var out []string
	for d.More() {
		t, err := d.Token()
		s, ok := t.(string)
		if !ok {
			return nil, errors.Join(err, wrong)
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, errors.New("it holds no address")
	}
	_, err = d.Token() // the end of the array
	return out, err
}

// skipValue reads past the next value.
func skipValue(d *json.Decoder) error {
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
