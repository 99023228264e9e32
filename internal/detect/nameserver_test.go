package detect

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// A nameserver answers plain DNS on loopback, whatever address was dialled, and
// notes who was dialled. Its two functions are set before it is used; a nil
// one says nothing.
type nameserver struct {
	datagram func(query []byte, reply func([]byte))
	stream   func(query []byte, conn io.Writer)

	udp net.PacketConn
	tcp net.Listener

	mu     sync.Mutex
	dialed []string
	from   []netip.AddrPort // of datagrams
}

// serve lets n answer until the test is over.
func (n *nameserver) serve(t testing.TB) {
	t.Helper()
	var err error
	if n.udp, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if n.tcp, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(n.datagrams)
	serving.Go(n.streams)
	t.Cleanup(func() { n.udp.Close(); n.tcp.Close(); serving.Wait() })
}

func (n *nameserver) datagrams() {
	b := make([]byte, 1<<16)
	for {
		size, from, err := n.udp.ReadFrom(b)
		if err != nil {
			return
		}
		n.mu.Lock()
		n.from = append(n.from, from.(*net.UDPAddr).AddrPort())
		n.mu.Unlock()
		if n.datagram != nil {
			n.datagram(slices.Clone(b[:size]), func(answer []byte) { n.udp.WriteTo(answer, from) })
		}
	}
}

func (n *nameserver) streams() {
	var open sync.WaitGroup
	defer open.Wait()
	for {
		conn, err := n.tcp.Accept()
		if err != nil {
			return
		}
		open.Go(func() { defer conn.Close(); n.converse(conn) })
	}
}

// converse reads one question, answers it, and waits until the asker leaves.
func (n *nameserver) converse(conn net.Conn) {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return
	}
	query := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, query); err != nil {
		return
	}
	if n.stream != nil {
		n.stream(query, conn)
	}
	io.Copy(io.Discard, conn)
}

// dial reaches n instead of address.
func (n *nameserver) dial(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialed = append(n.dialed, network+" "+address)
	n.mu.Unlock()
	if strings.HasPrefix(network, "udp") {
		return new(net.Dialer).DialContext(ctx, "udp4", n.udp.LocalAddr().String())
	}
	return new(net.Dialer).DialContext(ctx, "tcp4", n.tcp.Addr().String())
}

func (n *nameserver) Dialed() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.dialed)
}

// From lists where datagrams came from.
func (n *nameserver) From() []netip.AddrPort {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.from)
}

// framed is a message as it goes over TCP.
func framed(msg []byte) []byte {
	return slices.Concat(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg)
}

// asked reads a query.
func asked(t testing.TB, query []byte) dnsmessage.Message {
	t.Helper()
	var q dnsmessage.Message
	if err := q.Unpack(query); err != nil || len(q.Questions) != 1 {
		t.Fatalf("asked %q: %v", query, err)
	}
	return q
}

// answerTo is the packed answer to a query, as the operators give it: said in a
// record of the type that was asked for. change may spoil it.
func answerTo(t testing.TB, query []byte, said string, change func(*dnsmessage.Message)) []byte {
	t.Helper()
	q := asked(t, query)
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.ID, Response: true, RecursionDesired: q.RecursionDesired},
		Questions: q.Questions,
		Answers:   []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Class: q.Questions[0].Class}}},
	}
	switch q.Questions[0].Type {
	case dnsmessage.TypeA:
		m.Answers[0].Body = &dnsmessage.AResource{A: netip.MustParseAddr(said).As4()}
	case dnsmessage.TypeAAAA:
		m.Answers[0].Body = &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(said).As16()}
	default:
		m.Answers[0].Body = &dnsmessage.TXTResource{TXT: []string{said}}
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

// says answers each datagram.
func says(t testing.TB, said string, change func(*dnsmessage.Message)) *nameserver {
	return &nameserver{datagram: func(query []byte, reply func([]byte)) { reply(answerTo(t, query, said, change)) }}
}
