package google

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// projectID returns the project, which is asked for once where nobody says it.
func (p *Provider) projectID(ctx context.Context) (string, *provider.Error) {
	if p.configuredProject != "" {
		return p.configuredProject, nil
	}
	p.mu.Lock()
	known := p.project
	p.mu.Unlock()
	if known != "" {
		return known, nil
	}
	project, err := p.tokens.project(ctx)
	if err == nil && project == "" {
		err = rest.NewError(provider.Auth, "", "set {accounts.project}", "the key does not say its project")
	}
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.project = project
	return project, nil
}

// quota is how much a project may change at once. Zero is no bound.
type quota struct {
	Additions int `json:"rrsetAdditionsPerChange"`
	Deletions int `json:"rrsetDeletionsPerChange"`
	Octets    int `json:"totalRrdataSizePerChange"`
	Values    int `json:"resourceRecordsPerRrset"`
}

// defaultQuota returns what every project begins with (cloud.google.com/dns/quotas, 2026).
func defaultQuota() quota {
	return quota{Additions: 1000, Deletions: 1000, Octets: 100_000, Values: 100}
}

func (q quota) toLimits() plan.Limits {
	return plan.Limits{MinTTL: MinTTL, MaxTTL: MaxTTL, AutoTTL: autoTTL, Comment: -1, Tags: -1, NoProxy: true, OneTTL: true,
		Values: q.Values, Batch: min(q.Additions, q.Deletions)}
}

// quotaLifetime is how long quotas are believed: people ask for other ones seldom.
const quotaLifetime = time.Hour

// readQuotas returns the quotas of the project. Where the credential may not read them they are
// the usual ones.
func (p *Provider) readQuotas(ctx context.Context, project string) (quota, *provider.Error) {
	p.mu.Lock()
	most, fresh := p.quota, !p.quotasReadAt.IsZero() && time.Since(p.quotasReadAt) < quotaLifetime
	p.mu.Unlock()
	if fresh {
		return most, nil
	}
	var said struct {
		Quota quota `json:"quota"`
	}
	_, err := p.api.Do(ctx, rest.Call{What: "read the quotas of the project", Method: http.MethodGet, Path: "/projects/" + url.PathEscape(project), NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(&said)})
	switch {
	case err != nil && rest.StatusOf(err) == http.StatusForbidden && err.Kind == provider.Auth:
		said.Quota = quota{} // the lists say whether anything is allowed
	case err != nil:
		return quota{}, err
	}
	q, u := said.Quota, defaultQuota()
	for _, one := range []struct {
		field *int
		usual int
	}{{&q.Additions, u.Additions}, {&q.Deletions, u.Deletions}, {&q.Octets, u.Octets}, {&q.Values, u.Values}} {
		if *one.field <= 0 {
			*one.field = one.usual
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.quota, p.quotasReadAt = q, time.Now()
	return q, nil
}
