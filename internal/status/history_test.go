package status

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func day(n int) time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

// some is entries of every kind, with what is awkward in a line.
func some() []entry {
	return []entry{
		{At: day(0), Kind: entryStart, Text: "homing 1.2.3"},
		{At: day(0), Kind: entryAddress, Family: "IPv4", Addresses: []string{"198.51.100.1"}},
		{At: day(1), Kind: entryPublished, Action: "update", Type: "A", Old: "192.0.2.1", New: "198.51.100.1", Names: []string{"a.example.org", "b.example.org"}, Count: 2, TookMS: 830},
		{At: day(2), Kind: entryBegan, Code: ZoneFailed, Count: 1, Text: "example.org: a \"quoted\"\nline, {\"v\":1} and ünïcode"},
		{At: day(3), Kind: entryEnded, Code: ZoneFailed},
		{At: day(4), Kind: entryAddress, Family: "IPv6", Addresses: []string{"2001:db8::1", "2001:db8::2"}},
		{At: day(5), Kind: entryStop},
	}
}

func opened(t *testing.T, folder string) (*History, int64) {
	t.Helper()
	h, mended, err := OpenHistory(folder, day(6))
	if err != nil {
		t.Fatal(err)
	}
	return h, mended.Lost
}

func entries(t *testing.T, h *History) (es []entry, damaged int) {
	t.Helper()
	damaged, err := h.read(time.Time{}, func(e *entry) { e.Schema = 0; es = append(es, *e) })
	if err != nil {
		t.Fatal(err)
	}
	return es, damaged
}

// file is the bytes of a history of these entries.
func file(t *testing.T, es ...entry) []byte {
	t.Helper()
	folder := t.TempDir()
	h, _ := opened(t, folder)
	if err := h.add(day(6), es...); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(folder, historyName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, b []byte) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, historyName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestAHistoryGivesBackWhatWasAdded(t *testing.T) {
	h, _ := opened(t, filepath.Join(t.TempDir(), "a", "b")) // made if need be
	for _, e := range some() {
		if err := h.add(day(6), e); err != nil {
			t.Fatal(err)
		}
	}
	got, damaged := entries(t, h)
	if diff := cmp.Diff(some(), got); diff != "" || damaged != 0 {
		t.Errorf("%d lines damaged, %s", damaged, diff)
	}
	info, _ := os.Stat(h.path)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file may be read by others: %v", info.Mode())
	}
}

func TestALineOfTheHistoryIsWhatScriptsRead(t *testing.T) {
	const want = `{"v":1,"at":"2026-11-02T12:00:00Z","kind":"published","action":"update","type":"A","old":"192.0.2.1","new":"198.51.100.1","names":["a.example.org","b.example.org"],"count":2,"took_ms":830}` + "\n"
	if diff := cmp.Diff(want, string(file(t, some()[2]))); diff != "" {
		t.Error(diff)
	}
}

// Wherever a write was cut off, all lines before that are there, what follows
// is written behind them, and the cut is said.
func TestAHistoryCutOffAtAnyByteLosesNothingElse(t *testing.T) {
	whole := file(t, some()...)
	last := entry{At: day(6), Kind: entryStart}
	for n := range whole {
		h, lost := opened(t, put(t, whole[:n]))
		if err := h.add(day(6), last); err != nil {
			t.Fatal(err)
		}
		before := bytes.Count(whole[:n], []byte("\n"))
		rest := n - (bytes.LastIndexByte(whole[:n], '\n') + 1)
		if n < len(whole) && whole[n] == '\n' { // only the line break is missing
			before, rest = before+1, 0
		}
		want := append(some()[:before:before], last)
		got, damaged := entries(t, h)
		if diff := cmp.Diff(want, got); diff != "" || damaged != 0 || lost != int64(rest) {
			t.Fatalf("cut at %d: %d lines damaged, %d bytes lost of %d, %s", n, damaged, lost, rest, diff)
		}
	}
}

