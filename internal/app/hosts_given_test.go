package app

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/config/dialect"
)

// theSecret is a credential that begins as one might.
const theSecret = "abcdefghijklmnopqrstuvwxyz0123456789CAFE"

// place is one in which a credential of a host is written.
type place struct {
	what       string
	env, files map[string]string
	args       []string
	beside     bool // the host that it is for is not known by the name of a variable, but by what stands beside it
}

// placesOf are all places in which somebody may give a secret setting of a host. A
// homing.yaml of it names the account default.
func placesOf(h *config.HostKind, s config.HostSetting, name bool) (all []place) {
	of := ""
	if name {
		of = "provider: " + h.Word + ", "
	}
	if name || h.Word == "cloudflare" {
		all = append(all, place{what: "homing.yaml", beside: true, files: map[string]string{"homing.yaml": "accounts: {default: {" + of + s.Key + ": " + theSecret + "}}\nrecords: [a.example.org]\n"}})
		if s.File {
			all = append(all, place{what: "a file of homing.yaml", beside: true, files: map[string]string{"/s": theSecret,
				"homing.yaml": "accounts: {default: {" + of + s.Key + "_file: /s}}\nrecords: [a.example.org]\n"}})
		}
	}
	if name || s.Env == "" {
		return all
	}
	for _, v := range append([]string{s.Env, s.OldEnv}, s.Also...) {
		if v == "" {
			continue
		}
		all = append(all, place{what: v, env: map[string]string{"DOMAINS": "a.example.org", v: theSecret}})
		if s.File {
			all = append(all, place{what: v + "_FILE", env: map[string]string{"DOMAINS": "a.example.org", v + "_FILE": "/s"}, files: map[string]string{"/s": theSecret}},
				place{what: "a credential of systemd", env: map[string]string{"DOMAINS": "a.example.org", "CREDENTIALS_DIRECTORY": "/c"}, files: map[string]string{"/c/" + v: theSecret}})
		}
	}
	return all
}

// ofPredecessors are the places in which predecessors have their credentials, which
// are for Cloudflare.
func ofPredecessors() []place {
	settings := map[string]string{"HOST_LIST": "a.example.org", "DOMAINS": "a.example.org", "ZONE": "example.org", "RECORDS": "cloudflare:example.org:A:a"}
	of := func(name string, env map[string]string, args ...string) place {
		all := map[string]string{"HOMING_DIALECT": name}
		maps.Copy(all, env)
		maps.Copy(all, settings)
		return place{what: name, env: all, args: args, beside: true}
	}
	file := place{what: "timothymiller", beside: true, env: map[string]string{"CONFIG_PATH": "/cfg"}}
	file.files = map[string]string{"/cfg/config.json": `{"cloudflare": [{"authentication": {"api_token": "` + theSecret + `"}, "zone_id": "0123456789abcdef0123456789abcdef", "subdomains": ["a"]}], "a": true, "aaaa": true}`}
	return []place{
		of("dyncfdns", map[string]string{"CLOUDFLARE_API_TOKEN": theSecret, "CF_TOKEN": theSecret}),
		of("dynflare", map[string]string{"CLOUDFLARE_API_TOKEN": theSecret}),
		of("dynflare", nil, "-cloudflare-api-key", theSecret, "-cloudflare-email", "me@example.org", "-r", "cloudflare:example.org:A:a"),
		of("oznu", map[string]string{"API_KEY": theSecret}),
		file,
		{what: "timothymiller's environment", env: map[string]string{"HOMING_DIALECT": "timothymiller", "CLOUDFLARE_API_TOKEN": theSecret, "DOMAINS": "a.example.org"}},
		{what: "raindrop", beside: true, args: []string{"./credentials.json"}, files: map[string]string{"./credentials.json": `{"key": "` + theSecret + `", "email": "me@example.org", "zone": "0123456789abcdef0123456789abcdef", "domain": "a.example.org"}`}},
	}
}

