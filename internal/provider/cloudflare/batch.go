package cloudflare

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// batchRefusal is a batch of which nothing was done.
type batchRefusal struct {
	err      *provider.Error
	byChange map[int][]message // what Cloudflare says about each change it points at
}

// batchResponseLimit bounds the answer to a batch; a record with a long comment and
// many tags has about 4 KB.
func batchResponseLimit(changes int) int64 { return rest.DefaultLimit + int64(changes)<<13 }

// sendBatch sends the changes of these RRsets in one call, and fills in their
// results. It returns a refusal when Cloudflare understood and refused, which
// then is all that happened.
func (j *applyJob) sendBatch(ctx context.Context, sets []changeGroup) *batchRefusal {
	if len(sets) == 1 && len(sets[0]) == 1 {
		j.sendOneByOne(ctx, sets)
		return nil
	}
	body := j.newBatchBody(sets)
	got := batchResult{wanted: j.wantedRecords(sets)}
	_, err := j.p.client.do(ctx, call{
		what: j.describeGroups(sets), method: http.MethodPost, path: j.recordsPath("/batch"), body: body,
		limit: batchResponseLimit(body.countChanges()), notFoundKind: provider.NoZone, result: got.decode,
	})
	switch {
	case err == nil:
		j.assignResults(sets, got)
	case failureFrom(err).isEndpointRefused():
		j.probeWithoutBatch(ctx, sets, err)
	case len(sets) == 1 && j.isDeleteOnly(sets[0]) && failureFrom(err).hasCode(codeRecordNotFound):
		j.sendOneByOne(ctx, sets) // what is gone already need not be deleted, and the rest does not need a transaction
	case err.Kind == provider.Rejected && j.learnLimits(sets, err):
	case err.Kind == provider.Rejected:
		return &batchRefusal{err, body.messagesByChange(failureFrom(err).messages)}
	default:
		j.setError(sets, err)
		j.stopAfter(err)
	}
	return nil
}

func (j *applyJob) recordsPath(below string) string {
	return "/zones/" + j.zone.ID + "/dns_records" + below
}

// batchBody is the call. Cloudflare carries out deletes, patches and posts in
// this order, whatever the order here.
type batchBody struct {
	Deletes []recordPatch `json:"deletes,omitempty"`
	Patches []recordPatch `json:"patches,omitempty"`
	Posts   []recordPost  `json:"posts,omitempty"`

	changeIndex map[string][]int // for each list, which change an entry is
}

func (j *applyJob) newBatchBody(sets []changeGroup) *batchBody {
	b := &batchBody{changeIndex: map[string][]int{}}
	for _, s := range sets {
		for _, i := range s {
			switch c := &j.changes[i]; c.Action {
			case plan.ToDelete:
				b.Deletes = append(b.Deletes, recordPatch{ID: c.Old.ID})
				b.changeIndex["deletes"] = append(b.changeIndex["deletes"], i)
			case plan.ToUpdate:
				b.Patches = append(b.Patches, newRecordPatch(c, c.Old.ID))
				b.changeIndex["patches"] = append(b.changeIndex["patches"], i)
			case plan.ToCreate:
				b.Posts = append(b.Posts, newRecordPost(&c.New))
				b.changeIndex["posts"] = append(b.changeIndex["posts"], i)
			}
		}
	}
	return b
}

func (b *batchBody) countChanges() int { return len(b.Deletes) + len(b.Patches) + len(b.Posts) }

// messagesByChange returns what is said about each change that is pointed at.
func (b *batchBody) messagesByChange(said []message) map[int][]message {
	all := map[int][]message{}
	for _, one := range groupByError(said) {
		if i := b.changeAt(firstPointer(one)); i >= 0 {
			all[i] = append(all[i], one...)
		}
	}
	return all
}

// changeAt returns the change that a pointer such as "/posts/3/ttl" or "posts.3" or
// "body.posts[3]" means; negative for none. The form is not known for certain.
func (b *batchBody) changeAt(pointer string) int {
	parts := strings.FieldsFunc(pointer, func(r rune) bool { return strings.ContainsRune("/.[]#", r) })
	for k := 0; k+1 < len(parts); k++ {
		list := b.changeIndex[parts[k]]
		if n, err := strconv.Atoi(parts[k+1]); err == nil && 0 <= n && n < len(list) {
			return list[n]
		}
	}
	return -1
}

// recordPatch is an update: only the fields that change.
type recordPatch struct {
	ID      string    `json:"id,omitempty"` // only in a batch
	Content *string   `json:"content,omitempty"`
	Proxied *bool     `json:"proxied,omitempty"`
	TTL     *int      `json:"ttl,omitempty"`
	Comment *string   `json:"comment,omitempty"` // "" clears
	Tags    *[]string `json:"tags,omitempty"`    // [] clears
}

func newRecordPatch(c *plan.Change, id string) recordPatch {
	p, f := recordPatch{ID: id}, c.Fields()
	if f.Has(plan.Content) {
		p.Content = new(c.New.Content())
	}
	if f.Has(plan.Proxied) {
		p.Proxied = new(c.New.Proxied)
	}
	if f.Has(plan.TTL) {
		p.TTL = new(c.New.TTL)
	}
	if f.Has(plan.Comment) {
		p.Comment = new(c.New.Comment)
	}
	if f.Has(plan.Tags) {
		p.Tags = new(append([]string{}, c.New.Tags...))
	}
	return p
}

// recordPost is a new record. Comment and tags are left out where they are empty: a
// Free zone is believed to refuse the mention of tags.
type recordPost struct {
	Type    dns.Type `json:"type"`
	Name    string   `json:"name"`
	Content string   `json:"content"`
	TTL     int      `json:"ttl"`
	Proxied bool     `json:"proxied"`
	Comment string   `json:"comment,omitempty"`
	Tags    []string `json:"tags,omitempty"`
}

func newRecordPost(r *dns.Record) recordPost {
	return recordPost{Type: r.Type, Name: r.Name.String(), Content: r.Content(), TTL: max(r.TTL, dns.AutoTTL),
		Proxied: r.Proxied, Comment: r.Comment, Tags: r.Tags}
}
