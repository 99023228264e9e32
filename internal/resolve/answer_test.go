package resolve

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func questions() []Question {
	return []Question{
		{Name: "whoami.cloudflare", Type: TXT, Class: Chaos},
		{Name: "myip.opendns.com", Type: A, Class: Internet, Recursive: true},
		{Name: "o-o.myaddr.l.google.com", Type: TXT, Class: Internet},
		{Name: "whoami.akamai.net", Type: A, Class: Internet},
		{Name: "myip.opendns.com", Type: AAAA, Class: Internet, Recursive: true},
	}
}

// packed is the answer to q with id 7; change may spoil it.
func packed(t testing.TB, q Question, change func(*dnsmessage.Message), bodies ...dnsmessage.ResourceBody) []byte {
	t.Helper()
	name := dnsmessage.MustNewName(q.Name + ".")
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 7, Response: true},
		Questions: []dnsmessage.Question{{Name: name, Type: q.Type, Class: q.Class}},
	}
	for _, b := range bodies {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: name, Class: q.Class}, Body: b})
	}
	if change != nil {
		change(&m)
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryRecordOfAnAnswerIsRead(t *testing.T) {
	name := dnsmessage.MustNewName("ns.example.org.")
	q := Question{Name: "a.example.org", Type: A, Class: Internet}
	body := packed(t, q, nil,
		&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}},
		&dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("2001:db8::1").As16()},
		&dnsmessage.TXTResource{TXT: []string{"one", "two"}},
		&dnsmessage.CNAMEResource{CNAME: name}, &dnsmessage.NSResource{NS: name},
		&dnsmessage.MXResource{Pref: 1, MX: name})
	got, err := q.parse(body, 7)
	want := Answer{Records: []Record{
		{MatchesQuestion: true, Type: A, Addr: netip.MustParseAddr("192.0.2.1")},
		{Type: AAAA, Addr: netip.MustParseAddr("2001:db8::1")},
		{Type: TXT, Text: []string{"one", "two"}},
		{Type: CNAME, Text: []string{"ns.example.org."}}, {Type: NS, Text: []string{"ns.example.org."}},
		{Type: dnsmessage.TypeMX},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestARefusalNamesItsCode(t *testing.T) {
	q := questions()[1]
	_, err := q.parse(packed(t, q, func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeNameError }), 7)
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != dnsmessage.RCodeNameError || err.Error() != "the server refused with NameError" {
		t.Errorf("%v", err)
	}
}

func TestANameThatCannotBeAskedIsAnError(t *testing.T) {
	for _, name := range []string{strings.Repeat("a", 64) + ".org", strings.Repeat("a.", 200) + "org", "a..org"} {
		if _, err := (Question{Name: name, Type: A, Class: Internet}).pack(7); err == nil {
			t.Errorf("%.80q was packed", name)
		}
	}
}

// Whatever a server sends: no panic, and nothing that is taken for an answer to
// another question than the one that was asked.
func FuzzAnswer(f *testing.F) {
	body := func(q Question) dnsmessage.ResourceBody {
		switch q.Type {
		case A:
			return &dnsmessage.AResource{A: [4]byte{8, 8, 4, 4}}
		case AAAA:
			return &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("2a00:1450::1").As16()}
		}
		return &dnsmessage.TXTResource{TXT: []string{"8.8.4.4"}}
	}
	for i, q := range questions() {
		f.Add(packed(f, q, nil, body(q)), uint8(i))
		f.Add(packed(f, q, nil, body(q), body(q)), uint8(i))
		f.Add(packed(f, q, func(m *dnsmessage.Message) { m.Truncated = true }, body(q)), uint8(i))
		asked, err := q.pack(7)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(asked, uint8(i))
	}
	f.Fuzz(func(t *testing.T, body []byte, nth uint8) {
		q := questions()[int(nth)%len(questions())]
		a, err := q.parse(body, 7)
		if err != nil {
			if len(a.Records) > 0 {
				t.Errorf("%+v beside %v", a, err)
			}
			return
		}
		for _, r := range a.Records {
			if r.MatchesQuestion && r.Type != q.Type || r.Addr.IsValid() && r.Type != A && r.Type != AAAA {
				t.Errorf("%+v", r)
			}
		}
		var m dnsmessage.Message
		if err := m.Unpack(body); err == nil && (len(m.Answers) != len(a.Records) || m.ID != 7 || !m.Response || m.Questions[0].Type != q.Type) {
			t.Errorf("%+v out of %s", a, m.GoString())
		}
	})
}

// Who does not speak for a name says who does, in the authority section.
func TestADelegationIsRead(t *testing.T) {
	q := Question{Name: "a.cut.example.org", Type: A, Class: Internet}
	cut, server := dnsmessage.MustNewName("cut.example.org."), dnsmessage.MustNewName("ns.example.net.")
	refer := func(m *dnsmessage.Message) {
		m.Authorities = []dnsmessage.Resource{
			{Header: dnsmessage.ResourceHeader{Name: cut, Class: Internet}, Body: &dnsmessage.TXTResource{TXT: []string{"no server"}}},
			{Header: dnsmessage.ResourceHeader{Name: cut, Class: Internet}, Body: &dnsmessage.NSResource{NS: server}}}
	}
	got, err := q.parse(packed(t, q, refer), 7)
	if err != nil || got.Authoritative || got.Delegation != (Delegation{"cut.example.org", "ns.example.net"}) {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = q.parse(packed(t, q, func(m *dnsmessage.Message) { refer(m); m.Authoritative = true }), 7)
	if err != nil || !got.Authoritative || got.Delegation != (Delegation{}) {
		t.Errorf("who speaks for the name: %+v, %v", got, err)
	}
	for authoritative, nothing := range map[bool]bool{true: true, false: false} {
		_, err = q.parse(packed(t, q, func(m *dnsmessage.Message) { m.Authoritative, m.RCode = authoritative, dnsmessage.RCodeNameError }), 7)
		if r, ok := errors.AsType[*Refusal](err); !ok || r.NameDoesNotExist() != nothing {
			t.Errorf("authoritative %t: %v", authoritative, err)
		}
	}
}
