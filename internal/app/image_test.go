package app

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
)

// The image opens its page only on a network that is its own.
func TestWhoseNetworkAContainerIsOn(t *testing.T) {
	for name, tt := range map[string]struct {
		network networkFacts
		own     bool
	}{
		"Docker's own":                {networkFacts{known: true, kinds: []string{"veth"}}, true},
		"two networks, one a macvlan": {networkFacts{known: true, kinds: []string{"veth", "macvlan"}}, true},
		"rootless Podman":             {networkFacts{known: true, kinds: []string{"tun"}}, true},
		"with tunnels of the kernel":  {networkFacts{known: true, kinds: []string{"ipip", "sit", "veth"}}, true},
		"none":                        {networkFacts{known: true}, true},
		"a machine":                   {networkFacts{known: true, kinds: []string{""}}, false},
		"a machine with Docker":       {networkFacts{known: true, kinds: []string{"", "bridge", "veth"}}, false},
		"an LXC with a bridge":        {networkFacts{known: true, kinds: []string{"veth", "bridge"}}, false},
		"an LXC with systemd":         {networkFacts{known: true, kinds: []string{"veth"}, manager: true}, false},
		"not to be seen":              {networkFacts{}, false},
	} {
		if got := tt.network.own(); got != tt.own {
			t.Errorf("%s: own network %v", name, got)
		}
	}
}

// What the image says comes after everything that a person sets.
func TestWhatIsSetWinsOverTheImage(t *testing.T) {
	for name, tt := range map[string]struct{ env, file, own, host string }{
		"nothing":          {"", "", "0.0.0.0:8245", "127.0.0.1:8245"},
		"only where":       {"127.0.0.1", "", "127.0.0.1:8245", "127.0.0.1:8245"},
		"everywhere":       {"0.0.0.0", "", "0.0.0.0:8245", "0.0.0.0:8245"},
		"off":              {"off", "", "off", "off"},
		"in homing.yaml":   {"", "127.0.0.1:9000", "127.0.0.1:9000", "127.0.0.1:9000"},
		"there, and where": {"0.0.0.0", "127.0.0.1:9000", "0.0.0.0:9000", "0.0.0.0:9000"},
	} {
		var image, env, file config.Draft
		image.Set("serve.listen", "0.0.0.0:8245", config.Variable(imageVariable))
		if tt.env != "" {
			env.Set("serve.listen", tt.env, config.Variable("HOMING_LISTEN"))
		}
		if tt.file != "" {
			file.Set("serve.listen", tt.file, &config.Origin{File: "homing.yaml"})
		}
		in := &config.Input{Catalogue: &config.Catalogue{}, Scope: config.ForPage, Getenv: func(string) string { return "" }}
		for want, last := range map[string]*config.Draft{"own " + tt.own: &image, "host " + tt.host: {}} {
			cfg, err := config.Build(in, &env, &file, last)
			if _, at, _ := strings.Cut(want, " "); err != nil || cfg.Serve.Listen != at {
				t.Errorf("%s: %v, want %s, %v", name, cfg, want, err)
			}
		}
	}
}

// Elsewhere than in the image nothing of this is looked at.
func TestWithoutTheImageNothingIsSaidOfListening(t *testing.T) {
	d := new(Settings).imageDraft(&config.Input{Getenv: func(string) string { return "" }})
	if len(d.Entries) > 0 {
		t.Errorf("%+v", d.Entries)
	}
}
