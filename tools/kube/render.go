package kube

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Kustomize is what "kubectl apply -k folder" applies.
func Kustomize(folder string) (Set, error) {
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", folder, err)
	}
	text, err := made.AsYaml()
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", folder, err)
	}
	return Decode(folder, text)
}

// Chart is what "helm install release folder" applies with these values, and
// what it then says. The cluster has the Prometheus operator.
func Chart(folder, release, values string) (Set, string, error) {
	c, err := loader.Load(folder)
	if err != nil {
		return nil, "", fmt.Errorf("load the chart: %w", err)
	}
	given := make(map[string]any)
	if err := yaml.UnmarshalStrict([]byte(values), &given); err != nil {
		return nil, "", fmt.Errorf("read the values: %w", err)
	}
	texts, err := render(c, release, given)
	if err != nil {
		return nil, "", err
	}
	var set Set
	notes := ""
	for file, text := range texts {
		switch {
		case path.Base(file) == "NOTES.txt":
			notes = text
		case strings.TrimSpace(text) == "" || strings.HasPrefix(path.Base(file), "_"):
		default:
			some, err := Decode(file, []byte(text))
			if err != nil {
				return nil, "", err
			}
			set = append(set, some...)
		}
	}
	return set, notes, nil
}

func render(c *chart.Chart, release string, given map[string]any) (map[string]string, error) {
	able := chartutil.DefaultCapabilities.Copy()
	able.APIVersions = append(able.APIVersions, "monitoring.coreos.com/v1")
	options := chartutil.ReleaseOptions{Name: release, Namespace: "homing", Revision: 1, IsInstall: true}
	values, err := chartutil.ToRenderValues(c, given, options, able)
	if err != nil {
		return nil, err
	}
	return engine.Engine{Strict: true}.Render(c, values)
}

// Lint is what "helm lint" has to say against a chart.
func Lint(folder string) error {
	var found []error
	for _, m := range lint.All(folder, nil, "homing", true).Messages {
		if m.Severity >= support.WarningSev {
			found = append(found, m)
		}
	}
	return errors.Join(found...)
}
