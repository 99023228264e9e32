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

// refusal is a batch of which nothing was done.
type refusal struct {
	err *provider.Error
	at  map[int][]message // what Cloudflare says about each change it points at
}

// batchLimit bounds the answer to a batch; a record with a long comment and
// many tags has about 4 KB.
func batchLimit(changes int) int64 { return rest.UsualLimit + int64(changes)<<13 }

// batch sends the changes of these RRsets in one call, and fills in their
// results. It returns a refusal when Cloudflare understood and refused, which
// then is all that happened.
func (j *job) batch(ctx context.Context, sets []rrset) *refusal {
	if len(sets) == 1 && len(sets[0]) == 1 {
		j.oneByOne(ctx, sets)
		return nil
	}
	body := j.body(sets)
	got := outcome{which: j.which(sets)}
	_, err := j.p.client.do(ctx, call{
		what: j.what(sets), method: http.MethodPost, path: j.path("/batch"), body: body,
		limit: batchLimit(body.size()), gone: provider.NoZone, result: got.read,
	})
	switch {
	case err == nil:
		j.match(sets, got)
	case causeOf(err).closedDoor():
		j.withoutBatch(ctx, sets, err)
	case len(sets) == 1 && j.onlyDeletes(sets[0]) && causeOf(err).has(codeAbsent):
		j.oneByOne(ctx, sets) // what is gone already need not be deleted, and the rest does not need a transaction
	case err.Kind == provider.Rejected && j.learn(sets, err):
	case err.Kind == provider.Rejected:
		return &refusal{err, body.blamed(causeOf(err).said)}
	default:
		j.mark(sets, err)
		j.stop(err)
	}
	return nil
}

func (j *job) path(below string) string { return "/zones/" + j.zone.ID + "/dns_records" + below }

// batchBody is the call. Cloudflare carries out deletes, patches and posts in
// this order, whatever the order here.
type batchBody struct {
	Deletes []patch `json:"deletes,omitempty"`
	Patches []patch `json:"patches,omitempty"`
	Posts   []post  `json:"posts,omitempty"`

	from map[string][]int // for each list, which change an entry is
}

func (j *job) body(sets []rrset) *batchBody {
	b := &batchBody{from: map[string][]int{}}
	for _, s := range sets {
		for _, i := range s {
			switch c := &j.changes[i]; c.Action {
			case plan.ToDelete:
				b.Deletes = append(b.Deletes, patch{ID: c.Old.ID})
				b.from["deletes"] = append(b.from["deletes"], i)
			case plan.ToUpdate:
				b.Patches = append(b.Patches, patchOf(c, c.Old.ID))
				b.from["patches"] = append(b.from["patches"], i)
			case plan.ToCreate:
				b.Posts = append(b.Posts, postOf(&c.New))
				b.from["posts"] = append(b.from["posts"], i)
			}
		}
	}
	return b
}

func (b *batchBody) size() int { return len(b.Deletes) + len(b.Patches) + len(b.Posts) }

// blamed is what is said about each change that is pointed at.
func (b *batchBody) blamed(said []message) map[int][]message {
	all := map[int][]message{}
	for _, one := range errorsOf(said) {
		if i := b.find(pointerOf(one)); i >= 0 {
			all[i] = append(all[i], one...)
		}
	}
	return all
}

// find is the change that a pointer such as "/posts/3/ttl" or "posts.3" or
// "body.posts[3]" means; negative for none. The form is not known for certain.
func (b *batchBody) find(pointer string) int {
	parts := strings.FieldsFunc(pointer, func(r rune) bool { return strings.ContainsRune("/.[]#", r) })
	for k := 0; k+1 < len(parts); k++ {
		list := b.from[parts[k]]
		if n, err := strconv.Atoi(parts[k+1]); err == nil && 0 <= n && n < len(list) {
			return list[n]
		}
	}
	return -1
}

// patch is an update: only the fields that change.
type patch struct {
	ID      string    `json:"id,omitempty"` // only in a batch
	Content *string   `json:"content,omitempty"`
	Proxied *bool     `json:"proxied,omitempty"`
	TTL     *int      `json:"ttl,omitempty"`
	Comment *string   `json:"comment,omitempty"` // "" clears
	Tags    *[]string `json:"tags,omitempty"`    // [] clears
}

func patchOf(c *plan.Change, id string) patch {
	p, f := patch{ID: id}, c.Fields()
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

// post is a new record. Comment and tags are left out where they are empty: a
// Free zone is believed to refuse the mention of tags.
type post struct {
	Type    dns.Type `json:"type"`
	Name    string   `json:"name"`
	Content string   `json:"content"`
	TTL     int      `json:"ttl"`
	Proxied bool     `json:"proxied"`
	Comment string   `json:"comment,omitempty"`
	Tags    []string `json:"tags,omitempty"`
}

func postOf(r *dns.Record) post {
	return post{Type: r.Type, Name: r.Name.String(), Content: r.Content(), TTL: max(r.TTL, dns.AutoTTL),
		Proxied: r.Proxied, Comment: r.Comment, Tags: r.Tags}
}
