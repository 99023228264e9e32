package cloudflare

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/sim"
)

// home returns the list of every test; description and comment are not set.
func home() plan.List { return plan.List{Account: sim.Account, Name: "home"} }

func entry(prefix, comment string) plan.ListItem {
	return plan.ListItem{Prefix: netip.MustParsePrefix(prefix), Comment: comment}
}

func adding(items ...plan.ListItem) []plan.ListChange {
	var all []plan.ListChange
	for _, i := range items {
		all = append(all, plan.ListChange{Action: plan.ToCreate, Item: i})
	}
	return all
}

func dropping(items ...plan.ListItem) []plan.ListChange {
	all := adding(items...)
	for i := range all {
		all[i].Action = plan.ToDelete
	}
	return all
}

// withList returns a Cloudflare with the list home, and what the provider reads of it.
func withList(t *testing.T, items ...sim.Item) (*sim.Cloudflare, *Provider, provider.List) {
	t.Helper()
	cf, p := simulated(t)
	cf.AddZone(sim.Zone{Name: "example.org", Plan: "pro"})
	cf.AddList(sim.Account, sim.List{Name: "home"}, items...)
	held, err := p.List(t.Context(), home())
	if err != nil {
		t.Fatal(err)
	}
	cf.Reset()
	return cf, p, held
}

// ips returns what the simulator's list holds.
func ips(cf *sim.Cloudflare) []string {
	var all []string
	for _, i := range cf.Items(sim.Account, "home") {
		all = append(all, strings.TrimSpace(i.IP+" "+i.Comment))
	}
	slices.Sort(all)
	return all
}

// refusedList asserts the kind of an error, and words in it and in its hint.
func refusedList(t *testing.T, err error, kind provider.Kind, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	said := err.Error() + " → " + err.(*provider.Error).Hint.String()
	if got := kindOf(t, err); got != kind {
		t.Errorf("it is %s, want %s: %s", got, kind, said)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("it does not say %q: %s", w, said)
		}
	}
}

func TestAChangeOfAListIsFollowedWithGrowingPauses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p, held := withList(t, sim.Item{IP: "192.0.2.1"})
		cf.SetOptions(sim.Options{ListDelay: 10 * time.Second})
		start := time.Now()
		got, err := p.ApplyList(t.Context(), home(), held, append(dropping(held.Items[0]), adding(entry("2001:db8:0:2::/64", "x"), entry("192.0.2.2/32", ""))...))
		if err != nil || len(got.Items) != 2 {
			t.Fatalf("%v, %v", got, err)
		}
		same(t, "stored", ips(cf), []string{"192.0.2.2", "2001:db8:0:2::/64 x"})
		same(t, "written", bodies(cf), []string{
			`POST [{"ip":"2001:db8:0:2::/64","comment":"x"},{"ip":"192.0.2.2"}]`,
			`DELETE {"items":[{"id":"` + held.Items[0].ID + `"}]}`})
		var looks []string
		for _, c := range cf.Calls(sim.ToRoute(sim.GetOperation)) {
			looks = append(looks, c.Time.Sub(start).String())
		}
		same(t, "looks at", looks, []string{"250ms", "750ms", "1.75s", "3.75s", "7.75s", "15.75s",
			"16s", "16.5s", "17.5s", "19.5s", "23.5s", "31.5s"})
	})
}

func TestAChangeThatIsNotFinishedInTimeIsUnconfirmedAndNothingIsRemoved(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p, held := withList(t, sim.Item{IP: "192.0.2.1"})
		cf.SetOptions(sim.Options{ListDelay: time.Hour})
		start := time.Now()
		_, err := p.ApplyList(t.Context(), home(), held, append(dropping(held.Items[0]), adding(entry("192.0.2.2/32", ""))...))
		refusedList(t, err, provider.Unconfirmed, "has not finished it", "network.update_timeout")
		if took := time.Since(start); took != defaultTimeout {
			t.Errorf("it took %s", took)
		}
		if len(cf.Calls(sim.ToRoute(sim.RemoveItems))) != 0 {
			t.Error("something was removed")
		}
	})
}

func TestAChangeThatFailsAfterItWasAcceptedSaysWhy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p, held := withList(t, sim.Item{IP: "192.0.2.1"})
		cf.SetOptions(sim.Options{ListFailure: "no\x1b[1m luck, " + theSecret})
		_, err := p.ApplyList(t.Context(), home(), held, append(dropping(held.Items[0]), adding(entry("192.0.2.2/32", ""))...))
		refusedList(t, err, provider.Rejected, "add 192.0.2.2/32 to the list home", "no [1m luck")
		same(t, "stored", ips(cf), []string{"192.0.2.1"})
	})
}