// given is the accounts of what stands in a place, and the error, with further
// variables and perhaps more in homing.yaml.
func given(all *config.Catalogue, p place, more map[string]string) ([]config.Account, error) {
	env := maps.Clone(p.env)
	if env == nil {
		env = make(map[string]string)
	}
	maps.Copy(env, more)
	var environ []string
	for name, text := range env {
		environ = append(environ, name+"="+text)
	}
	slices.Sort(environ)
	in := &config.Input{Catalogue: all, Getenv: func(name string) string { return env[name] }, Environ: environ, Args: p.args, Now: time.Unix(0, 0), ZoneNames: map[string]string{"0123456789abcdef0123456789abcdef": "example.org"},
		ReadFile: func(path string) ([]byte, error) {
			if text, is := p.files[path]; is {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}}
	r, err := dialect.Read(&dialect.Input{Input: *in, Args: p.args, Environ: environ})
	if err != nil {
		return nil, err
	}
	drafts := []*config.Draft{config.FromEnvironment(in), config.FromFile(in)}
	if r != nil {
		drafts = []*config.Draft{&r.Draft}
	}
	cfg, err := config.Build(in, drafts...)
	if err != nil {
		return nil, err
	}
	return cfg.Accounts, nil
}

// holds reports whether an account at this host would send the theSecret.
func holds(accounts []config.Account, host string) bool {
	return slices.ContainsFunc(accounts, func(a config.Account) bool {
		if len(a.Among) > 0 {
			return holds(a.Among, host)
		}
		for _, text := range a.Settings {
			if a.Provider == host && strings.Contains(text.Reveal(), theSecret) {
				return true
			}
		}
		return false
	})
}

// A credential is only ever sent to the host for which it was given: by the
// variable it stands in, by what stands beside it, or by nothing, which is
// Cloudflare.
func TestACredentialGoesToTheHostItWasGivenForAlone(t *testing.T) {
	const refused = "must not be sent it"
	tried, reached, all := 0, 0, Catalogue()
	try := func(p place, of *config.HostKind) {
		for _, at := range all.Hosts {
			tried++
			accounts, err := given(all, p, map[string]string{"HOMING_PROVIDER": at.Word})
			said := err != nil && strings.Contains(err.Error(), refused)
			switch {
			case err != nil && strings.Contains(err.Error(), theSecret):
				t.Errorf("%s of %s: the message shows it: %v", p.what, of.Word, err)
			case at.Word == of.Word && said:
				t.Errorf("%s of %s is refused at its own host: %v", p.what, of.Word, err)
			case at.Word != of.Word && holds(accounts, at.Word):
				t.Errorf("%s of %s is sent to %s", p.what, of.Word, at.Word)
			case at.Word != of.Word && p.beside && !said && !at.Named && !at.Inside:
				t.Errorf("%s of %s: HOMING_PROVIDER=%s is not refused: %v", p.what, of.Word, at.Word, err)
			case at.Word == of.Word && holds(accounts, at.Word):
				reached++
			}
		}
	}
	for _, h := range Catalogue().Hosts {
		for _, s := range h.Settings {
			if !s.Secret {
				continue
			}
			for _, name := range []bool{false, true} {
				for _, p := range placesOf(h, s, name) {
					try(p, h)
				}
			}
		}
	}
	for _, p := range ofPredecessors() {
		accounts, err := given(all, p, nil)
		if err != nil || !holds(accounts, "cloudflare") {
			t.Errorf("%s: %v", p.what, err)
		}
		if p.what != "dynflare" { // whose records say their host
			try(p, all.Hosts[0])
		}
	}
	if tried < 500 || reached < 20 {
		t.Errorf("%d tried, of which %d reached their own host", tried, reached)
	}
}

// A homing.yaml that says its host has no credential of the environment for another.
func TestAVariableOfAnotherHostDoesNotCountInAFile(t *testing.T) {
	all := Catalogue()
	for _, h := range all.Hosts {
		for _, s := range h.Settings {
			for _, p := range placesOf(h, s, false) {
				if !s.Secret || p.beside {
					continue
				}
				for _, at := range all.Hosts {
					in := p
					in.files = map[string]string{"homing.yaml": "accounts: {default: {provider: " + at.Word + "}}\nrecords: [a.example.org]\n"}
					maps.Copy(in.files, p.files)
					if accounts, err := given(all, in, nil); at.Word != h.Word && holds(accounts, at.Word) {
						t.Errorf("%s of %s is sent to %s: %v", p.what, h.Word, at.Word, err)
					}
				}
			}
		}
	}
}

// A credential that stands beside the address of its API in homing.yaml goes to that
// address alone: a variable leads it nowhere else. What the environment gives
// together goes together.
func TestACredentialGoesToTheAddressItWasGivenFor(t *testing.T) {
	const there, here = "https://there.example", "https://here.example"
	tried, all := 0, Catalogue()
	for _, h := range all.Hosts {
		i := slices.IndexFunc(h.Settings, func(s config.HostSetting) bool { return s.Key == config.BaseURL && s.Env != "" })
		if i < 0 {
			continue
		}
		for _, s := range h.Settings {
			for _, p := range placesOf(h, s, true) {
				if !s.Secret {
					continue
				}
				text := p.files["homing.yaml"]
				for _, v := range append([]string{h.Settings[i].Env, h.Settings[i].OldEnv}, h.Settings[i].Also...) {
					if v == "" {
						continue
					}
					tried++
					p.files["homing.yaml"] = strings.Replace(text, "provider:", "base_url: "+there+", provider:", 1)
					accounts, err := given(all, p, map[string]string{v: here})
					if err == nil || !strings.Contains(err.Error(), "it was given for "+there) || !strings.Contains(err.Error(), v+" is "+here+", which must not be sent it") || strings.Contains(err.Error(), theSecret) {
						t.Errorf("%s in %s of %s with %s: %v, %v", s.Key, p.what, h.Word, v, accounts, err)
					}
					for _, more := range []map[string]string{{v: there + "/"}, {v: here, s.Env: "of-the-environment"}} {
						if _, err := given(all, p, more); err != nil && strings.Contains(err.Error(), "must not be sent it") {
							t.Errorf("%s in %s of %s with %v: %v", s.Key, p.what, h.Word, more, err)
						}
					}
					p.files["homing.yaml"] = text // where it has no address it is for the host, wherever its variable says that is
					if _, err := given(all, p, map[string]string{v: here}); err != nil && strings.Contains(err.Error(), "must not be sent it") {
						t.Errorf("%s in %s of %s without an address: %v", s.Key, p.what, h.Word, err)
					}
				}
			}
		}
	}
	if tried < 10 {
		t.Errorf("%d tried", tried)
	}
}

// No variable with a secret is of two hosts: whose it is would not show.
func TestNoSecretVariableIsOfTwoHosts(t *testing.T) {
	whose := make(map[string]string)
	for _, h := range Catalogue().Hosts {
		for _, s := range h.Settings {
			for _, v := range append([]string{s.Env, s.OldEnv}, s.Also...) {
				if v == "" || !s.Secret {
					continue
				}
				if other, known := whose[v]; known {
					t.Errorf("%s is of %s and %s", v, other, h.Word)
				}
				whose[v] = h.Word
			}
		}
	}
}

// What a person is told to export is a variable that is read.
func TestAdviceNamesVariablesThatThereAre(t *testing.T) {
	all, known := Catalogue(), make(map[string]bool)
	for _, s := range config.Settings(all) {
		known[s.Env] = true
		known[s.Env+"_FILE"] = s.File
	}
	named := regexp.MustCompile(`export ([A-Z0-9_]+)=`)
	for _, h := range all.Hosts {
		_, err := given(all, place{env: map[string]string{"DOMAINS": "a.example.org", "HOMING_PROVIDER": h.Word}}, nil)
		if err == nil {
			t.Errorf("%s needs no credential", h.Word)
			continue
		}
		said := named.FindAllStringSubmatch(err.Error(), -1)
		if len(said) == 0 && !h.Named && !h.Inside {
			t.Errorf("%s: no advice: %v", h.Word, err)
		}
		for _, m := range said {
			if !known[m[1]] {
				t.Errorf("%s: %s is advised, and nothing reads it", h.Word, m[1])
			}
		}
	}
}
