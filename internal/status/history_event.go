package status

import (
	"fmt"
	"strings"
)

// outage tells what has begun from what else has, in the history. Origins of
// addresses are told apart; elsewhere one entry stands for all subjects of a code, of which
// there may be thousands.
type outage struct {
	code   Code
	origin string
}

func outageOf(c *Condition) outage {
	if c.Code == AddressUnknown || c.Code == AddressDoubted {
		return outage{c.Code, c.Subject}
	}
	return outage{code: c.Code}
}

// entriesOf is what of these events the history keeps.
func entriesOf(events []Event) []entry {
	var out []entry
	begun, ended := make(map[outage]int), make(map[outage]bool)
	for i := range events {
		e := &events[i]
		n := entry{At: e.At}
		switch e.Kind {
		case HomingBegan:
			n.Kind, n.Text = entryStart, e.Text
		case HomingEnded:
			n.Kind, n.Text = entryStop, e.Text
		case SettingsEdited:
			n.Kind, n.Old, n.New = entryEdited, cut(e.From), cut(e.To)
		case AddressFound:
			if !e.Moved {
				continue
			}
			n.Kind, n.Family, n.Site, n.Addresses = entryAddress, e.Of.Family.String(), e.Of.Site, split(e.To)
		case RecordChanged, ItemChanged:
			e.publication(&n)
		case ConditionBegan:
			out = e.begin(out, begun)
			continue
		case ConditionOver:
			out = e.end(out, ended)
			continue
		default:
			continue
		}
		out = append(out, n)
	}
	for i := range out {
		if n := out[i].Count - 1; out[i].Kind == entryBegan && n > 0 {
			out[i].Text += fmt.Sprintf(" (and %d more like it)", n)
		}
		out[i].Text = cut(out[i].Text)
	}
	return out
}

// passed reports whether the history says nothing of it: it is no failure, or
// its outage goes on.
func (e *Event) passed(o outage) bool {
	return !e.Failure || o.code == Stopped || e.Lasting[o.code] && o.origin == ""
}

// begin adds the outages that begin with e; those of one code are one entry.
func (e *Event) begin(out []entry, at map[outage]int) []entry {
	for i := range e.Conditions {
		c := &e.Conditions[i]
		o := outageOf(c)
		if e.passed(o) {
			continue
		}
		if _, known := at[o]; !known {
			at[o] = len(out)
			out = append(out, entry{At: e.At, Kind: entryBegan, Code: o.code, Subject: o.origin, Text: c.Describe()})
		}
		out[at[o]].Count++
		if i == len(e.Conditions)-1 {
			out[at[o]].Count += e.Count - len(e.Conditions)
		}
	}
	return out
}

// end adds the outages that are over with e.
func (e *Event) end(out []entry, done map[outage]bool) []entry {
	for i := range e.Conditions {
		if o := outageOf(&e.Conditions[i]); !e.passed(o) && !done[o] {
			done[o] = true
			out = append(out, entry{At: e.At, Kind: entryEnded, Code: o.code, Subject: o.origin})
		}
	}
	return out
}

// namesKept is how many names of records changed alike are written down.
const namesKept = 200

// publication makes p the entry of changes.
func (e *Event) publication(p *entry) {
	p.Kind, p.Site, p.Action, p.List = entryPublished, e.Of.Site, e.Action.String(), e.List
	p.Old, p.New, p.Count = e.From, e.To, e.Count
	for _, k := range e.Keys[:min(len(e.Keys), namesKept)] {
		p.Type, p.Names = string(k.Type), append(p.Names, k.Name.String())
	}
	if e.From == e.To {
		p.Text = e.Step
	} else {
		p.TookMS, p.TruthMS = e.Took.Milliseconds(), e.Truth.Milliseconds()
	}
}

// cut keeps a text of the network from filling the file.
func cut(s string) string {
	const most = 500 // characters
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// split is the addresses that joined wrote.
func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ", ")
}
