package app

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/secret"
)

// panel is who is asked about an origin, as the configuration says.
func panel(cfg *config.Config, w *World, o plan.Origin) (*detect.Detector, error) {
	site, f := cfg.Site(o.Site), o.Family
	d := site.Detect[f]
	m := making{World: w, wanted: wantedOf(d, f), allow: cfg.Allow, header: headers(cfg.URLHeader), env: os.Environ()}
	table := sources()
	var asked []detect.Source
	for _, named := range d.Sources {
		for i := range table {
			if table[i].word != named.Word { // one of them is it: that was checked
				continue
			}
			s, err := m.of(&table[i], named.Arg)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", named.Word, err)
			}
			asked = append(asked, s)
		}
	}
	return detect.New(detect.Config{Family: f, Sources: asked, Rule: d.Agree, Filter: d.Filter.Match, Timeout: site.Timeout}), nil
}

func wantedOf(d config.Detection, f addr.Family) detect.Wanted {
	return detect.Wanted{Family: f, Bits: d.Bits}
}

// headers is the header lines of url:, which were checked already.
func headers(lines secret.String) http.Header {
	if lines.IsZero() {
		return nil
	}
	h := http.Header{}
	for line := range strings.Lines(lines.Reveal()) {
		name, value, _ := strings.Cut(line, ":")
		h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return h
}
