package kube

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// settings checks that a container of ours gets its variables, each once.
func (f *problems) settings(s Set, p Pod) {
	if l := p.Spec.EnableServiceLinks; l == nil || *l {
		f.add(p.Of, "Services put variables into its environment")
	}
	if !looksUpAsWritten(p.Spec.DNSConfig) {
		f.add(p.Of, "each name is looked for in the search domains first: ndots is not 1")
	}
	if len(p.Spec.Containers) != 1 || len(p.Spec.InitContainers) != 0 {
		f.add(p.Of, "there is more in it than homing")
	}
	for _, c := range p.Spec.Containers {
		if len(c.Command) > 0 || len(c.EnvFrom) > 0 {
			f.add(p.Of, "command and envFrom are not looked into")
		}
		seen := make(map[string]bool)
		for _, e := range c.Env {
			if seen[e.Name] {
				f.add(p.Of, "%s is set twice", e.Name)
			}
			seen[e.Name] = true
			if _, err := value(s, p, e); err != nil {
				f.add(p.Of, "%s: %v", e.Name, err)
			}
		}
	}
}

// value is what a variable holds in the pod.
func value(s Set, p Pod, e corev1.EnvVar) (string, error) {
	switch from := e.ValueFrom; {
	case from == nil && strings.Contains(e.Value, "$("):
		return "", fmt.Errorf("%q refers to other variables", e.Value)
	case from == nil:
		return e.Value, nil
	case from.SecretKeyRef != nil:
		secret, ok := find[*corev1.Secret](s, p.Of, from.SecretKeyRef.Name)
		if !ok || !has(secret, from.SecretKeyRef.Key) {
			return "", fmt.Errorf("there is no key %s in a Secret %s", from.SecretKeyRef.Key, from.SecretKeyRef.Name)
		}
		return data(secret)[from.SecretKeyRef.Key], nil
	}
	return "", fmt.Errorf("%v is not looked into", e.ValueFrom)
}

// Environ are the variables that a container of a pod has.
func Environ(s Set, p Pod) ([]string, error) {
	environ := []string{"HOSTNAME=homing", "PATH=/usr/local/bin:/usr/bin:/bin", "KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443"}
	for _, e := range p.Spec.Containers[0].Env {
		v, err := value(s, p, e)
		if err != nil {
			return nil, err
		}
		environ = append(environ, e.Name+"="+v)
	}
	return environ, nil
}

// Mount is a folder that Kubernetes puts into a container.
type Mount struct {
	Path     string
	Files    map[string]string // of a ConfigMap or a Secret
	Mode     fs.FileMode       // of these files, before fsGroup
	Writable bool              // an emptyDir
}

// Mounts are the folders of a pod's container.
func Mounts(s Set, p Pod) (mounts []Mount, err error) {
	for _, at := range p.Spec.Containers[0].VolumeMounts {
		i := slices.IndexFunc(p.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == at.Name })
		if i < 0 {
			return nil, fmt.Errorf("there is no volume %s", at.Name)
		}
		m, err := mount(s, p, p.Spec.Volumes[i])
		if err != nil {
			return nil, err
		}
		m.Path = path.Clean(at.MountPath)
		switch {
		case at.SubPath != "" || at.SubPathExpr != "":
			return nil, fmt.Errorf("%s is mounted with subPath, so that it never changes", m.Path)
		case at.ReadOnly == m.Writable:
			return nil, fmt.Errorf("readOnly of %s is %v", m.Path, at.ReadOnly)
		case slices.ContainsFunc(mounts, func(o Mount) bool { return o.Path == m.Path }):
			return nil, fmt.Errorf("two volumes are mounted at %s", m.Path)
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

// mount is what a volume holds.
func mount(s Set, p Pod, v corev1.Volume) (m Mount, err error) {
	m.Mode = 0o644 // what the API puts in
	var mode *int32
	switch {
	case v.EmptyDir != nil:
		m.Writable = true
	case v.ConfigMap != nil:
		c, ok := find[*corev1.ConfigMap](s, p.Of, v.ConfigMap.Name)
		if !ok {
			return m, fmt.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
		m.Files, mode = maps.Clone(c.Data), v.ConfigMap.DefaultMode
	case v.Secret != nil:
		secret, ok := find[*corev1.Secret](s, p.Of, v.Secret.SecretName)
		if !ok {
			return m, fmt.Errorf("there is no Secret %s", v.Secret.SecretName)
		}
		m.Files, mode = data(secret), v.Secret.DefaultMode
	default:
		return m, fmt.Errorf("the volume %s is of a kind that is not looked into", v.Name)
	}
	if mode != nil {
		m.Mode = fs.FileMode(*mode)
	}
	return m, nil
}

// volumes checks that what is mounted is there and can be read, and that
// nothing is there without being mounted.
func (f *problems) volumes(s Set, p Pod) {
	mounts, err := Mounts(s, p)
	if err != nil {
		f.add(p.Of, "%v", err)
		return
	}
	for _, v := range p.Spec.Volumes {
		if !slices.ContainsFunc(p.Spec.Containers[0].VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == v.Name }) {
			f.add(p.Of, "the volume %s is not mounted", v.Name)
		}
	}
	group := p.Spec.SecurityContext != nil && p.Spec.SecurityContext.FSGroup != nil && *p.Spec.SecurityContext.FSGroup == user
	for _, m := range mounts {
		// The files belong to root. Where there is an fsGroup, the kubelet gives
		// them to it and lets it read them; an emptyDir is for everybody.
		if readable := m.Mode&0o004 != 0 || group; !m.Writable && !readable {
			f.add(p.Of, "%d cannot read %s: its files have the mode %04o", user, m.Path, m.Mode)
		}
	}
}

// looksUpAsWritten says whether a name with a dot in it is looked up as it is,
// before a search domain is put behind it.
func looksUpAsWritten(c *corev1.PodDNSConfig) bool {
	return c != nil && slices.ContainsFunc(c.Options, func(o corev1.PodDNSConfigOption) bool {
		return o.Name == "ndots" && o.Value != nil && *o.Value == "1"
	})
}
