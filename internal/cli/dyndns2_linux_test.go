//go:build check

package cli_test

import (
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
)

// The daemon finds name servers by the resolver of the system and asks them on port
// 53. A password that is refused is sent once, whatever it does for minutes; then
// once for homing sync; and another password is tried at once.
func TestTheDaemonSendsARefusedPasswordOnce(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		s := dyntest.New("no-ip", "me", "right", "example.org")
		s.At = "127.0.0.2"
		s.Join("me.example.org")
		s.Put("me.example.org", dyntest.Record{Type: "A", Data: "84.9.9.9"})
		h := httptest.NewServer(s)
		defer h.Close()
		l := must(net.ListenPacket("udp", "127.0.0.2:53"))
		defer l.Close()
		go answer(l, s)
		w.teach("nameserver 127.0.0.2\n", nil)
		dir := t.TempDir()
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("password", "wrong")
		write("homing.yaml", `accounts: {noip: {provider: dyndns2, service: no-ip, username: me, password_file: password, base_url: "`+h.URL+`"}}
records: [{name: me.example.org, account: noip}]
detect: {ipv4: {sources: "static:84.1.2.3"}, ipv6: {sources: none}}
schedule: {every: 1s, resync: 1s}
log: {level: debug}
`)
		p := w.startIn(dir, nil, []string{"HOMING_STATE=" + dir})
		w.until("the password was refused", 20*time.Second, func() bool { return len(s.Calls()) == 1 })
		w.until("some rounds are over", 30*time.Second, func() bool { return p.rounds() > 5 })
		if n := len(s.Calls()); n != 1 || !strings.Contains(p.said(), "No-IP refused the user name or the password") {
			t.Errorf("%d requests\n%s", n, p.said())
		}
		s.Say("", "") // it forgives
		sync := exec.Command("homing", "sync")
		sync.Dir, sync.Env = dir, []string{"HOMING_STATE=" + dir}
		out, err := sync.CombinedOutput()
		if n := len(s.Calls()); n != 2 {
			t.Errorf("%d requests after homing sync: %v\n%s", n, err, out)
		}
		s.Say("", "")
		write("password", "right")
		w.until("the new password is tried", 20*time.Second, func() bool { r := s.Stored("me.example.org"); return len(r) == 1 && r[0].Data == "84.1.2.3" })
		if n, b := len(s.Calls()), s.Broken(); n != 3 || len(b) > 0 {
			t.Errorf("%d requests, %q", n, b)
		}
		p.end(os.Interrupt)
	})
}
