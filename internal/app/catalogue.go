package app

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/web"
)

// Catalogue is what the configuration knows of all this.
func Catalogue() *config.Catalogue { return catalogueOf(true) }

// CatalogueElsewhere is Catalogue for settings that are perhaps used on another
// machine, which has other interfaces and programs.
func CatalogueElsewhere() *config.Catalogue { return catalogueOf(false) }

func catalogueOf(here bool) *config.Catalogue {
	c := &config.Catalogue{
		Checks:    tellChecks(),
		CheckBind: checkBind,
	}
	if !here {
		c.CheckBind = func(s string) error { _, err := httpx.ParseBind(s); return err }
		c.Checks["notify.exec"] = func(command string) ([]string, error) { _, err := hook(command); return nil, err }
	}
	c.Checks["serve.base"] = func(base string) ([]string, error) { return nil, web.CheckBase(base) }
	c.Checks["serve.listen"] = func(spec string) ([]string, error) {
		if spec == config.Off {
			return nil, nil
		}
		return nil, web.CheckSpec(spec)
	}
	for _, h := range hosts() {
		h.Lacks, h.NoTXT = lacks(h.limits), h.limits.NoTXT
		c.Hosts = append(c.Hosts, &h.HostKind)
	}
	table := sources()
	for i := range table {
		k := &table[i]
		c.Sources = append(c.Sources, config.SourceKind{Word: k.word, Form: cmp.Or(k.form, k.word), OwnPlace: k.own, Check: func(f addr.Family, arg string, secret bool) (addr.Voter, error) {
			world := network("")
			m := making{World: &world, wanted: detect.Wanted{Family: f}}
			if secret {
				m.header = http.Header{"X": {"?"}}
			}
			s, err := m.of(k, arg)
			if err != nil {
				return addr.Voter{}, err
			}
			switch {
			case !here:
			case strings.HasPrefix(k.word, "local.iface"):
				err = absent(detect.CheckInterface(arg), "name an interface of this machine")
			case k.word == "exec":
				err = checkProgram(arg)
			}
			return s.Voter(), err
		}})
	}
	return c
}

// checkBind refuses what does not exist, and what leads nowhere.
func checkBind(s string) error {
	const hint = "name the interface of the line that is to be measured, or this machine's address on it"
	bind, err := httpx.ParseBind(s)
	a, bad := netip.ParseAddr(s)
	loop := bad == nil && a.IsLoopback()
	if i, missing := net.InterfaceByName(s); missing == nil {
		loop = i.Flags&net.FlagLoopback != 0
	}
	if err == nil && loop {
		err = errors.New(s + " leads back to this machine only")
	}
	if err != nil {
		return config.Hinted(err.Error(), hint)
	}
	return absent(bind.CheckPresent(), hint)
}

// absent is err as the configuration takes something that is not there, and
// may come: an interface, a program.
func absent(err error, hint string) error {
	if err == nil {
		return nil
	}
	return config.Absent(err.Error(), hint)
}
