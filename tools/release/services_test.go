package release

import (
	"bytes"
	"encoding/xml"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"howett.net/plist"
)

func TestTheServiceOfMacOSIsWhatLaunchdReads(t *testing.T) {
	// launchd passes over keys it does not know; what is not here is a mistake.
	var job struct {
		Label, UserName, StandardErrorPath string
		ProgramArguments                   []string
		EnvironmentVariables               map[string]string
		RunAtLoad                          bool
		KeepAlive                          map[string]bool
		ThrottleInterval, ExitTimeOut      int
		Umask                              int
	}
	text := []byte(read(t, "deploy/launchd/org.homing-dns.homing.plist"))
	if format, err := plist.Unmarshal(text, &job); err != nil || format != plist.XMLFormat {
		t.Fatalf("%d, %v", format, err)
	}
	var all map[string]any
	if _, err := plist.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	back, err := plist.Marshal(job, plist.XMLFormat)
	if err != nil {
		t.Fatal(err)
	}
	var known map[string]any
	if _, err := plist.Unmarshal(back, &known); err != nil {
		t.Fatal(err)
	}
	for key := range all {
		if _, ok := known[key]; !ok {
			t.Errorf("the key %s is not known here", key)
		}
	}
	if job.Label != "org.homing-dns.homing" {
		t.Errorf("its label is %q, and not the name of the file", job.Label)
	}
	if again, ok := job.KeepAlive["SuccessfulExit"]; !ok || again || len(job.KeepAlive) != 1 || !job.RunAtLoad {
		t.Errorf("it begins %v and goes on when %v", job.RunAtLoad, job.KeepAlive)
	}
	if job.ThrottleInterval < 60 {
		t.Errorf("wrong settings start it again every %d s", job.ThrottleInterval)
	}
	if job.ExitTimeOut < 12 { // 8 s to clean up and 3 s to tell it
		t.Errorf("it has %d s to end", job.ExitTimeOut)
	}
	if job.Umask != 0o077 {
		t.Errorf("its umask is %#o", job.Umask)
	}
	folder := job.EnvironmentVariables["HOMING_STATE"]
	if want := []string{"/usr/local/bin/homing", "run", "--config", folder + "/homing.yaml"}; !slices.Equal(job.ProgramArguments, want) {
		t.Errorf("it runs %q, want %q", job.ProgramArguments, want)
	}
	documented(t, job.UserName, job.StandardErrorPath, folder, job.ProgramArguments[0], job.Label)
}

// task is the part of Microsoft's schema that is used. Whatever it does not
// have is an error, as it is for Windows.
type task struct {
	XMLName          xml.Name `xml:"http://schemas.microsoft.com/windows/2004/02/mit/task Task"`
	Version          string   `xml:"version,attr"`
	RegistrationInfo struct {
		Description, URI string
		rest
	}
	Triggers struct {
		BootTrigger struct {
			Repetition struct {
				Interval          string
				StopAtDurationEnd bool
				rest
			}
			Enabled bool
			rest
		}
		rest
	}
	Principals struct {
		Principal struct {
			ID       string `xml:"id,attr"`
			UserID   string `xml:"UserId"`
			RunLevel string
			rest
		}
		rest
	}
	Settings struct {
		MultipleInstancesPolicy                            string
		DisallowStartIfOnBatteries, StopIfGoingOnBatteries bool
		AllowHardTerminate, StartWhenAvailable             bool
		RunOnlyIfNetworkAvailable, AllowStartOnDemand      bool
		Enabled, Hidden, RunOnlyIfIdle                     bool
		ExecutionTimeLimit                                 string
		Priority                                           int
		RestartOnFailure                                   struct {
			Interval string
			Count    uint8
			rest
		}
		rest
	}
	Actions struct {
		Context string `xml:",attr"`
		Exec    struct {
			Command, Arguments string
			rest
		}
		rest
	}
	rest
}

type rest struct {
	Unknown []struct{ XMLName xml.Name } `xml:",any"`
}

func TestTheTaskOfWindowsIsWhatItReads(t *testing.T) {
	text := []byte(read(t, "deploy/windows/homing.xml"))
	// schtasks refuses a file whose declaration and bytes differ in encoding, and
	// PowerShell hands it over as UTF-16: nothing may be declared then.
	if !bytes.HasPrefix(text, []byte("<?xml version=\"1.0\"?>\n")) {
		t.Error("its first line is another one")
	}
	if i := bytes.IndexFunc(text, func(r rune) bool { return r > '~' }); i >= 0 {
		t.Errorf("byte %d is not ASCII", i)
	}
	var got task
	if err := xml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, r := range []rest{got.rest, got.RegistrationInfo.rest, got.Triggers.rest, got.Triggers.BootTrigger.rest, got.Triggers.BootTrigger.Repetition.rest,
		got.Principals.rest, got.Principals.Principal.rest, got.Settings.rest, got.Settings.RestartOnFailure.rest, got.Actions.rest, got.Actions.Exec.rest} {
		for _, u := range r.Unknown {
			t.Errorf("<%s> is not known here", u.XMLName.Local)
		}
	}
	s := got.Settings
	switch {
	case !got.Triggers.BootTrigger.Enabled || !s.Enabled:
		t.Error("it does not begin at boot")
	case s.ExecutionTimeLimit != "PT0S":
		t.Errorf("it is ended after %s", s.ExecutionTimeLimit)
	case s.MultipleInstancesPolicy != "IgnoreNew":
		t.Error("there may be several at a time")
	case s.RestartOnFailure.Interval == "" || s.RestartOnFailure.Count == 0 || got.Triggers.BootTrigger.Repetition.Interval == "":
		t.Error("it does not begin again")
	case s.DisallowStartIfOnBatteries || s.StopIfGoingOnBatteries || s.RunOnlyIfNetworkAvailable || s.RunOnlyIfIdle:
		t.Error("it waits for what may never come")
	case got.Principals.Principal.UserID != "S-1-5-19":
		t.Errorf("it runs as %s, not LOCAL SERVICE", got.Principals.Principal.UserID)
	case got.Actions.Context != got.Principals.Principal.ID:
		t.Error("what it does has another principal")
	}
	line, opened := strings.CutPrefix(got.Actions.Exec.Arguments, `/d /s /c "`)
	line, closed := strings.CutSuffix(line, `"`)
	if want := `"%ProgramFiles%\homing\homing.exe" run --config "%ProgramData%\homing\homing.yaml" >> "%ProgramData%\homing\homing.log" 2>&1`; !opened || !closed || line != want {
		t.Errorf("it runs %s", got.Actions.Exec.Arguments)
	}
	documented(t, `%ProgramFiles%\homing`, `%ProgramData%\homing\homing.yaml`, `%ProgramData%\homing\homing.log`, "S-1-5-19")
}

func TestTheScriptsOfTheBSDsAreShell(t *testing.T) {
	for _, path := range []string{"deploy/freebsd/homing", "deploy/openbsd/homing"} {
		if out, err := exec.Command("sh", "-n", root+"/"+path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", path, err, out)
		}
	}
	documented(t, "/usr/local/etc/homing/homing.yaml", "/var/db/homing", "_homing", "/etc/homing/homing.yaml")
}

// documented: people are told of it.
func documented(t *testing.T, words ...string) {
	t.Helper()
	page := read(t, "docs/macos-windows.md")
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("docs/macos-windows.md does not mention %s", w)
		}
	}
}
