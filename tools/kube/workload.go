package kube

import (
	"net"
	"strconv"

	"github.com/robfig/cron/v3"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// stop is how long homing may take to end, in seconds.
const stop = 8

func (f *problems) deployment(p Pod) {
	d := p.Of.(*appsv1.Deployment)
	if d.Spec.Replicas == nil || *d.Spec.Replicas != 1 || d.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		f.add(d, "two of them could run at once")
	}
	match, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil || match.Empty() || !match.Matches(labels.Set(p.Meta.Labels)) {
		f.add(d, "its selector does not find its own pods")
	}
	if g := p.Spec.TerminationGracePeriodSeconds; g != nil && *g < stop+2 {
		f.add(d, "%d s to end are too few", *g)
	}
	if p.Spec.RestartPolicy != "" && p.Spec.RestartPolicy != corev1.RestartPolicyAlways {
		f.add(d, "restartPolicy is %s", p.Spec.RestartPolicy)
	}
}

func (f *problems) cronJob(p Pod) {
	c := p.Of.(*batchv1.CronJob)
	if _, err := cron.ParseStandard(c.Spec.Schedule); err != nil { // what the controller reads it with
		f.add(c, "schedule: %v", err)
	}
	if c.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent {
		f.add(c, "two of them could run at once")
	}
	if d := c.Spec.StartingDeadlineSeconds; d == nil || *d < 10 {
		f.add(c, "startingDeadlineSeconds: without it, and below 10, turns are missed for good")
	}
	if s, e := c.Spec.SuccessfulJobsHistoryLimit, c.Spec.FailedJobsHistoryLimit; s == nil || e == nil || *e < 1 {
		f.add(c, "what is kept of its runs is not said, or no failure is")
	}
	job := c.Spec.JobTemplate.Spec
	if job.ActiveDeadlineSeconds == nil {
		f.add(c, "a run may hang for ever")
	}
	if job.BackoffLimit == nil || *job.BackoffLimit > 1 {
		f.add(c, "a failed run is tried again more than once")
	}
	if p.Spec.RestartPolicy != corev1.RestartPolicyNever {
		f.add(c, "restartPolicy is %q", p.Spec.RestartPolicy)
	}
	if t := p.Spec.TerminationGracePeriodSeconds; t != nil && *t < stop+2 {
		f.add(c, "%d s to end are too few", *t)
	}
	for _, container := range p.Spec.Containers {
		if container.LivenessProbe != nil || container.ReadinessProbe != nil || container.StartupProbe != nil || len(container.Ports) > 0 {
			f.add(c, "one round listens nowhere")
		}
	}
}

// ports checks that a daemon listens where its probes knock.
func (f *problems) ports(p Pod) {
	if !p.Daemon {
		return
	}
	for _, c := range p.Spec.Containers {
		host, port, err := net.SplitHostPort(literal(c, "HOMING_LISTEN"))
		if err != nil {
			f.add(p.Of, "HOMING_LISTEN: %v", err)
			continue
		}
		if c.LivenessProbe == nil || c.ReadinessProbe == nil {
			f.add(p.Of, "it is not probed")
		}
		for _, probe := range probes(c) {
			if probe.HTTPGet == nil {
				f.add(p.Of, "a probe that is not made over HTTP")
				continue
			}
			at, ok := number(c, &probe.HTTPGet.Port)
			if !ok || strconv.Itoa(int(at)) != port {
				f.add(p.Of, "the probe of %s knocks at %v, but homing listens on %s", probe.HTTPGet.Path, &probe.HTTPGet.Port, port)
			}
			if loopback := net.ParseIP(host).IsLoopback(); loopback != (probe.HTTPGet.Host == "127.0.0.1") || loopback && !p.Spec.HostNetwork {
				f.add(p.Of, "the probe of %s knocks at the host %q, but homing listens on %s", probe.HTTPGet.Path, probe.HTTPGet.Host, host)
			}
		}
	}
}

func probes(c corev1.Container) (found []*corev1.Probe) {
	for _, p := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
		if p != nil {
			found = append(found, p)
		}
	}
	return found
}

// literal is a variable of a container that is written there.
func literal(c corev1.Container, name string) string {
	for _, e := range c.Env {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}
