package dialect

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// takeOwn lays what begins with HOMING_, and the variables that mean the same
// to everybody, over what the predecessor's configuration says.
func (r *reader) takeOwn(shared ...string) {
	r.Draft.Own = shared
	in := r.in.Input
	in.Getenv = func(name string) string {
		if strings.HasPrefix(name, "HOMING_") || slices.Contains(shared, name) {
			return r.in.Env(name)
		}
		return ""
	}
	in.Environ = slices.DeleteFunc(slices.Clone(r.in.Environ), func(e string) bool { return !strings.HasPrefix(e, "HOMING_") })
	own := config.FromEnvironment(&in)
	for i, e := range own.Entries {
		if below, said := r.Draft.Get(e.Path); said && e.Path == "serve.listen" {
			if e.Text = config.ListenAt(e.Text, below.Text); e.Text == below.Text {
				e = *below // API_PORT says as much
			}
			own.Entries[i] = e
		}
		list, _, _ := strings.Cut(e.Path, "[")
		r.Draft.Remove(list)
	}
	r.Draft.Entries = append(r.Draft.Entries, own.Entries...)
	r.Draft.Notices = append(r.Draft.Notices, own.Notices...)
	r.Draft.Problems = append(r.Draft.Problems, own.Problems...)
}

// tellMisspelt tells of variables that are close to one of those the predecessor
// reads. What begins with HOMING_ is told of with homing's own.
func (r *reader) tellMisspelt(variables []string) {
	for _, e := range r.in.Environ {
		name, text, _ := strings.Cut(e, "=")
		if text == "" || strings.HasPrefix(name, "HOMING_") || slices.Contains(variables, name) {
			continue
		}
		if meant := config.Misspelt(&r.in.Input, name, text, variables); slices.Contains(variables, meant) {
			r.notice("%s has no effect; did you mean %s?", name, meant)
		}
	}
}

// tellUnread says which of homing's variables have no effect here. Those that
// anybody may have set for something else are passed over.
func (r *reader) tellUnread(why string, more ...string) {
	var unread []string
	names := []string{"DOMAINS", "IP4_DOMAINS", "IP6_DOMAINS", "WAF_LISTS", "IP4_PROVIDER", "IP6_PROVIDER", "UPDATE_CRON"}
	for _, name := range append(names, more...) {
		if r.in.Env(name) != "" {
			unread = append(unread, name)
		}
	}
	if len(unread) > 0 {
		r.notice("not read, because %s: %s", why, strings.Join(unread, ", "))
	}
}
