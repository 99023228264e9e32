package dyndns2

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/scaletest"
)

// FuzzJudge: whatever an answer says, at no service is it taken for done unless it
// is a success, and for something to wait for and a refusal at the same time.
func FuzzJudge(f *testing.F) {
	for _, body := range []string{"good 192.0.2.9", "nochg", "badauth", "911", "OK\n192.0.2.9\n\nUPDATED", "KO", "Updated a from b to c", "addresses unchanged",
		"<IP>192.0.2.9</IP><ErrCount>0</ErrCount>", "<ErrCount>1</ErrCount><Err1>Passwords do not match</Err1>", "Updated 1 hostname."} {
		f.Add(200, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		for form := formatWord; form <= formatDynv6; form++ {
			p := &Provider{config: Config{Custom: &Custom{}}, service: service{form: form}}
			v := p.interpret(&response{status, body, &[numFamilies]string{new4, new6}})
			told := 0
			for _, is := range []bool{v.done, v.block != nil, v.pause > 0} {
				if is {
					told++
				}
			}
			if told > 1 || v.done && status/100 != 2 || v.unchanged && !v.done {
				t.Errorf("form %d: %+v", form, v)
			}
		}
	})
}

func TestReadingAnAnswerTakesTimeInProportion(t *testing.T) {
	for _, unit := range []string{"good 192.0.2.9,", "<IP><ErrCount>", "OK \n", "\ufeff\r\n", "Updated "} {
		scaletest.Linear(t, "an answer", 1<<12, func(n int) func() {
			a := &response{200, strings.Repeat(unit, n), &[numFamilies]string{new4}}
			return func() {
				for form := formatWord; form <= formatDynv6; form++ {
					(&Provider{config: Config{Custom: &Custom{}}, service: service{form: form}}).interpret(a)
				}
			}
		})
	}
}
