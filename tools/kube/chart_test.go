package kube

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

const chartFolder = root + "/deploy/helm/homing"

// twin makes the chart what the plain manifests are.
const twin = "{existingSecret: homing, names: [home.example.org]}"

// charts are values that people may set.
func charts() map[string]struct{ release, values string } {
	return map[string]struct{ release, values string }{
		"the least":     {"homing", "{existingSecret: mine, names: [home.example.org]}"},
		"a token":       {"dns", "{token: " + token + ", names: [home.example.org]}"},
		"a cronjob":     {"homing", "{existingSecret: mine, names: [home.example.org], mode: cronjob, schedule: '*/10 * * * *'}"},
		"host network":  {"homing", "{existingSecret: mine, names: [home.example.org], hostNetwork: true, ipv6: true}"},
		"without rules": {"homing", "{existingSecret: mine, names: [home.example.org], networkPolicy: {enabled: false}}"},
		"all of it": {"homing", `
existingSecret: mine
names:
  - home.example.org
  - {name: nas.example.org, types: [AAAA], ipv6_host: "::10"}
ipv6: true
config:
  schedule: {every: 10m}
  detect: {ipv4: {sources: [cloudflare.trace, ipify]}}
  serve: {hosts: [homing.example.org]}
image: {tag: 1.2.3, pullPolicy: Always}
env:
  - {name: TZ, value: Europe/Berlin}
service: {enabled: true}
podMonitor: {enabled: true, labels: {release: prometheus}}
networkPolicy: {egress: [{to: [{ipBlock: {cidr: 192.168.1.7/32}}], ports: [{port: 443}]}]}
nodeSelector: {kubernetes.io/hostname: attic}
tolerations: [{key: arm, operator: Exists}]
`},
		"lists alone": {"homing", `
existingSecret: mine
config: {lists: [{account_id: 0123456789abcdef0123456789abcdef, name: home}]}
image: {digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
`},
		"read by all": {"homing", "{existingSecret: mine, names: [home.example.org], podMonitor: {enabled: true}, config: {serve: {public_read: true}}}"},
	}
}

func rendered(t *testing.T, release, values string) Set {
	t.Helper()
	set, _, err := Chart(chartFolder, release, values)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestTheChartIsClean(t *testing.T) {
	if err := Lint(chartFolder); err != nil {
		t.Error(err)
	}
}

// Chart and manifests are one thing written twice; here they cannot drift apart.
func TestTheChartIsWhatTheManifestsAre(t *testing.T) {
	plain, chart := kustomized(t), rendered(t, "homing", twin)
	same(t, only[*appsv1.Deployment](t, plain).Spec, only[*appsv1.Deployment](t, chart).Spec)
	same(t, only[*networkingv1.NetworkPolicy](t, plain).Spec, only[*networkingv1.NetworkPolicy](t, chart).Spec)
	same(t, only[*corev1.ServiceAccount](t, plain).AutomountServiceAccountToken, only[*corev1.ServiceAccount](t, chart).AutomountServiceAccountToken)

	plain, chart = kustomized(t, cronJobInstead()...), rendered(t, "homing", "{existingSecret: homing, names: [home.example.org], mode: cronjob}")
	same(t, only[*batchv1.CronJob](t, plain).Spec, only[*batchv1.CronJob](t, chart).Spec)

	plain, chart = kustomized(t, hostNetwork()...), rendered(t, "homing", "{existingSecret: homing, names: [home.example.org], hostNetwork: true}")
	same(t, only[*appsv1.Deployment](t, plain).Spec, only[*appsv1.Deployment](t, chart).Spec)
}

func only[T Object](t *testing.T, s Set) T {
	t.Helper()
	found := all[T](s)
	if len(found) != 1 {
		t.Fatalf("there are %d of %T", len(found), *new(T))
	}
	return found[0]
}

// same compares all but the labels that Helm adds.
func same(t *testing.T, plain, chart any) {
	t.Helper()
	helms := cmp.FilterPath(func(p cmp.Path) bool {
		i, ok := p.Last().(cmp.MapIndex)
		return ok && (strings.HasPrefix(i.Key().String(), "helm.sh/") || i.Key().String() == "app.kubernetes.io/instance" ||
			i.Key().String() == "app.kubernetes.io/version" || i.Key().String() == "app.kubernetes.io/managed-by")
	}, cmp.Ignore())
	if diff := cmp.Diff(plain, chart, helms); diff != "" {
		t.Errorf("the manifest (-) and the chart (+) differ:\n%s", diff)
	}
}

func TestWrongValuesAreRefusedWithTheCure(t *testing.T) {
	const good = "existingSecret: mine\nnames: [home.example.org]\n"
	for values, want := range map[string]string{
		"names: [home.example.org]":                                     "set existingSecret to the name of a Secret",
		good + "token: x":                                               "both existingSecret and token are set",
		"existingSecret: mine":                                          "names is empty",
		good + "config: {records: [a]}":                                 "write the names into names",
		good + "mode: job":                                              "mode",
		good + "hostNetworks: true":                                     "hostNetworks",
		good + "ipv6: 'yes'":                                            "ipv6",
		good + "image: {tag: 1}":                                        "tag",
		good + "image: {digest: latest}":                                "digest",
		good + "names: home.example.org":                                "already set",
		"existingSecret: mine\nnames: home":                             "names",
		good + "env: [{nam: TZ}]":                                       "env",
		good + "env: {TZ: UTC}":                                         "env",
		good + "networkPolicy: {enable: 1}":                             "enable",
		good + "hostNetwork: true\nservice: {enabled: true}":            "no Service reaches it",
		good + "hostNetwork: true\npodMonitor: {enabled: true}":         "Prometheus does not reach them",
		"token: x\nnames: [a.example.org]\npodMonitor: {enabled: true}": "put HOMING_TOKEN into a Secret",
		good + "podMonitor: {interval: often}":                          "interval",
	} {
		_, _, err := Chart(chartFolder, "homing", values)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, without %q", values, err, want)
		}
	}
}

func TestTheNotesSayWhatToDoNext(t *testing.T) {
	for values, want := range map[string]string{
		twin: "kubectl -n homing port-forward deploy/homing 8245",
		"{existingSecret: homing, names: [home.example.org], mode: cronjob}": "kubectl -n homing create job --from=cronjob/homing homing-now",
	} {
		_, notes, err := Chart(chartFolder, "homing", values)
		if err != nil || !strings.Contains(notes, want) {
			t.Errorf("%s: the notes are %q, %v", values, notes, err)
		}
	}
}