// Whatever byte went bad, every other line is there; and after it all is as ever.
func TestAHistoryWithAnyByteSpoiltLosesOneLineAtMost(t *testing.T) {
	whole := file(t, some()...)
	last := entry{At: day(6), Kind: entryStart}
	folder := t.TempDir()
	for n := range whole {
		bads := []byte{0, '\n'}
		if whole[n] == '\n' {
			bads = []byte{0, ' ', '{', '}', '"', ',', 'x', 0xff}
		}
		for _, bad := range bads {
			spoilt := bytes.Clone(whole)
			spoilt[n] = bad
			if err := os.WriteFile(filepath.Join(folder, historyName), spoilt, 0o600); err != nil {
				t.Fatal(err)
			}
			h, _ := opened(t, folder)
			if err := h.add(day(6), last); err != nil {
				t.Fatal(err)
			}
			got, _ := entries(t, h)
			line := bytes.Count(whole[:n], []byte("\n"))
			for i, want := range append(some(), last) {
				if i != line && !(whole[n] == '\n' && i == line+1) && !contains(got, want) {
					t.Fatalf("%q at %d, in line %d: line %d is lost: %v", bad, n, line, i, got)
				}
				// Even with the line break between them gone both are there.
				if whole[n] == '\n' && (i == line || i == line+1) && !contains(got, want) {
					t.Fatalf("%q for the line break at %d: line %d is lost", bad, n, i)
				}
			}
		}
	}
}

func contains(es []entry, e entry) bool {
	for _, g := range es {
		if cmp.Equal(g, e) {
			return true
		}
	}
	return false
}

func TestAnEndOfNothingButZeroesIsCut(t *testing.T) { // what a power cut leaves behind
	b := append(file(t, some()...), make([]byte, 3*lineLimit)...)
	h, lost := opened(t, put(t, b))
	got, damaged := entries(t, h)
	if diff := cmp.Diff(some(), got); diff != "" || damaged != 0 || lost != 3*lineLimit {
		t.Errorf("%d lines damaged, %d bytes lost, %s", damaged, lost, diff)
	}
}

func TestAHistoryOfOneTornEntryIsCutWhole(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "a break": "\n", "the beginning of an entry": `{"v":1,"at":"2026`, "of a mark": `{"`} {
		h, lost := opened(t, put(t, []byte(text)))
		if err := h.add(day(6), some()[0]); err != nil {
			t.Fatal(err)
		}
		got, damaged := entries(t, h)
		if diff := cmp.Diff(some()[:1], got); diff != "" || damaged != 0 || lost != int64(len(text)) {
			t.Errorf("%s: %d lines damaged, %d bytes lost, %s", name, damaged, lost, diff)
		}
	}
}

func TestLinesOfANewerHomingAreKeptAndNotShown(t *testing.T) {
	newer := []byte(`{"v":3,"at":"2026-11-03T12:00:00Z","kind":"unheard-of","stuff":{"a":1}}` + "\n")
	h, lost := opened(t, put(t, append(file(t, some()[:2]...), newer...)))
	got, damaged := entries(t, h)
	b, _ := os.ReadFile(h.path)
	if len(got) != 2 || damaged != 0 || lost != 0 || !bytes.HasSuffix(b, newer) {
		t.Errorf("%d entries, %d damaged, %d bytes lost", len(got), damaged, lost)
	}
}

func TestAHistoryIsBoundedInSizeAndKeepsTheNewestAndWhatStillIsSo(t *testing.T) {
	h, _ := opened(t, t.TempDir())
	old := []entry{
		{At: day(-3), Kind: entryAddress, Family: "IPv4", Addresses: []string{"198.51.100.1"}},
		{At: day(-2), Kind: entryBegan, Code: ZoneFailed, Text: "still so"},
		{At: day(-1), Kind: entryBegan, Code: ChangeFailed, Text: "over"},
		{At: day(-1), Kind: entryEnded, Code: ChangeFailed},
	}
	if err := h.add(day(0), old...); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; n < 4000; n++ {
		e := entry{At: day(0).Add(time.Duration(n) * time.Second), Kind: entryPublished, New: fmt.Sprint(n), Names: []string{strings.Repeat("n", 400)}}
		if err := h.add(e.At, e); err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Stat(h.path); info.Size() > historyLimit {
			t.Fatalf("the file has %d bytes", info.Size())
		}
	}
	got, damaged := entries(t, h)
	if damaged != 0 || !cmp.Equal(got[:2], old[:2]) || got[2].Kind != entryPublished {
		t.Fatalf("%d damaged; it begins with %v", damaged, got[:4])
	}
	for i, e := range got[2:] {
		if want := fmt.Sprint(n - len(got[2:]) + i); e.New != want {
			t.Fatalf("entry %d is %s, want %s: the newest stay, without a gap", i, e.New, want)
		}
	}
}

