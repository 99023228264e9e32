package year

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// reloads is a person who edits the settings and takes it back.
func reloads(w *world) func() {
	w.reload(func() {})
	return func() {}
}

// dropped is a name that leaves the settings for a while: what it says stays.
func dropped(w *world) func() {
	at := w.dice.IntN(len(w.settings.records))
	out := w.settings.records[at]
	if len(w.settings.records) == 1 {
		return func() {}
	}
	w.reload(func() {
		w.tell("  %s is taken out of the settings", out.Name)
		w.settings.records = append(append([]plan.Record(nil), w.settings.records[:at]...), w.settings.records[at+1:]...)
	})
	return func() {
		w.reload(func() { w.settings.records = append(w.settings.records, out) })
	}
}

func restarts(w *world) func() {
	w.stop()
	w.tell("  it was stopped")
	time.Sleep(w.dice.between(0, time.Minute))
	w.start()
	return func() {}
}

// kills lets it look at a new address, and die a moment later.
func kills(w *world) func() {
	w.move()
	w.process.engine.Trigger()
	time.Sleep(w.dice.between(0, 700*time.Millisecond))
	w.kill()
	w.tell("  it was killed")
	time.Sleep(w.dice.between(0, time.Minute))
	w.start()
	return func() {}
}

// cleans has homing delete what is its own, as with DELETE_ON_STOP, and start
// again. Where it may make nothing, and where others' records are to stay, a
// person puts back what was there: homing would take theirs for its own.
func cleans(w *world) func() {
	synctest.Wait()
	old := w.process
	old.engine.Retire()
	<-old.ended
	before := w.host.all()
	w.locked(func() { w.cleaning = true })
	r := old.engine.Clear(context.Background())
	old.stop()
	old.close()
	w.locked(func() {
		w.host.catchUp()
		w.tell("  %s", sum(r))
		w.cleaning = false
		for _, r := range before {
			rec := w.settings.managed(r.Key())
			here := func(o dns.Record) bool { return o.Key() == r.Key() && w.settings.mine(o) && !w.host.theirs(o) }
			if rec == nil || rec.Create == plan.Always && rec.Leftovers == plan.Remove || !here(r) || slices.ContainsFunc(w.host.all(), here) {
				continue
			}
			r.ID = ""
			w.host.put(r)
		}
	})
	w.start()
	return func() {}
}

// sleeps suspends the machine: nothing that was asked is answered before it wakes.
func sleeps(w *world) func() {
	until := time.Now().Add(w.dice.between(time.Minute, 9*time.Hour))
	w.locked(func() { w.asleep = until })
	w.tell("  until %s", until.Format(time.DateTime))
	time.Sleep(time.Until(until) + 1) // it wakes first
	for _, p := range w.places {
		w.trouble(p)
	}
	return func() {}
}

// wrongClock has the history written at the times of a clock that is wrong.
func wrongClock(w *world) func() {
	shift := w.dice.between(-400*24*time.Hour, 400*24*time.Hour)
	w.locked(func() { w.shift = shift })
	w.tell("  by %v", shift.Round(time.Hour))
	w.stop()
	w.start()
	return func() {
		w.locked(func() { w.shift = 0 })
		w.stop()
		w.start()
	}
}

func (w *world) historyFile() string { return filepath.Join(w.folder, "history.jsonl") }

// fullDisk lets nothing be written to the history.
func fullDisk(w *world) func() {
	file := w.historyFile()
	must(os.Rename(file, file+".kept"))
	must(os.Mkdir(file, 0o700)) // what cannot be opened cannot be written to
	return func() {
		must(os.Remove(file))
		must(os.Rename(file+".kept", file))
	}
}

// torn is a history whose end did not reach the disk, and a start with it.
func torn(w *world) func() {
	w.kill()
	if info, err := os.Stat(w.historyFile()); err == nil && info.Mode().IsRegular() {
		lost := int64(w.dice.IntN(300))
		if w.dice.oneIn(3) {
			lost = info.Size() // all of it
		}
		must(os.Truncate(w.historyFile(), max(0, info.Size()-lost)))
	}
	w.start()
	return func() {}
}

// strange is a file of somebody else's that stands where the history does.
func strange(w *world) func() {
	theirs := []byte("these are my notes\nand not a history\n")
	w.stop()
	if info, err := os.Stat(w.historyFile()); err == nil && !info.Mode().IsRegular() {
		w.start()
		return func() {}
	}
	must(os.WriteFile(w.historyFile(), theirs, 0o600))
	w.start()
	return func() {
		kept := false
		files, err := os.ReadDir(w.folder)
		must(err)
		for _, f := range files {
			path := filepath.Join(w.folder, f.Name())
			if text, err := os.ReadFile(path); err == nil && bytes.Equal(text, theirs) {
				kept = true
				must(os.Remove(path))
			}
		}
		if !kept {
			w.locked(func() { w.fail("a file of somebody else's in the place of the history is lost") })
		}
	}
}
