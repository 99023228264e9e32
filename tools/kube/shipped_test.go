package kube

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	root      = "../.."
	manifests = root + "/deploy/kubernetes"

	// placeholder is what secret.yaml has, token what a person puts in its place.
	placeholder = "your-api-token"
	token       = "Zq3vT8mK1xP5wR7nB2cD9fG4hJ6kL0sY8uE1aQ5t"
)

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func decoded(t *testing.T, text string) Set {
	t.Helper()
	set, err := Decode("the text", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// secret is a Secret that people make themselves.
func secret(namespace, name string, data map[string]string) Set {
	return Set{&corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, StringData: data}}
}

// example is secret.yaml with a token in it.
func example(t *testing.T) Set {
	t.Helper()
	return decoded(t, strings.ReplaceAll(read(t, manifests+"/secret.yaml"), placeholder, token))
}

// replaced is a text in which old stands once, with other in its place.
func replaced(t *testing.T, text, old, other string) string {
	t.Helper()
	if n := strings.Count(text, old); n != 1 {
		t.Fatalf("%q is there %d times, not once", old, n)
	}
	return strings.Replace(text, old, other, 1)
}

// kustomized is what the kustomization applies once a person has changed these
// words of it, old and new in turn; and the Secret.
func kustomized(t *testing.T, changes ...string) Set {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(manifests)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "kustomization.yaml")
	text := read(t, file)
	for change := range slices.Chunk(changes, 2) {
		text = replaced(t, text, change[0], change[1])
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := Kustomize(folder)
	if err != nil {
		t.Fatal(err)
	}
	return append(set, example(t)...)
}

// The changes that kustomization.yaml speaks of.
func cronJobInstead() []string { return []string{"- deployment.yaml #", "- cronjob.yaml #"} }
func hostNetwork() []string {
	return []string{"# components:\n#   - host-network", "components:\n  - host-network"}
}

// shipped is everything that can be applied, with what people are told to add.
func shipped(t *testing.T) map[string]Set {
	t.Helper()
	all := map[string]Set{
		"the kustomization": kustomized(t),
		"with the CronJob":  kustomized(t, cronJobInstead()...),
		"with host-network": kustomized(t, hostNetwork()...),
		"with both":         kustomized(t, append(cronJobInstead(), hostNetwork()...)...),
		"timothymiller.yaml": append(decoded(t, read(t, manifests+"/timothymiller.yaml")),
			secret("ddns", "config-cloudflare-ddns", map[string]string{"config.json": read(t, "testdata/config.json")})...),
		"dynflare.yaml": append(decoded(t, read(t, manifests+"/dynflare.yaml")),
			secret("", "dynflare", map[string]string{"email": "me@example.org", "api-key": "0123456789abcdef0123456789abcdef01234"})...),
	}
	for name, c := range charts() {
		set, _, err := Chart(chartFolder, c.release, c.values)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all["chart: "+name] = append(set, secret("homing", "mine", map[string]string{"CLOUDFLARE_API_TOKEN": token, "HOMING_TOKEN": "a token of the page that is long"})...)
	}
	return all
}

func TestNothingIsWrongWithWhatIsShipped(t *testing.T) {
	for name, set := range shipped(t) {
		t.Run(name, func(t *testing.T) {
			if len(set.Pods()) != 1 {
				t.Errorf("it starts %d kinds of pods, not one", len(set.Pods()))
			}
			for _, wrong := range Check(set) {
				t.Error(wrong)
			}
		})
	}
}

// Each file is decoded by itself too: what kustomize makes of it could hide a
// key that is there twice.
func TestEachManifestIsTakenByTheAPI(t *testing.T) {
	files, err := filepath.Glob(manifests + "/*.yaml")
	if err != nil || len(files) < 9 {
		t.Fatalf("there are %d manifests: %v", len(files), err)
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue // krusty reads it as strictly
		}
		if _, err := Decode(file, []byte(read(t, file))); err != nil {
			t.Error(err)
		}
	}
}

// The policy lets homing out for names and for HTTPS over both families, and
// lets Prometheus in; nothing else.
func TestThePolicyLetsOutOnlyNamesAndHTTPS(t *testing.T) {
	for name, set := range map[string]Set{"the kustomization": kustomized(t), "the chart": rendered(t, "homing", twin)} {
		policies := all[*networkingv1.NetworkPolicy](set)
		if len(policies) != 1 || len(policies[0].Spec.PolicyTypes) != 2 {
			t.Fatalf("%s: the policies are %v", name, policies)
		}
		var out, in []string
		for _, rule := range policies[0].Spec.Egress {
			to := []string{"anywhere"}
			for i, peer := range rule.To {
				to = append(to[:i], peer.IPBlock.CIDR)
			}
			out = append(out, ports(rule.Ports)+" to "+strings.Join(to, " "))
		}
		for _, rule := range policies[0].Spec.Ingress {
			if len(rule.From) != 1 || rule.From[0].PodSelector == nil || rule.From[0].NamespaceSelector == nil {
				t.Errorf("%s: %v may come in", name, rule.From)
			}
			in = append(in, ports(rule.Ports))
		}
		if want := []string{"UDP 53, TCP 53 to anywhere", "TCP 443 to 0.0.0.0/0 ::/0"}; !slices.Equal(out, want) {
			t.Errorf("%s: it lets out %q, not %q", name, out, want)
		}
		if want := []string{"TCP http"}; !slices.Equal(in, want) {
			t.Errorf("%s: it lets in %q, not %q", name, in, want)
		}
	}
}

func ports(rules []networkingv1.NetworkPolicyPort) string {
	var words []string
	for _, p := range rules {
		if p.Port == nil || p.Protocol == nil || p.EndPort != nil {
			return "any port"
		}
		words = append(words, string(*p.Protocol)+" "+(&intstr.IntOrString{Type: p.Port.Type, IntVal: p.Port.IntVal, StrVal: p.Port.StrVal}).String())
	}
	return strings.Join(words, ", ")
}

// What is in the manifests opens nothing.
func TestTheExampleSecretIsAPlaceholder(t *testing.T) {
	for _, file := range []string{"secret.yaml", "timothymiller.yaml", "dynflare.yaml", "cronjob.yaml", "deployment.yaml", "configmap.yaml"} {
		for _, s := range all[*corev1.Secret](decoded(t, read(t, manifests+"/"+file))) {
			for key, text := range data(s) {
				if text != placeholder {
					t.Errorf("%s: %s is not the placeholder", file, key)
				}
			}
		}
	}
}

// The files the page names are there.
func TestThePageNamesFilesThatAreThere(t *testing.T) {
	text := read(t, root+"/docs/kubernetes.md")
	named := 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n`()[]\"',", r) }) {
		path := strings.TrimPrefix(strings.TrimRight(word, "./:"), "../")
		if !strings.HasPrefix(path, "deploy/") || path == "deploy/homing" {
			continue // that is what kubectl calls the Deployment
		}
		named++
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Error(err)
		}
	}
	if named < 5 {
		t.Errorf("the page names %d files of deploy/", named)
	}
}
