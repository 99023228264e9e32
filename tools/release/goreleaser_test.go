package release

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

const root = "../.."

func project(t *testing.T) config.Project {
	t.Helper()
	p, err := config.Load(filepath.Join(root, ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// each calls f for every value in v, with its path and the tag of its field.
func each(v reflect.Value, path string, tag reflect.StructTag, f func(path string, tag reflect.StructTag, v reflect.Value)) {
	f(path, tag, v)
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			each(v.Elem(), path, tag, f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				each(v.Field(i), path+"."+field.Name, field.Tag, f)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			each(v.Index(i), path, tag, f)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			each(v.MapIndex(k), path+"."+k.String(), tag, f)
		}
	}
}

// deprecated is the settings in p that goreleaser warns of.
func deprecated(p config.Project) (found []string) {
	each(reflect.ValueOf(p), "", "", func(path string, tag reflect.StructTag, v reflect.Value) {
		if strings.Contains(tag.Get("jsonschema"), "deprecated=") && !v.IsZero() && !slices.Contains(found, path) {
			found = append(found, path)
		}
	})
	return found
}

func TestTheConfigurationIsValid(t *testing.T) {
	p := project(t)
	if p.Version != 2 {
		t.Errorf("version %d", p.Version)
	}
	if found := deprecated(p); found != nil {
		t.Errorf("deprecated: %q", found)
	}
}

// What the test above finds.
func TestAWrongConfigurationIsFound(t *testing.T) {
	for text, invalid := range map[string]bool{
		"version: 2\nbuilds: [{goos: [linux]}]":                     false,
		"version: 2\nbuild: {goos: [linux]}":                        true,
		"version: 2\nbuilds: [{gos: [linux]}]":                      true,
		"version: 2\nbuilds: {goos: 7, a: {}}":                      true,
		"version: 2\narchives: [{format: zip}]":                     true,
		"version: 2\nsnapshot: {name_template: x}":                  true,
		"version: 2\ndockers: [{goos: linux}]":                      true,
		"version: 2\nbrews: [{name: homing}]":                       true,
		"version: 2\nbuilds: [{gobinary: go1.26}]":                  true,
		"version: 2\narchives: [{format_overrides: [{format: x}]}]": true,
	} {
		p, err := config.LoadReader(strings.NewReader(text))
		if found := deprecated(p); (err != nil || found != nil) != invalid {
			t.Errorf("%q: %v, deprecated %q", text, err, found)
		}
	}
}

func TestEveryPlatformOfTheReadmeIsBuilt(t *testing.T) {
	var got []string
	for _, target := range project(t).Builds[0].Targets {
		os, rest, _ := strings.Cut(target, "_")
		arch, variant, _ := strings.Cut(rest, "_")
		if arch == "arm" {
			arch += "/v" + variant
		}
		got = append(got, os+"/"+arch)
	}
	linux := []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/386", "linux/ppc64le", "linux/s390x", "linux/riscv64"}
	want := append(slices.Clone(linux), "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64",
		"freebsd/amd64", "freebsd/arm64", "openbsd/amd64", "openbsd/arm64")
	if !slices.Equal(got, want) {
		t.Errorf("built: %q\nwant:  %q", got, want)
	}
	for _, image := range project(t).DockersV2 {
		if !slices.Equal(image.Platforms, linux) {
			t.Errorf("image %s: %q, want %q", image.ID, image.Platforms, linux)
		}
	}
	released := regexp.MustCompile(`(?s)ifeq \(\$\(RELEASE\),yes\)\nTARGETS := (.*?)\nendif`).FindStringSubmatch(read(t, "Makefile"))
	if released == nil || !slices.Equal(strings.Fields(strings.ReplaceAll(released[1], "\\\n", " ")), want) {
		t.Errorf("make cross RELEASE=yes builds %q, want %q", released, want)
	}
}

// homing-libdns is released beside homing, for the same systems, in archives of its own,
// and is in none of homing's.
func TestTheCompanionIsReleasedBesideHoming(t *testing.T) {
	p := project(t)
	if len(p.Builds) != 2 || len(p.Archives) != 2 {
		t.Fatalf("%d builds, %d archives", len(p.Builds), len(p.Archives))
	}
	b, a := p.Builds[1], p.Archives[1]
	if b.ID != "homing-libdns" || b.Dir != "companion/libdns" || b.Binary != b.ID || !slices.Equal(b.Targets, p.Builds[0].Targets) ||
		!slices.Equal(b.Flags, p.Builds[0].Flags) || !slices.Equal(b.Env, p.Builds[0].Env) || b.ModTimestamp != p.Builds[0].ModTimestamp {
		t.Errorf("%+v", b)
	}
	if len(b.Ldflags) != 1 || execute(t, b.Ldflags[0], fields("1.2.3", "")) != "-s -w -X main.release=1.2.3" || !strings.Contains(read(t, "companion/libdns/main.go"), "\nvar release string\n") {
		t.Errorf("%q sets a variable that is not there", b.Ldflags)
	}
	if !slices.Equal(p.Archives[0].IDs, []string{"homing"}) || !slices.Equal(a.IDs, []string{"homing-libdns"}) || len(b.Hooks.Post) != 0 {
		t.Errorf("the archives hold %q and %q", p.Archives[0].IDs, a.IDs)
	}
	if homing, other := execute(t, p.Archives[0].NameTemplate, fields("1.2.3", "")), execute(t, a.NameTemplate, fields("1.2.3", "")); other != strings.Replace(homing, "homing_", "homing-libdns_", 1) {
		t.Errorf("they are called %q and %q", homing, other)
	}
	for _, image := range p.DockersV2 {
		if !slices.Equal(image.IDs, []string{"homing"}) {
			t.Errorf("image %s holds %q", image.ID, image.IDs)
		}
	}
	if strings.Contains(read(t, "go.mod"), "libdns") {
		t.Error("a library of the companion is in homing's go.mod")
	}
	if strings.Contains(read(t, "companion/libdns/go.mod"), "replace") {
		t.Error("the companion cannot be had with go install")
	}
}

// The binary of a release is that of "make build" but for its version, and the
// one that tools/reproducible builds.
func TestTheFlagsAreTheSameEverywhere(t *testing.T) {
	b := project(t).Builds[0]
	if !slices.Equal(b.Env, []string{"CGO_ENABLED=0"}) || len(b.Ldflags) != 1 {
		t.Fatalf("%q, %q", b.Env, b.Ldflags)
	}
	ldflags := execute(t, b.Ldflags[0], fields("1.2.3", ""))
	var gcflags strings.Builder
	for _, tag := range b.Tags {
		gcflags.WriteString("-tags=" + tag + "\n")
	}
	for _, flag := range b.Gcflags {
		gcflags.WriteString("-gcflags=" + flag + "\n")
	}
	if gcflags.String() != read(t, "tools/buildflags") {
		t.Errorf("tags are %q and gcflags %q, and tools/buildflags has others", b.Tags, b.Gcflags)
	}
	line := "go build " + strings.Join(b.Flags, " ") + " $(cat tools/buildflags) -ldflags '" + ldflags + "'"
	if !strings.Contains(read(t, "tools/reproducible"), line) {
		t.Errorf("tools/reproducible does not say %q", line)
	}
	makefile := regexp.MustCompile(`(?m)^LDFLAGS\s*:=\s*(.*)$`).FindStringSubmatch(read(t, "Makefile"))
	if makefile == nil || !strings.HasPrefix(ldflags, makefile[1]+" -X ") || !strings.Contains(read(t, "Makefile"), "CGO_ENABLED=0 $(GO) build -trimpath $$(cat tools/buildflags) -ldflags '$(LDFLAGS)' -o homing .") {
		t.Errorf("make build has %q", makefile)
	}
	if !strings.Contains(read(t, "internal/cli/version.go"), "\nvar release string\n") {
		t.Error("-X sets a variable that is not there")
	}
}

func TestAReleaseMovesTheTagsOfItsSeriesAndACandidateDoesNot(t *testing.T) {
	for _, c := range []struct{ version, prerelease, want string }{
		{"1.2.3", "", "1.2.3 1.2 1 latest"},
		{"1.3.0-rc.1", "rc.1", "1.3.0-rc.1"},
	} {
		for _, image := range project(t).DockersV2 {
			suffix := map[string]string{"scratch": "", "alpine": "-alpine"}[image.ID]
			var got []string
			for _, tag := range image.Tags {
				if tag = execute(t, tag, fields(c.version, c.prerelease)); tag != "" {
					got = append(got, strings.TrimSuffix(tag, suffix))
					if !strings.HasSuffix(tag, suffix) {
						t.Errorf("%s: %s", image.ID, tag)
					}
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s %s: %q, want %q", image.ID, c.version, got, c.want)
			}
			if image.BuildArgs["BINARY"] != "ready" || image.BuildArgs["BASE"] != image.ID || !slices.Equal(image.Images, []string{"ghcr.io/homing-dns/homing"}) {
				t.Errorf("%s: %v, %v", image.ID, image.Images, image.BuildArgs)
			}
		}
	}
}

// The templates are read by goreleaser when it is too late.
func TestEveryTemplateCanBeFilledIn(t *testing.T) {
	n := 0
	each(reflect.ValueOf(project(t)), "", "", func(path string, _ reflect.StructTag, v reflect.Value) {
		if v.Kind() != reflect.String || !strings.Contains(v.String(), "{{") {
			return
		}
		n++
		for _, f := range []map[string]any{fields("1.2.3", ""), fields("1.2.3-rc.1", "rc.1")} {
			for _, os := range []string{"linux", "darwin", "windows", "freebsd", "openbsd"} {
				f["Os"] = os
				if out := execute(t, v.String(), f); strings.Contains(out, "no value") {
					t.Errorf("%s: %s", path, out)
				}
			}
		}
	})
	if n < 10 {
		t.Errorf("only %d templates were found", n)
	}
}

func TestWhatItNamesIsThere(t *testing.T) {
	p := project(t)
	paths := []string{"tools/packages/build"}
	for _, image := range p.DockersV2 {
		paths = append(paths, image.Dockerfile)
	}
	for _, hook := range p.Builds[0].Hooks.Post {
		paths = append(paths, strings.Fields(hook.Cmd)[0])
	}
	for _, file := range slices.Concat(p.Archives[0].Files, p.Archives[1].Files) {
		for _, os := range []string{"linux", "darwin", "windows", "freebsd", "openbsd"} {
			f := fields("1.2.3", "")
			f["Os"] = os
			paths = append(paths, execute(t, file.Source, f))
		}
	}
	for _, path := range paths {
		if found, err := filepath.Glob(filepath.Join(root, path)); err != nil || len(found) == 0 {
			t.Errorf("%s: there is nothing, %v", path, err)
		}
	}
}

// fields is what goreleaser fills in.
func fields(version, prerelease string) map[string]any {
	return map[string]any{"Version": version, "Major": 1, "Minor": strings.Split(version, ".")[1], "Patch": 3, "Prerelease": prerelease, "Tag": "v" + version,
		"CommitTimestamp": 1, "CommitDate": "2026-11-21T00:00:00Z", "ProjectName": "homing", "Os": "linux", "Arch": "arm", "Arm": "7", "Path": "dist/homing"}
}

func execute(t *testing.T, text string, fields map[string]any) string {
	t.Helper()
	tmpl, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{"incpatch": func(v string) string { return v }}).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, fields); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
