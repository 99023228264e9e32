package web

import "testing"

func TestASpecIsCheckedWithoutListening(t *testing.T) {
	for spec, fine := range map[string]bool{"127.0.0.1:8245": true, ":80": true, "[::1]:0": true, "host:65535": true, "unix:/run/homing": true,
		"8245": false, "127.0.0.1": false, "127.0.0.1:http": false, "127.0.0.1:65536": false, "unix:": false, "": false} {
		if err := CheckSpec(spec); (err == nil) != fine {
			t.Errorf("%q: %v", spec, err)
		}
	}
}