func TestDamageDoesNotFillTheHistoryForEver(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, historyName)
	damage := append(bytes.Repeat([]byte("x"), 3*historyLimit), '\n')
	if err := os.WriteFile(path, append(damage, file(t, some()...)...), 0o600); err != nil {
		t.Fatal(err)
	}
	h, lost := opened(t, folder)
	es, damaged := entries(t, h)
	if diff := cmp.Diff(some(), es); diff != "" || damaged != 0 || lost != 0 {
		t.Errorf("%d lines damaged, %d bytes lost; %s", damaged, lost, diff)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > historyLimit {
		t.Errorf("%v, %v", info, err)
	}
}

func TestAHistoryForgetsAfterFourHundredDays(t *testing.T) {
	written := []entry{
		{At: day(-500), Kind: entryAddress, Family: "IPv4", Addresses: []string{"198.51.100.1"}}, // still so
		{At: day(-500), Kind: entryStart},
		{At: day(-401), Kind: entryStart},
		{At: day(-399), Kind: entryStart},
	}
	for d := -380; d <= 0; d += 20 {
		written = append(written, entry{At: day(d), Kind: entryStart})
	}
	folder := put(t, file(t, written...))
	h, mended, err := OpenHistory(folder, day(0))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := entries(t, h)
	if len(got) != len(written)-2 || got[0].Kind != entryAddress || !got[1].At.Equal(day(-399)) || mended != (Mended{}) {
		t.Errorf("left is %v", got)
	}
	// And a daemon that runs for years does so too.
	if err := h.add(day(31), entry{At: day(31), Kind: entryStart}); err != nil {
		t.Fatal(err)
	}
	if got, _ := entries(t, h); got[0].Kind != entryAddress || !got[1].At.Equal(day(-360)) {
		t.Errorf("a month later %v is left", got)
	}
}

func TestAHistoryThatWasRemovedBeginsAnew(t *testing.T) {
	h, _ := opened(t, t.TempDir())
	if err := h.add(day(6), some()...); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(h.path); err != nil {
		t.Fatal(err)
	}
	if got, _ := entries(t, h); len(got) != 0 {
		t.Errorf("%v is read from nothing", got)
	}
	if err := h.add(day(6), some()[0]); err != nil {
		t.Fatal(err)
	}
	if got, _ := entries(t, h); len(got) != 1 {
		t.Errorf("%d entries are in it", len(got))
	}
}

func TestAFolderThatCannotBeWrittenIsAnErrorThatNamesIt(t *testing.T) {
	occupied := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{occupied, filepath.Join(occupied, "below"), ""} {
		h, _, err := OpenHistory(folder, day(0))
		if err == nil || h != nil || folder != "" && !strings.Contains(err.Error(), occupied) {
			t.Errorf("%q: %v, %v", folder, h, err)
		}
	}
}

func TestALostReplacementLeavesTheFileAsItWas(t *testing.T) {
	h, _ := opened(t, put(t, file(t, some()...)))
	if err := os.Mkdir(h.path+".new", 0o700); err != nil { // in the way, and not to be removed
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path+".new/x", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.compact(10, false, day(0)); err == nil {
		t.Error("no error says so")
	}
	if got, _ := entries(t, h); !cmp.Equal(got, some()) {
		t.Errorf("left is %v", got)
	}
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte(`{"v":1,"at":"2026-11-02T12:00:00Z","kind":"start"}` + "\n"))
	f.Add([]byte(`{"v":1,"at":"2026-11-02T12:00:00Z","kind":"start"}{"v":1,"kind":"stop"}` + "\nx\n\n"))
	f.Add([]byte("\x00\x00\n{\"v\":"))
	f.Fuzz(func(t *testing.T, b []byte) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, historyName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		h, mended, err := OpenHistory(folder, day(0))
		if lost := mended.Lost; err != nil || lost < 0 || lost > int64(len(b)) {
			t.Fatalf("%d lost, %v", lost, err)
		}
		if mended.Aside != "" {
			if left, err := os.ReadFile(mended.Aside); err != nil || !bytes.Equal(left, b) {
				t.Errorf("what was put aside is %q, %v", left, err)
			}
		}
		if err := h.add(day(0), entry{At: day(0), Kind: entryStart}); err != nil {
			t.Fatal(err)
		}
		var latest entry
		if _, err := h.read(time.Time{}, func(e *entry) { latest = *e }); err != nil || latest.Kind != entryStart || !latest.At.Equal(day(0)) {
			t.Fatalf("the latest entry is %v, %v", latest, err)
		}
		past, err := h.Past(day(-9), func(Event) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		NewBoard().Prime(past)
	})
}