func TestAnotherProgramsChangeOfTheListsIsWaitedOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p, held := withList(t)
		cf.SetOptions(sim.Options{ListDelay: 5 * time.Second})
		rival := connect(t, cf)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := rival.ApplyList(t.Context(), home(), held, adding(entry("198.51.100.7/32", "rival"))); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		if _, err := p.ApplyList(t.Context(), home(), held, adding(entry("192.0.2.2/32", "homing"))); err != nil {
			t.Error(err)
		}
		wg.Wait()
		same(t, "stored", ips(cf), []string{"192.0.2.2 homing", "198.51.100.7 rival"})
		refused := cf.Calls(func(c sim.Call) bool { return c.Status == 429 })
		if len(refused) < 2 || len(refused) > 5 {
			t.Errorf("%d calls were refused meanwhile", len(refused))
		}

		cf.SetOptions(sim.Options{ListDelay: time.Hour})
		now, _ := p.List(t.Context(), home())
		go rival.ApplyList(t.Context(), home(), now, adding(entry("198.51.100.8/32", "rival")))
		time.Sleep(time.Second)
		_, err := p.ApplyList(t.Context(), home(), now, adding(entry("192.0.2.3/32", "homing")))
		refusedList(t, err, provider.Throttled, "still busy")
		if _, _, err := p.Zones(t.Context(), allNames("example.org")); err != nil {
			t.Errorf("busy lists keep records back: %v", err)
		}
		time.Sleep(defaultTimeout)
	})
}

func TestTheListsOfAnAccountAreChangedOneAtATime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p, held := withList(t)
		office := cf.AddList(sim.Account, sim.List{Name: "office"})
		cf.SetOptions(sim.Options{ListDelay: 20 * time.Second})
		var wg sync.WaitGroup
		for l, held := range map[plan.List]provider.List{home(): held, {Account: sim.Account, Name: "office"}: {ID: office.ID}} {
			wg.Go(func() {
				if _, err := p.ApplyList(t.Context(), l, held, adding(entry("192.0.2.2/32", ""))); err != nil {
					t.Errorf("%s: %v", l.Name, err)
				}
			})
		}
		wg.Wait()
		if n := len(cf.Calls(func(c sim.Call) bool { return c.Status == 429 })); n != 0 {
			t.Errorf("%d calls were refused", n)
		}

		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		now, _ := p.List(t.Context(), home())
		go p.ApplyList(t.Context(), home(), now, dropping(now.Items...))
		time.Sleep(time.Second)
		_, err := p.ApplyList(ctx, plan.List{Account: sim.Account, Name: "office"}, provider.List{ID: office.ID}, adding(entry("192.0.2.3/32", "")))
		refusedList(t, err, provider.NotTried)
		time.Sleep(time.Minute)
	})
}

func TestStoppingLetsTheChangeOfAListEndAndBeginsNoOther(t *testing.T) {
	for delay, want := range map[time.Duration]provider.Kind{2 * time.Second: provider.NotTried, time.Minute: provider.Unconfirmed} {
		bubble(t, func(t *testing.T) {
			cf, p, held := withList(t, sim.Item{IP: "192.0.2.1"})
			cf.SetOptions(sim.Options{ListDelay: delay})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := p.ApplyList(ctx, home(), held, append(dropping(held.Items[0]), adding(entry("192.0.2.2/32", ""))...))
			refusedList(t, err, want)
			if took := time.Since(start); took > time.Second+provider.WriteGrace {
				t.Errorf("it took %s", took)
			}
			if len(cf.Calls(sim.ToRoute(sim.RemoveItems))) != 0 {
				t.Error("something was removed")
			}
		})
	}
}

