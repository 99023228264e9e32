package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/plan"
)

// Notice says what a person may have set without meaning it.
func (a *App) Notice(log *slog.Logger) {
	for _, n := range a.Notices() {
		log.Warn(n)
	}
}

// Notices are those of the configuration, and one for each address of static:
// that nobody can reach.
func (a *App) Notices() []string {
	all := slices.Clone(a.Config.Notices)
	if t := a.Config.Serve.Token; !t.IsZero() && len(t.Reveal()) < shortToken && a.Config.Serve.Listen != config.Off {
		all = append(all, fmt.Sprintf("the token of the page is shorter than %d characters, so it can be guessed; one is made where none is set", shortToken))
	}
	for _, name := range a.Config.SiteNames() {
		all = append(all, a.staticNotices(name)...)
	}
	return all
}

// staticNotices is one for each address of static: of a site that nobody can reach.
func (a *App) staticNotices(site string) (all []string) {
	for _, f := range addr.Families() {
		o := plan.Origin{Site: site, Family: f}
		for _, s := range a.Config.Site(site).Detect[f].Sources {
			if s.Word != "static" && s.Word != "literal" {
				continue
			}
			for _, ip := range staticAddrs(s.Arg) {
				if r, refused := errors.AsType[*addr.Refusal](addr.Public(ip, 0)); refused {
					all = append(all, fmt.Sprintf("%s is published for %s because the settings say so; it is %s", ip, o, r.What))
				}
			}
		}
	}
	return all
}

// shortToken is how many characters a token has at least that nobody guesses.
const shortToken = 16

// staticAddrs is the addresses in a list of static:, which was checked already.
func staticAddrs(list string) []netip.Addr {
	var out []netip.Addr
	for s := range strings.SplitSeq(list, ",") {
		text, _, _ := strings.Cut(strings.TrimSpace(s), "/")
		if a, err := netip.ParseAddr(text); err == nil {
			out = append(out, a)
		}
	}
	return out
}
