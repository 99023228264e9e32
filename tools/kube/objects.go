// Package kube checks what deploy/kubernetes and deploy/helm ship, without a
// cluster: that the API takes it, that the restricted profile lets it run, that
// its parts fit together, and that homing takes the settings in it.
package kube

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// Object is one of the documents of a manifest.
type Object interface {
	runtime.Object
	metav1.Object
}

// Set is what is applied together.
type Set []Object

// kinds are those that may be shipped. A Role or a binding is none of them, so
// the account of homing has no rights.
func kinds() *runtime.Scheme {
	s := runtime.NewScheme()
	s.AddKnownTypes(corev1.SchemeGroupVersion, &corev1.Namespace{}, &corev1.ServiceAccount{}, &corev1.ConfigMap{}, &corev1.Secret{}, &corev1.Service{})
	s.AddKnownTypes(appsv1.SchemeGroupVersion, &appsv1.Deployment{})
	s.AddKnownTypes(batchv1.SchemeGroupVersion, &batchv1.CronJob{})
	s.AddKnownTypes(networkingv1.SchemeGroupVersion, &networkingv1.NetworkPolicy{})
	s.AddKnownTypes(monitoringv1.SchemeGroupVersion, &monitoringv1.PodMonitor{})
	return s
}

// Decode reads a manifest as strictly as the API does with --validate=strict:
// a field that is unknown, or there twice, is an error, and so is a kind that is
// none of ours. From says in errors where the text is from.
func Decode(from string, text []byte) (Set, error) {
	scheme := kinds()
	codec := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	var set Set
	for n := 1; ; n++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read document %d of %s: %w", n, from, err)
		}
		var content any
		if err := sigsyaml.Unmarshal(document, &content); err == nil && content == nil {
			continue // comments alone
		}
		o, _, err := codec.Decode(document, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("decode document %d of %s: %w", n, from, err)
		}
		set = append(set, o.(Object))
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("decode %s: there is nothing in it", from)
	}
	return set, nil
}

// describe names an object as a person would.
func describe(o Object) string {
	return fmt.Sprintf("%s %s", o.GetObjectKind().GroupVersionKind().Kind, o.GetName())
}

// all are the objects of one kind.
func all[T Object](s Set) (found []T) {
	for _, o := range s {
		if t, ok := o.(T); ok {
			found = append(found, t)
		}
	}
	return found
}

// find is the object of one kind by its name, beside another one.
func find[T Object](s Set, beside Object, name string) (found T, ok bool) {
	for _, o := range all[T](s) {
		if o.GetName() == name && o.GetNamespace() == beside.GetNamespace() {
			return o, true
		}
	}
	return found, false
}

// Pod is what a Deployment or a CronJob starts.
type Pod struct {
	Of     Object
	Meta   metav1.ObjectMeta
	Spec   corev1.PodSpec
	Daemon bool // it is not to end by itself
}

// Pods are all that are started.
func (s Set) Pods() (pods []Pod) {
	for _, o := range s {
		switch o := o.(type) {
		case *appsv1.Deployment:
			pods = append(pods, Pod{o, o.Spec.Template.ObjectMeta, o.Spec.Template.Spec, true})
		case *batchv1.CronJob:
			t := o.Spec.JobTemplate.Spec.Template
			pods = append(pods, Pod{o, t.ObjectMeta, t.Spec, false})
		}
	}
	return pods
}
