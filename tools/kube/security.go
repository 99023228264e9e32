package kube

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// user is the one homing's image runs as.
const user = 65532

// image is homing's.
const image = "ghcr.io/homing-dns/homing"

const enforce = "pod-security.kubernetes.io/enforce"

// security holds a pod against the restricted profile of Pod Security, by the
// code the API server runs, and against what that profile does not ask for.
// Of the profile nothing may be missing but the network of its own and probes of
// the node's loopback, and that only where the namespace allows it.
func (f *problems) security(s Set, p Pod) {
	spec := p.Spec.DeepCopy()
	if spec.HostNetwork {
		spec.HostNetwork = false
		for _, c := range spec.Containers {
			for _, probe := range probes(c) {
				if probe.HTTPGet != nil {
					probe.HTTPGet.Host = ""
				}
			}
		}
		for _, n := range all[*corev1.Namespace](s) {
			if n.Name == p.Of.GetNamespace() && n.Labels[enforce] != string(api.LevelPrivileged) {
				f.add(p.Of, "hostNetwork, which the namespace refuses: its label %s is %q", enforce, n.Labels[enforce])
			}
		}
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		f.add(p.Of, "%v", err)
		return
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	if r := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &p.Meta, spec)); !r.Allowed {
		f.add(p.Of, "the restricted profile refuses it: %s", r.ForbiddenDetail())
	}
	if c := spec.SecurityContext; c == nil || c.RunAsUser == nil || *c.RunAsUser != user || c.RunAsGroup == nil || *c.RunAsGroup != user {
		f.add(p.Of, "it does not run as %d", user)
	}
	if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
		f.add(p.Of, "a credential for the API is mounted")
	}
	for _, c := range spec.Containers {
		f.container(p, c)
	}
}

func (f *problems) container(p Pod, c corev1.Container) {
	if c.SecurityContext == nil || c.SecurityContext.ReadOnlyRootFilesystem == nil || !*c.SecurityContext.ReadOnlyRootFilesystem {
		f.add(p.Of, "its root can be written to")
	}
	if !strings.HasPrefix(c.Image, image+":") && !strings.HasPrefix(c.Image, image+"@sha256:") || strings.HasSuffix(c.Image, ":latest") {
		f.add(p.Of, "the image %s is none of %s with a version", c.Image, image)
	}
	for _, r := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		least, most := c.Resources.Requests[r], c.Resources.Limits[r]
		if least.IsZero() || most.IsZero() || least.Cmp(most) > 0 {
			f.add(p.Of, "of %s it asks for %s and may have %s", r, least.String(), most.String())
		}
	}
}

// account checks that the account a pod runs as is there, and gives nothing away.
func (f *problems) account(s Set, p Pod) {
	name := p.Spec.ServiceAccountName
	if name == "" {
		return // that of the namespace
	}
	account, ok := find[*corev1.ServiceAccount](s, p.Of, name)
	switch {
	case !ok:
		f.add(p.Of, "there is no ServiceAccount %s", name)
	case account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken:
		f.add(account, "its credential is mounted")
	}
}
