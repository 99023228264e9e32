package kube

import (
	"maps"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// names checks what the API asks of names and labels.
func (f *problems) names(s Set) {
	seen := make(map[string]bool)
	for _, o := range s {
		key := describe(o) + " in " + o.GetNamespace()
		if seen[key] {
			f.add(o, "it is there twice")
		}
		seen[key] = true
		for _, wrong := range validation.IsDNS1123Label(o.GetName()) {
			f.add(o, "name: %s", wrong)
		}
		for _, wrong := range metavalidation.ValidateLabels(o.GetLabels(), field.NewPath("labels")) {
			f.add(o, "%v", wrong)
		}
	}
	for _, p := range s.Pods() {
		for _, wrong := range metavalidation.ValidateLabels(p.Meta.Labels, field.NewPath("labels")) {
			f.add(p.Of, "%v", wrong)
		}
	}
}

// chosen are the pods that a selector finds.
func (f *problems) chosen(s Set, by Object, selector *metav1.LabelSelector) (pods []Pod) {
	match, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		f.add(by, "%v", err)
		return nil
	}
	for _, p := range s.Pods() {
		if p.Of.GetNamespace() == by.GetNamespace() && match.Matches(labels.Set(p.Meta.Labels)) {
			pods = append(pods, p)
		}
	}
	if len(pods) == 0 {
		f.add(by, "its selector finds no pod")
	}
	return pods
}

// policies checks that each policy is somebody's, and each pod has one where
// there are any.
func (f *problems) policies(s Set) {
	for _, n := range all[*networkingv1.NetworkPolicy](s) {
		pods := f.chosen(s, n, &n.Spec.PodSelector)
		for _, p := range s.Pods() {
			if !slices.ContainsFunc(pods, func(q Pod) bool { return q.Of == p.Of }) {
				f.add(p.Of, "%s leaves it out", describe(n))
			}
		}
		for _, in := range n.Spec.Ingress {
			for _, port := range in.Ports {
				f.reached(n, pods, port.Port)
			}
		}
	}
}

// services checks that a Service and a PodMonitor lead to a port of a pod.
func (f *problems) services(s Set) {
	for _, v := range all[*corev1.Service](s) {
		pods := f.chosen(s, v, &metav1.LabelSelector{MatchLabels: v.Spec.Selector})
		for _, port := range v.Spec.Ports {
			f.reached(v, pods, &port.TargetPort)
		}
	}
	for _, m := range all[*monitoringv1.PodMonitor](s) {
		pods := f.chosen(s, m, &m.Spec.Selector)
		for _, e := range m.Spec.PodMetricsEndpoints {
			f.monitored(s, m, pods, e)
		}
	}
}

func (f *problems) monitored(s Set, m *monitoringv1.PodMonitor, pods []Pod, e monitoringv1.PodMetricsEndpoint) {
	if e.Port == nil {
		f.add(m, "an endpoint without a port")
		return
	}
	port := intstr.FromString(*e.Port)
	f.reached(m, pods, &port)
	if e.Path != "/metrics" {
		f.add(m, "metrics are not at %q", e.Path)
	}
	if a := e.Authorization; a != nil {
		if secret, ok := find[*corev1.Secret](s, m, a.Credentials.Name); !ok || !has(secret, a.Credentials.Key) {
			f.add(m, "there is no key %s in a Secret %s", a.Credentials.Key, a.Credentials.Name)
		}
	}
}

// reached checks that daemons among the pods listen on a port.
func (f *problems) reached(by Object, pods []Pod, port *intstr.IntOrString) {
	for _, p := range pods {
		if !p.Daemon {
			continue // it listens nowhere
		}
		if _, ok := number(p.Spec.Containers[0], port); !ok {
			f.add(by, "%s has no port %v", describe(p.Of), port)
		}
	}
}

// number is the port of a container that is meant by a number or a name.
func number(c corev1.Container, port *intstr.IntOrString) (int32, bool) {
	for _, p := range c.Ports {
		if port != nil && (port.Type == intstr.String && p.Name == port.StrVal || port.Type == intstr.Int && p.ContainerPort == port.IntVal) {
			return p.ContainerPort, true
		}
	}
	return 0, false
}

// keys are what is in a Secret.
func keys(s *corev1.Secret) []string {
	return slices.Sorted(maps.Keys(data(s)))
}

func has(s *corev1.Secret, key string) bool {
	return slices.Contains(keys(s), key)
}

// data is what is in a Secret, as a pod gets it.
func data(s *corev1.Secret) map[string]string {
	texts := maps.Clone(s.StringData)
	if texts == nil {
		texts = make(map[string]string)
	}
	for k, v := range s.Data {
		if _, ok := texts[k]; !ok {
			texts[k] = string(v)
		}
	}
	return texts
}
