package web

import (
	"fmt"
	"testing"

	"github.com/homing-dns/homing/internal/status"
)

func TestWhatIsWrongStandsBeforeWhatIsNotKnown(t *testing.T) {
	bad, remarks, _ := troubles([]status.Condition{
		{Code: status.BehindCGNAT, Subject: "IPv4"},
		{Code: status.AddressUnknown, Subject: "IPv6"},
		{Code: status.NameBlocked, Subject: "a"},
		{Code: status.ZoneFailed, Subject: "b"},
	})
	var got []string
	for _, v := range append(bad, remarks...) {
		got = append(got, v.Level+" "+v.Subjects[0].Text)
	}
	if want := "[bad a bad b doubtful IPv6 idle IPv4]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}