func TestAChangeOfAListThatOnlyEndsWhileStoppingIsConfirmed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p, held := withList(t, sim.Item{IP: "192.0.2.1"})
		cf.SetOptions(sim.Options{ListDelay: 2 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got, err := p.ApplyList(ctx, home(), held, dropping(held.Items[0])); err != nil || len(got.Items) != 0 {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestTheListMustHoldWhatWasAsked(t *testing.T) {
	operation := sim.Answer(200, http.Header{"Content-Type": {"application/json"}}, `{"success":true,"result":{"operation_id":"`+strings.Repeat("4", 32)+`","status":"completed"}}`)
	bubble(t, func(t *testing.T) {
		cf, p, held := withList(t, sim.Item{IP: "192.0.2.1"})
		cf.Fail(sim.ToRoute(sim.AddItems), operation)
		cf.Fail(sim.ToRoute(sim.RemoveItems), operation)
		cf.Fail(sim.ToRoute(sim.GetOperation), operation)
		_, err := p.ApplyList(t.Context(), home(), held, append(dropping(held.Items[0]), adding(entry("192.0.2.2/32", ""))...))
		refusedList(t, err, provider.Rejected, "192.0.2.2/32 is missing and 192.0.2.1/32 is still there")
	})
}

func TestAListIsOnlyTakenForWhatItIs(t *testing.T) {
	for what, tt := range map[string]struct {
		wanted plan.List
		set    func(*sim.Cloudflare)
		kind   provider.Kind
		words  string
	}{
		"no account id":       {plan.List{Account: "me@example.org", Name: "home"}, nil, provider.Rejected, "no account id"},
		"another's account":   {plan.List{Account: strings.Repeat("e", 32), Name: "home"}, nil, provider.Auth, "Account · Account Filter Lists · Edit"},
		"a name with a slash": {plan.List{Account: sim.Account, Name: "a/b"}, nil, provider.Rejected, "no list can have this name"},
		"two of one name": {home(), func(cf *sim.Cloudflare) {
			cf.AddList(sim.Account, sim.List{Name: "home"})
			cf.AddList(sim.Account, sim.List{Name: "home"})
		}, provider.Rejected, "two of this name"},
		"a list of host names": {home(), func(cf *sim.Cloudflare) {
			cf.AddList(sim.Account, sim.List{Name: "home", Kind: "hostname"})
		}, provider.Rejected, `for "hostname"`},
		"an item that is no address": {home(), func(cf *sim.Cloudflare) {
			cf.AddList(sim.Account, sim.List{Name: "home"}, sim.Item{IP: "192.0.2.1"}, sim.Item{Other: map[string]any{"url_hostname": "x.example"}})
		}, provider.Rejected, "is no address"},
		"no permission": {home(), func(cf *sim.Cloudflare) {
			cf.AddToken(sim.Token{Value: theSecret, Lists: sim.NoLists})
		}, provider.Auth, "Account · Account Filter Lists · Edit"},
		"an unknown token": {home(), func(cf *sim.Cloudflare) { cf.RevokeToken(theSecret) }, provider.Auth, "not valid"},
		"a cursor that is none": {home(), func(cf *sim.Cloudflare) {
			cf.AddList(sim.Account, sim.List{Name: "home"})
			cf.Fail(sim.ToRoute(sim.ListItems), sim.Answer(200, nil, `{"success":true,"result":[],"result_info":{"cursors":{"after":7}}}`))
		}, provider.Unavailable, "not whole"},
		"one item for ever": {home(), func(cf *sim.Cloudflare) {
			cf.AddList(sim.Account, sim.List{Name: "home"})
			cf.Fail(sim.ToRoute(sim.ListItems), sim.Answer(200, nil, `{"success":true,"result":[{"id":"1","ip":"192.0.2.1"}],"result_info":{"cursors":{"after":"x"}}}`))
		}, provider.Unavailable, "twice"},
		"pages for ever": {home(), func(cf *sim.Cloudflare) {
			cf.AddList(sim.Account, sim.List{Name: "home"})
			cf.Fail(sim.ToRoute(sim.ListItems), sim.Answer(200, nil, `{"success":true,"result":[],"result_info":{"cursors":{"after":"x"}}}`))
		}, provider.Rejected, "more than 100 pages"},
		"lists for ever": {home(), func(cf *sim.Cloudflare) {
			cf.Fail(sim.ToRoute(sim.ListLists), sim.Answer(200, nil, `{"success":true,"result":[{"id":"1","name":"x"}],"result_info":{"total_pages":1000}}`))
		}, provider.Unavailable, "more than 100 pages"},
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cf, p := simulated(t)
				cf.AddZone(sim.Zone{Name: "example.org"})
				if tt.set != nil {
					tt.set(cf)
				}
				got, err := p.List(t.Context(), tt.wanted)
				if len(got.Items) != 0 || got.ID != "" {
					t.Errorf("read is %v", got)
				}
				refusedList(t, err, tt.kind, tt.words)
			})
		})
	}
}

func TestListsAndItemsOnManyPagesAreAllRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.SetOptions(sim.Options{ListPage: 2, ItemPage: 2})
		for _, n := range []string{"a", "b", "c", "d"} {
			cf.AddList(sim.Account, sim.List{Name: n})
		}
		cf.AddList(sim.Account, sim.List{Name: "home"}, sim.Item{IP: "192.0.2.1"}, sim.Item{IP: "192.0.2.2/32"}, sim.Item{IP: "2001:DB8::/33"}, sim.Item{IP: "198.51.100.9/24"}, sim.Item{IP: "2001:db8::1"})
		got, err := p.List(t.Context(), home())
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, i := range got.Items {
			all = append(all, i.Prefix.String())
		}
		same(t, "read", all, []string{"192.0.2.1/32", "192.0.2.2/32", "2001:db8::/33", "198.51.100.0/24", "2001:db8::1/128"})
		if n := len(cf.Calls()); n != 3+3 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestAnAccountWithoutRoomForAListSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"})
		cf.AddList(sim.Account, sim.List{Name: "theirs"})
		_, err := p.ApplyList(t.Context(), home(), provider.List{}, adding(entry("192.0.2.1/32", "")))
		refusedList(t, err, provider.Rejected, "no room for another list", "Free accounts have 1")
		if got := cf.Lists(sim.Account); len(got) != 1 || got[0].Name != "theirs" {
			t.Errorf("%v", got)
		}
	})
}

func TestANewListTakesFourCalls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"})
		if _, err := p.ApplyList(t.Context(), home(), provider.List{}, adding(entry("192.0.2.1/32", ""))); err != nil {
			t.Error(err)
		}
		if n := len(cf.Calls()); n != 4 { // make, add, see that it is done, read
			t.Errorf("%d calls", n)
		}
	})
}

// What stands for a list is always a masked range, and what is sent reads back
// as the same one.
func FuzzItemText(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "192.0.2.1/24", "2001:db8::/64", "2001:DB8::1/128", "::ffff:192.0.2.1", "fe80::1%eth0", "0.0.0.0/0", "", "/", "x/64"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := parsePrefix(s)
		if !p.IsValid() {
			return
		}
		if p != p.Masked() || p.Addr().Zone() != "" {
			t.Errorf("%q is %s", s, p)
		}
		if again := parsePrefix(formatPrefix(p)); again != p {
			t.Errorf("%q is %s, sent as %s, which is %s", s, p, formatPrefix(p), again)
		}
	})
}

// A list that came empty or short is never taken for what it holds: an equal
// item that somebody else made would be written over.
func TestAListThatCameShortIsNotBelieved(t *testing.T) {
	body := func(result string) sim.Fault {
		return sim.Answer(200, http.Header{"Content-Type": {"application/json"}}, `{"success":true,"errors":[],"messages":[],`+result+`}`)
	}
	for what, f := range map[string]sim.Fault{
		"null":            body(`"result":null`),
		"another count":   body(`"result":[],"result_info":{"total_count":7}`),
		"empty":           body(`"result":[]`),
		"nothing":         body(`"result_info":{}`),
		"fewer than said": body(`"result":[{"id":"0123456789abcdef0123456789abcdef","ip":"192.0.2.1"}],"result_info":{"cursors":{}}`),
	} {
		bubble(t, func(t *testing.T) {
			cf, p, held := withList(t, sim.Item{IP: "192.0.2.1", Comment: "office"}, sim.Item{IP: "192.0.2.2"})
			cf.Fail(sim.ToRoute(sim.ListItems), f)
			_, err := p.List(t.Context(), home())
			refusedList(t, err, provider.Unavailable)
			_, err = p.ApplyList(t.Context(), home(), held, adding(entry("192.0.2.1/32", "mine")))
			refusedList(t, err, provider.Unavailable)
			if n := len(cf.Calls(sim.IsWrite)); n != 0 {
				t.Errorf("%s: %d writes", what, n)
			}
		})
	}
	for _, result := range []string{`"result":null`, `"result":[],"result_info":{"total_count":2}`} {
		bubble(t, func(t *testing.T) {
			cf, p, _ := withList(t)
			cf.Fail(sim.ToRoute(sim.ListLists), body(result))
			_, err := p.List(t.Context(), home())
			refusedList(t, err, provider.Unavailable)
		})
	}
}
