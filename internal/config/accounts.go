package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/secret"
)

// DefaultAccount is what a record belongs to that names no account, if it sees its
// zone, and what the credentials of the environment are for.
const DefaultAccount = "default"

// account is an Account in the making.
type account struct {
	Account
	places map[dns.Name][]int // of the records of a name
	has    map[plan.List]bool
	stray  bool // its provider is no host's
}

func (a *account) path(setting string) string { return "accounts." + a.Name + "." + setting }

// list is a plan.List in the making.
type list struct {
	plan.List
	own
	path    string
	account string
}

// account is the one of this name, made when it is first spoken of.
func (l *loader) account(name string) *account {
	for _, a := range l.accounts {
		if a.Name == name {
			return a
		}
	}
	l.accounts = append(l.accounts, &account{Account: Account{Name: name, Provider: l.in.Catalogue.host("").Word, Settings: make(map[string]secret.String)},
		places: make(map[dns.Name][]int), has: make(map[plan.List]bool)})
	return l.accounts[len(l.accounts)-1]
}

// list is the one at path, made when it is first spoken of.
func (l *loader) list(path string) *list {
	x, known := l.listAt[path]
	if !known {
		x = &list{path: path, own: own{}}
		l.listAt[path] = x
		l.lists = append(l.lists, x)
	}
	return x
}

// accountOf is the account a record or a list is of; nil where the one it
// names is not there, which is reported as a problem of path.
func (l *loader) accountOf(path, name string) *account {
	if name == "" && len(l.accounts) == 1 {
		return l.accounts[0]
	}
	var names []string
	for _, a := range l.accounts {
		if a.Name == cmp.Or(name, DefaultAccount) {
			return a
		}
		names = append(names, a.Name)
	}
	if name == "" {
		l.wrong(path, "there are several accounts and none of them is called default", "say which of "+strings.Join(names, ", ")+" it belongs to")
		return nil
	}
	l.wrong(path, fmt.Sprintf("there is no account %q", name), cmp.Or(DidYouMean(name, names), "the accounts are "+listed(names)))
	return nil
}

// finish puts together what the settings gave.
func (l *loader) finish() {
	l.finishSites()
	if len(l.accounts) == 0 {
		l.account(DefaultAccount)
	}
	l.spreadBase()
	l.finishRecords()
	l.finishLists()
	for _, a := range append(l.accounts, l.among...) {
		a.Spec.Owned, a.Spec.OwnerID, a.Spec.OwnedItems = l.policy.owned, l.policy.ownerID, l.policy.ownedItems
	}
	l.tellBeside()
	l.cfg.Accounts = l.used()
	l.useSites()
}

// spreadBase gives the address of the API, and how it is reached, that stand
// alone as variables do, to every account that has none of its own: the address
// to those of that host.
func (l *loader) spreadBase() {
	i := slices.IndexFunc(l.accounts, func(a *account) bool { return a.Name == DefaultAccount })
	if i < 0 || len(l.accounts) == 1 {
		return
	}
	d := l.accounts[i]
	for key := range d.Settings {
		if key != BaseURL && key != AllowHTTP && key != CAFile {
			return
		}
	}
	for _, a := range l.accounts {
		for _, s := range l.in.Catalogue.host(a.Provider).Settings {
			_, own := a.Settings[s.Key]
			if text, said := d.Settings[s.Key]; said && !own && (s.Key != BaseURL || a.Provider == d.Provider) {
				a.Settings[s.Key] = text
			}
		}
	}
	path := d.path("provider")
	if _, said := l.said.at[path]; said {
		l.notice(l.name(path) + " has no effect: no credential is set beside it, and each of the accounts has its own provider")
	}
	l.accounts = slices.Delete(l.accounts, i, i+1)
}

// finishLists gives each account its lists.
func (l *loader) finishLists() {
	for _, x := range l.lists {
		if !x.own["description"] {
			x.Description = l.items.Description
		}
		if !x.own["comment"] {
			x.Comment = l.items.Comment
		}
		l.checkSites(x.path, x.List.SiteNames(), x.own["pick"])
		switch a := l.accountOf(x.path+".account", x.account); {
		case x.Account == "" || x.Name == "":
			written := x.path + ".name"
			if x.Name == "" {
				written = x.path + ".account_id"
			}
			l.wrong(written, "a list needs the id of its account and a name", "write the account id, a slash and the name of the list"+suchAs(l.listsOf(a)))
		case a != nil && l.in.Catalogue.host(a.Provider).Lists == nil:
			l.wrong(x.path+".name", l.in.Catalogue.host(a.Provider).Name+" has no IP lists", "leave the list out, or say which account has it")
		case a != nil && !a.has[x.List]:
			a.has[x.List] = true
			a.Spec.Lists = append(a.Spec.Lists, x.List)
		}
	}
}

// listsOf is what lists are like at an account; where that is not known, anywhere.
func (l *loader) listsOf(a *account) *ListKind {
	if a == nil {
		return l.in.Catalogue.host("").Lists
	}
	return l.in.Catalogue.host(a.Provider).Lists
}

func suchAs(k *ListKind) string {
	if k == nil {
		return ""
	}
	return ", such as " + k.Example
}

// used are the accounts that something belongs to, or may. The only one needs no
// name.
func (l *loader) used() []Account {
	var used, among []Account
	for _, a := range l.among {
		used, among = append(used, a.Account), a.Among
	}
	for _, a := range l.accounts {
		if len(a.Spec.Records) > 0 || len(a.Spec.Lists) > 0 {
			used = append(used, a.Account)
		} else if len(l.accounts) > 1 && !slices.ContainsFunc(among, func(m Account) bool { return m.Name == a.Name }) {
			l.notice(fmt.Sprintf("no record belongs to the account %s; it is not used", a.Name))
		}
	}
	if len(used) == 1 && used[0].Name == DefaultAccount {
		used[0].Name = ""
	}
	return used
}

// Uses reports whether any account wants addresses of this origin.
func (c *Config) Uses(o plan.Origin) bool {
	return slices.ContainsFunc(c.Accounts, func(a Account) bool { return a.Spec.Uses(o) })
}
