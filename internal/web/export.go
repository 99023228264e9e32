package web

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// export sends events, newest first, as a file.
func (s *Server) export(w http.ResponseWriter, r *http.Request, format string, events []status.Event) {
	told := []*eventJSON{}
	for i := range events {
		if told = append(told, newEventsJSON(&events[i])...); len(told) >= historyMost {
			break
		}
	}
	w.Header().Set("Content-Disposition", `attachment; filename="homing-events.`+format+`"`)
	if format == "json" {
		s.writeAPI(w, r, struct {
			Schema int          `json:"schema"`
			Events []*eventJSON `json:"events"`
		}{schema, told})
		return
	}
	var b bytes.Buffer
	b.WriteString("at,kind,family,site,name,type,list,code,from,to,text\r\n")
	for _, e := range told {
		cells := []string{e.At.UTC().Format(time.RFC3339), e.Kind, e.Family, e.Site, e.Name, e.Type, e.List, e.Code, e.From, e.To, e.Text}
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(cell(c))
		}
		b.WriteString("\r\n")
	}
	writePacked(w, r, http.StatusOK, "text/csv; charset=utf-8", b.Bytes())
}

// cell is a text in a table of RFC 4180. What a spreadsheet would take for a
// formula is made a text, since comments and answers of strangers stand there.
func cell(s string) string {
	s = plain(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		s = "'" + s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
