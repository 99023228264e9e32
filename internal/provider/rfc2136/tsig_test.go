package rfc2136

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/scaletest"
)

func testSigner(t testing.TB) *tsigSigner {
	t.Helper()
	s, err := testKey().newSigner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASignatureIsOfThisMessageOnly(t *testing.T) {
	for _, algorithm := range Algorithms() {
		k := testKey()
		k.Algorithm = algorithm
		s, err := k.newSigner()
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(1800000000, 0)
		msg := newMessage(opUpdate, "example.org", dnsmessage.TypeSOA)
		signed, mac := s.sign(msg, nil, now)
		got, err := s.verify(signed, nil, now.Add(fudge*time.Second))
		if err != nil || !bytes.Equal(got, msg) {
			t.Errorf("%s: %x, %v", algorithm, got, err)
		}
		if _, err := s.verify(signed, prefixMACLength(mac), now); !errors.Is(err, errBadSignature) {
			t.Errorf("%s: a question passes for its answer: %v", algorithm, err)
		}
		if _, err := s.verify(signed, nil, now.Add((fudge+1)*time.Second)); !errors.Is(err, errBadSignature) {
			t.Errorf("%s: an old message is taken: %v", algorithm, err)
		}
		for i := 2; i < len(signed); i++ { // the id is covered by the original one
			forged := bytes.Clone(signed)
			forged[i] ^= 1
			if got, err := s.verify(forged, nil, now); err == nil && !bytes.Equal(got, msg) {
				t.Errorf("%s: octet %d is changed, and it is taken", algorithm, i)
			}
		}
	}
}

func TestAShortenedSignatureIsNone(t *testing.T) {
	s, now := testSigner(t), time.Unix(1800000000, 0)
	msg := newMessage(0, "example.org", dnsmessage.TypeSOA)
	signed, mac := s.sign(msg, nil, now)
	at := bytes.Index(signed, mac)
	short := append(bytes.Clone(signed[:at+16]), signed[at+len(mac):]...)
	binary.BigEndian.PutUint16(short[at-2:], 16)
	length := at - 2 - 8 - len(s.algorithm) - 2
	binary.BigEndian.PutUint16(short[length:], binary.BigEndian.Uint16(short[length:])-uint16(len(mac)-16))
	if _, ok, err := findTSIG(short); !ok || err != nil {
		t.Fatalf("it is not well formed: %t %v", ok, err)
	}
	if _, err := s.verify(short, nil, now); !errors.Is(err, errBadSignature) {
		t.Error(err)
	}
}

// The name of a key may be compressed in an answer.
func TestAKeyNameMayBeAPointer(t *testing.T) {
	k := testKey()
	k.Name = "homing.example.org"
	s, err := k.newSigner()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1800000000, 0)
	msg := newMessage(0, "homing.example.org", dnsmessage.TypeSOA)
	signed, _ := s.sign(msg, nil, now)
	pointed := append(append(bytes.Clone(signed[:len(msg)]), 0xc0, headerSize), signed[len(msg)+len(s.name):]...)
	if got, err := s.verify(pointed, nil, now); err != nil || !bytes.Equal(got, msg) {
		t.Error(err)
	}
}

func TestNamesAreReadInTimeLinearToTheirLength(t *testing.T) {
	for what, build := range map[string]func(n int) []byte{
		"pointers to pointers": func(n int) []byte {
			b := make([]byte, 2, 2*n+2)
			for i := range n {
				b = append(b, 0xc0|byte(2*i>>8), byte(2*i))
			}
			return b
		},
		"records": func(n int) []byte { return bytes.Repeat(make([]byte, 11), n) },
	} {
		scaletest.Linear(t, what, 250, func(n int) func() {
			b := build(n)
			msg := append([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(n >> 8), byte(n)}, b...)
			return func() {
				for range 100 {
					w := wireReader{b, max(len(b)-2, 0)}
					_, _ = w.readName()
					_, _, _ = findTSIG(msg)
				}
			}
		})
	}
}

func FuzzVerify(f *testing.F) {
	s, now := testSigner(f), time.Unix(1800000000, 0)
	signed, mac := s.sign(newMessage(0, "example.org", dnsmessage.TypeSOA), nil, now)
	f.Add(signed)
	f.Add(append(bytes.Clone(signed[:len(signed)-1]), 1))
	f.Fuzz(func(t *testing.T, msg []byte) {
		if got, err := s.verify(msg, nil, now); err == nil && !bytes.Contains(msg, mac) {
			t.Errorf("%x is taken for signed: %x", msg, got)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	n := name(f, "a.example.org")
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{Response: true, Authoritative: true})
	must(b.StartQuestions())
	must(b.StartAnswers())
	soa(&b, "example.org", 1)
	msg, err := b.Finish()
	must(err)
	f.Add(msg)
	f.Fuzz(func(t *testing.T, msg []byte) {
		s, err := parseAnswer(msg, n)
		if err != nil {
			return
		}
		for _, r := range s.records {
			if r.Name != n || r.Type.IsAddress() != r.Addr.IsValid() {
				t.Errorf("%+v", r)
			}
		}
	})
}
