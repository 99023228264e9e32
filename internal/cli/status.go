package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/status"
)

func statusCommand(env *Env) *cobra.Command {
	var asJSON, failing, judged bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show what the running daemon has published, and what is wrong",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := call(c.Context(), env)
			if err != nil {
				return failed(env, err)
			}
			body, err := daemon.ask(c.Context(), http.MethodGet, "/api/v1/status", 10*time.Second)
			if err != nil {
				return failed(env, err)
			}
			var s daemonStatus
			if err := json.Unmarshal(body, &s); err != nil {
				return failed(env, fmt.Errorf("read the daemon's answer: %w", err))
			}
			if asJSON {
				_, err = env.Stdout.Write(append(body, '\n'))
			} else {
				_, err = io.WriteString(env.Stdout, s.words(painter(env, env.Stdout), daemon.place, time.Now(), failing))
			}
			if err == nil && judged && !s.well() {
				return exitCode(exitFailed)
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&failing, "failing", false, "show only the records that are not right")
	c.Flags().BoolVar(&judged, "exit-code", false, "exit with 1 unless everything is right and the rounds run on time")
	return c
}

// daemonStatus is what of /api/v1/status a person sees in a terminal.
type daemonStatus struct {
	Level      string             `json:"level"`
	Sentence   string             `json:"sentence"`
	Healthy    bool               `json:"healthy"`
	LastCheck  *time.Time         `json:"last_check"`
	Next       *time.Time         `json:"next"`
	Families   []familyStatus     `json:"families"`
	Sites      []siteStatus       `json:"sites"`
	RRsets     []*publishedSet    `json:"rrsets"`
	Conditions []status.Condition `json:"conditions"`
	Bell       *status.Bell       `json:"bell"`
	TruthMS    int64              `json:"truth_ms"`
	Zones      []struct {
		Read time.Time `json:"read"`
	} `json:"zones"`
}

// publishedSet is a name and type, and what the DNS host holds there.
type publishedSet struct {
	Account string   `json:"account"`
	Zone    string   `json:"zone"`
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	State   string   `json:"state"`
	Wanted  []string `json:"wanted"`
	Read    bool     `json:"read"`
	Records []struct {
		Content string `json:"content"`
		Proxied bool   `json:"proxied"`
	} `json:"records"`
}

// familyStatus is what is known of a family.
type familyStatus struct {
	Family    string     `json:"family"`
	Known     bool       `json:"known"`
	Addresses []string   `json:"addresses"`
	Since     *time.Time `json:"since"`
}

// siteStatus is what is known of a site with a name.
type siteStatus struct {
	Site     string         `json:"site"`
	Families []familyStatus `json:"families"`
}

func (f *familyStatus) write(b *strings.Builder, p paint, name string, at func(time.Time) string) {
	line := "not known"
	if f.Known {
		line = plain(strings.Join(f.Addresses, ", "))
	}
	if f.Known && f.Since != nil {
		line += p.dim(" since " + at(*f.Since))
	}
	b.WriteString(p.bold(plain(name)) + "  " + line + "\n")
}

// well reports whether everything is right, as far as the daemon knows, and
// whether it is still looking.
func (s *daemonStatus) well() bool {
	for _, c := range s.Conditions {
		if c.Code.Failure() || c.Code == status.SettingsRefused {
			return false
		}
	}
	return s.Level == status.Good.String() && s.Healthy
}

// words is the status for a person.
func (s *daemonStatus) words(p paint, place *time.Location, now time.Time, failing bool) string {
	at := func(t time.Time) string { return t.In(place).Format(time.DateTime) }
	var b strings.Builder
	colour := p.yellow
	switch s.Level {
	case status.Good.String():
		colour = p.green
	case status.Bad.String():
		colour = p.red
	}
	b.WriteString(colour(plain(s.Sentence)) + "\n")
	for _, f := range s.Families {
		f.write(&b, p, f.Family, at)
	}
	for _, site := range s.Sites {
		for _, f := range site.Families {
			f.write(&b, p, f.Family+" of "+site.Site, at)
		}
	}
	writePublished(&b, p, s.RRsets, failing)
	if len(s.RRsets) > 0 && len(s.Conditions) > 0 {
		b.WriteString("\n")
	}
	writeCauses(&b, p, s.Conditions)
	if len(s.RRsets) > 0 {
		b.WriteString("\n")
	}
	b.WriteString(s.age(p, at, now))
	return b.String()
}

// age is how old all this is: when it was looked last, and when the zones were
// read, since in between the records of before count.
func (s *daemonStatus) age(p paint, at func(time.Time) string, now time.Time) string {
	if s.LastCheck == nil {
		return ""
	}
	line := "last round " + at(*s.LastCheck) + ", " + ago(now.Sub(*s.LastCheck))
	if s.Next != nil {
		line += ", the next " + at(*s.Next)
	}
	if len(s.Zones) > 0 {
		oldest := s.Zones[0].Read
		for _, z := range s.Zones {
			if z.Read.Before(oldest) {
				oldest = z.Read
			}
		}
		line += "\nzones last read " + at(oldest) + ", " + ago(now.Sub(oldest))
	}
	if s.Bell != nil {
		line += "\nrang last " + at(s.Bell.At) + ": " + plain(s.Bell.What)
		if s.TruthMS > 0 {
			line += fmt.Sprintf("; the records said so %.1f s later", float64(s.TruthMS)/1000)
		}
	}
	if !s.Healthy {
		line += "\n" + p.red("✗") + " the next round is overdue: this may be out of date"
	}
	return line + "\n"
}

// ago is how long something is past, in the largest unit that says it.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return count(max(0, int(d.Seconds())), "second") + " ago"
	case d < 2*time.Hour:
		return count(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return count(int(d.Hours()), "hour") + " ago"
	}
	return count(int(d.Hours()/24), "day") + " ago"
}