// A file that is no history is somebody's: it is put aside whole.
func TestAForeignFileIsPutAsideAndNotCut(t *testing.T) {
	for name, text := range map[string]string{
		"notes":         "remember the milk\n",
		"JSON lines":    "{\"time\":1,\"msg\":\"hello\"}\n{\"time\":2}\n",
		"one long line": strings.Repeat("x", 200<<10),
		"NULs":          strings.Repeat("\x00", 512),
		"blank lines":   "\n \n\t\n\n\n\nremember the milk\n",
	} {
		folder := put(t, []byte(text))
		h, mended, err := OpenHistory(folder, day(0))
		if err != nil || mended.Lost != 0 {
			t.Fatalf("%s: %v, %v", name, mended, err)
		}
		if b, err := os.ReadFile(mended.Aside); err != nil || string(b) != text {
			t.Errorf("%s: put aside was %d bytes of %d: %v", name, len(b), len(text), err)
		}
		if err := h.add(day(0), entry{At: day(0), Kind: entryStart}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, historyName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, again, err := OpenHistory(folder, day(0)); err != nil || again.Aside == mended.Aside {
			t.Errorf("%s: the first one is overwritten: %v, %v", name, again, err)
		}
	}
}

// A clock that was once in the future erases nothing, neither then nor later.
func TestAClockInTheFutureDoesNotEraseTheHistory(t *testing.T) {
	for _, future := range []int{300, 405, 4000, 30000} {
		var written []entry
		for i := 0; i <= 300; i += 10 {
			written = append(written, entry{At: day(i), Kind: entryStart})
		}
		folder := put(t, file(t, written...))
		for _, now := range []int{300 + future, 301 + future, 305 + future, 301, 305, 340} {
			h, _, err := OpenHistory(folder, day(now))
			if err != nil {
				t.Fatal(err)
			}
			if err := h.add(day(now), entry{At: day(now), Kind: entryStart}); err != nil {
				t.Fatal(err)
			}
			if got, _ := entries(t, h); len(got) < len(written) || !got[0].At.Equal(day(0)) {
				t.Fatalf("%d days ahead: on day %d %d entries are left", future, now, len(got))
			}
		}
	}
}

// Somebody's file that comes later, while homing runs, is not cut either, however
// long it is.
func TestAForeignFileThatComesLaterIsPutAsideToo(t *testing.T) {
	for name, text := range map[string]string{
		"short":          "remember the milk\n",
		"blank at first": "\n\n\n\n\n\nremember the milk\n",
		"its own v":      "{\"v\": \"somebody's\"}\n{\"v\":\"theirs\"}\n",
		"one line of v":  "{\"v\":\"theirs\"}",
		"long":           strings.Repeat("remember the milk\n", historyLimit/10),
		"far too long":   strings.Repeat("remember the milk\n", historyHuge/10),
	} {
		folder := t.TempDir()
		h, _ := opened(t, folder)
		if err := os.WriteFile(filepath.Join(folder, historyName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := h.add(day(6), some()[0]); err != nil {
			t.Fatal(err)
		}
		found := h.Found()
		if b, err := os.ReadFile(found.Aside); err != nil || string(b) != text {
			t.Errorf("%s: put aside was %d bytes of %d: %v", name, len(b), len(text), err)
		}
		if got, damaged := entries(t, h); len(got) != 1 || damaged != 0 || h.Found() != (Mended{}) {
			t.Errorf("%s: %d entries, %d damaged", name, len(got), damaged)
		}
	}
}
