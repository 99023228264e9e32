package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// widget is what DynCFDNS answers to GET /widget, in its order of fields.
// hosts is one string with line breaks, as its documentation shows, or the
// list that its newest code gives (commit e0e98c14, 2025-07-21).
type widget struct {
	LastCheck  string `json:"last_check"`
	LastUpdate string `json:"last_update"`
	HostCount  int    `json:"host_count"`
	Hosts      any    `json:"hosts"`
	CurrentIP  string `json:"current_ip"`
	Status     string `json:"status"`
}

// bareToken reads an Authorization header as DynCFDNS does: "Bearer " anywhere
// is taken out, and only so written.
func bareToken(header string) string {
	return strings.TrimSpace(strings.ReplaceAll(header, "Bearer ", ""))
}

func (s *Server) serveWidget(w http.ResponseWriter, r *http.Request) {
	now := s.cfg.Board.Now()
	var hosts []string
	for _, n := range now.Names() {
		hosts = append(hosts, n.String())
	}
	out := widget{LastCheck: pythonTime(lastCheck(now)), LastUpdate: pythonTime(now.Updated), HostCount: len(hosts),
		CurrentIP: currentIP(now), Status: "active"}
	switch {
	case r.URL.Query().Get("hosts") == "array":
		out.Hosts = append([]string{}, hosts...)
	case len(hosts) == 0:
		out.Hosts = "None"
	default:
		out.Hosts = strings.Join(hosts, "\n")
	}
	if !s.healthy(now) {
		out.Status = "unhealthy"
	}
	writeJSON(w, http.StatusOK, out)
}

// lastCheck is when the latest round ended; zero before the first.
func lastCheck(now *status.Snapshot) time.Time {
	if now.Round.Started.IsZero() {
		return time.Time{}
	}
	return now.Finished
}

// currentIP is the latest address that was known: of this machine, else of the first
// site.
func currentIP(now *status.Snapshot) string {
	for _, o := range now.Round.Seen.Origins() {
		if addrs := now.Addrs[o].Addrs; len(addrs) > 0 {
			return addrs[0].String()
		}
	}
	for _, f := range addr.Families() { // before the first round
		if addrs := now.Addrs[plan.Here(f)].Addrs; len(addrs) > 0 {
			return addrs[0].String()
		}
	}
	return "Unknown"
}

// pythonTime writes t as datetime.isoformat does in UTC: a fraction of six
// digits or none, and the offset as +00:00.
func pythonTime(t time.Time) string {
	if t.IsZero() {
		return "Never"
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05-07:00")
	}
	return t.Format("2006-01-02T15:04:05.000000-07:00")
}
