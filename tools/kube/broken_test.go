package kube

import (
	"os"
	"strings"
	"testing"
)

// A check that finds nothing is worth something only if it would find something.
func TestWhatIsBrokenIsFound(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		// the API
		{"a misspelt field", "deployment.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true", `unknown field "spec.template.spec.containers[0].securityContext.readOnlyRootFileSystem"`},
		{"a field in the wrong place", "deployment.yaml", "      containers:\n", "      readOnly: true\n      containers:\n", `unknown field "spec.template.spec.readOnly"`},
		{"a key twice", "deployment.yaml", "  replicas: 1\n", "  replicas: 1\n  replicas: 1\n", `key "replicas" already set`},
		{"a value of the wrong kind", "deployment.yaml", "containerPort: 8245", "containerPort: http", "cannot unmarshal string"},
		{"no quantity", "deployment.yaml", "memory: 64Mi", "memory: 64 MB", "quantities must match"},
		{"a kind that is gone", "cronjob.yaml", "batch/v1", "batch/v1beta1", `no kind "CronJob" is registered for version "batch/v1beta1"`},
		{"rights", "serviceaccount.yaml", "kind: ServiceAccount", "kind: ClusterRoleBinding", `no kind "ClusterRoleBinding"`},
		{"no name", "deployment.yaml", "metadata:\n  name: homing\n", "metadata:\n  name: Homing\n", "must consist of lower case"},

		// the restricted profile, and more
		{"root", "deployment.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot != true"},
		{"another user", "deployment.yaml", "runAsUser: 65532", "runAsUser: 1000", "it does not run as 65532"},
		{"no seccomp", "deployment.yaml", "type: RuntimeDefault", "type: Unconfined", "seccompProfile"},
		{"more rights later", "deployment.yaml", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "allowPrivilegeEscalation != false"},
		{"capabilities", "deployment.yaml", "drop: [ALL]", "drop: [NET_RAW]", "unrestricted capabilities"},
		{"a root to write to", "deployment.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "its root can be written to"},
		{"the node's network", "deployment.yaml", "      serviceAccountName: homing\n", "      serviceAccountName: homing\n      hostNetwork: true\n", "which the namespace refuses"},
		{"the node's files", "deployment.yaml", "emptyDir:\n            sizeLimit: 8Mi", "hostPath: {path: /var}", "hostPath"},
		{"a credential of the cluster", "deployment.yaml", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "a credential for the API is mounted"},
		{"one for all", "serviceaccount.yaml", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "its credential is mounted"},
		{"another image", "deployment.yaml", "image: ghcr.io/homing-dns/homing:1", "image: homing", "the image homing is none of"},
		{"no limit", "deployment.yaml", "              memory: 64Mi\n", "", "may have 0"},

		// how it fits together
		{"no account", "deployment.yaml", "serviceAccountName: homing", "serviceAccountName: home", "there is no ServiceAccount home"},
		{"labels of others", "deployment.yaml", "      labels:\n        app.kubernetes.io/name: homing\n", "      labels:\n        app.kubernetes.io/name: home\n", "its selector does not find its own pods"},
		{"a policy of nobody", "networkpolicy.yaml", "      app.kubernetes.io/name: homing\n", "      app.kubernetes.io/name: home\n", "its selector finds no pod"},
		{"a port that is not there", "networkpolicy.yaml", "port: http", "port: web", "has no port web"},
		{"another port", "deployment.yaml", "value: 0.0.0.0:8245", "value: 0.0.0.0:8080", "homing listens on 8080"},
		{"only for itself", "deployment.yaml", "value: 0.0.0.0:8245", "value: 127.0.0.1:8245", "homing listens on 127.0.0.1"},
		{"a probe of nothing", "deployment.yaml", "port: http\n            periodSeconds: 5", "port: web\n            periodSeconds: 5", "knocks at web"},
		{"no volume", "deployment.yaml", "        - name: state\n          emptyDir", "        - name: stat\n          emptyDir", "there is no volume state"},
		{"a volume for nothing", "deployment.yaml", "            - name: state\n              mountPath: /var/lib/homing\n", "", "the volume state is not mounted"},
		{"no ConfigMap", "deployment.yaml", "configMap:\n            name: homing", "configMap:\n            name: home", "there is no ConfigMap home"},
		{"no Secret", "deployment.yaml", "secretName: homing", "secretName: home", "there is no Secret home"},
		{"a Secret it cannot read", "deployment.yaml", "        fsGroup: 65532 # lets it read the Secret\n", "", "65532 cannot read /run/secrets/homing"},
		{"a file that never changes", "deployment.yaml", "mountPath: /etc/homing\n", "mountPath: /etc/homing\n              subPath: a\n", "so that it never changes"},
		{"a variable twice", "deployment.yaml", "- name: HOMING_STATE", "- name: HOMING_LISTEN", "HOMING_LISTEN is set twice"},
		{"names of the cluster first", "deployment.yaml", `value: "1"`, `value: "5"`, "ndots is not 1"},
		{"variables of Services", "deployment.yaml", "enableServiceLinks: false", "enableServiceLinks: true", "Services put variables into its environment"},

		// how it runs
		{"two at once", "deployment.yaml", "replicas: 1", "replicas: 2", "two of them could run at once"},
		{"two for a moment", "deployment.yaml", "type: Recreate", "type: RollingUpdate", "two of them could run at once"},
		{"killed too soon", "deployment.yaml", "terminationGracePeriodSeconds: 15", "terminationGracePeriodSeconds: 5", "5 s to end are too few"},
		{"two rounds at once", "cronjob.yaml", "concurrencyPolicy: Forbid", "concurrencyPolicy: Allow", "two of them could run at once"},
		{"no schedule", "cronjob.yaml", "schedule: 2-59/5 * * * *", "schedule: every five minutes", "schedule:"},
		{"a round for ever", "cronjob.yaml", "      activeDeadlineSeconds: 240\n", "", "a run may hang for ever"},
		{"again and again", "cronjob.yaml", "backoffLimit: 0", "backoffLimit: 6", "tried again more than once"},
		{"restarted in place", "cronjob.yaml", "restartPolicy: Never", "restartPolicy: OnFailure", `restartPolicy is "OnFailure"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := broken(t, c.file, c.old, c.new)
			if err != nil {
				found = append(found, err.Error())
			}
			if !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("it is not said that %q, but %q", c.want, found)
			}
		})
	}
}

// broken is what is found wrong with the plain manifests once one of them has
// other words in it.
func broken(t *testing.T, file, old, new string) ([]string, error) {
	t.Helper()
	set := example(t)
	for _, f := range []string{"namespace.yaml", "serviceaccount.yaml", "configmap.yaml", "networkpolicy.yaml", "deployment.yaml", "cronjob.yaml"} {
		text := read(t, manifests+"/"+f)
		if f == file {
			text = replaced(t, text, old, new)
		}
		some, err := Decode(f, []byte(text))
		if err != nil {
			return nil, err
		}
		set = append(set, some...)
	}
	return Check(set), nil
}

// Beside the CronJob nothing else is wrong, so that what is found above is the
// change.
func TestWhatIsNotBrokenIsNotFound(t *testing.T) {
	if found, err := broken(t, "", "", ""); len(found) > 0 || err != nil {
		t.Errorf("%q, %v", found, err)
	}
}

// A kustomization is read as strictly.
func TestAMisspeltKustomizationIsRefused(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(manifests)); err != nil {
		t.Fatal(err)
	}
	text := replaced(t, read(t, folder+"/kustomization.yaml"), "\nresources:", "\nresource:")
	if err := os.WriteFile(folder+"/kustomization.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Kustomize(folder); err == nil || !strings.Contains(err.Error(), `unknown field "resource"`) {
		t.Errorf("it says %v", err)
	}
}
