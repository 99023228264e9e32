package detect

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// STUNServer is Cloudflare's: https://developers.cloudflare.com/realtime/turn/,
// 2026.
const STUNServer = "stun.cloudflare.com:3478"

// STUN returns the source stun: a server says which address a datagram came from
// (RFC 8489). server is a host and a port. Whoever sees the question can forge
// the answer, so it is one vote and never enough alone. dial is asked for
// "udp4" or "udp6".
func STUN(w Wanted, dial httpx.Dial, server string) (Source, error) {
	host, port, err := net.SplitHostPort(server)
	if err != nil || host == "" {
		return nil, fmt.Errorf("%q is not a host and a port", server)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, fmt.Errorf("%q is not a port", port)
	}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		a, err := askSTUN(ctx, dial, w.networkFor("udp"), server)
		if err != nil {
			return nil, fmt.Errorf("ask %s over STUN: %w", host, err)
		}
		p, err := parseSingleAddr(a.String(), w)
		return []netip.Prefix{p}, err
	}
	voter := addr.Voter{Source: "stun", Operator: operatorOf(host), Route: host + " over STUN", Weak: true}
	if server != STUNServer {
		voter.Source += ":" + server
	}
	return &routeSource{voter: voter, ask: ask}, nil
}

const (
	stunHeaderSize   = 20         // bytes
	stunCookie       = 0x2112A442 // RFC 8489, section 5
	stunFirstTimeout = 500 * time.Millisecond
)

// askSTUN asks again after 500 ms, 1 s, 2 s and so on (RFC 8489, section
// 6.2.1), until ctx is done. A connected socket hears the server alone.
func askSTUN(ctx context.Context, dial httpx.Dial, network, server string) (a netip.Addr, err error) {
	conn, err := dial(ctx, network, server)
	if err == nil {
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		a, err = exchangeSTUN(conn)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return a, err
}

func exchangeSTUN(conn net.Conn) (netip.Addr, error) {
	ask := binary.BigEndian.AppendUint32([]byte{0, 1, 0, 0}, stunCookie) // a binding request without attributes
	ask = append(ask, make([]byte, 12)...)
	_, _ = rand.Read(ask[8:]) // it never fails
	var b [1500]byte
	for wait, due := stunFirstTimeout, time.Now(); ; {
		if !time.Now().Before(due) {
			if _, err := conn.Write(ask); err != nil {
				return netip.Addr{}, err
			}
			due = time.Now().Add(wait)
			wait *= 2
		}
		if err := conn.SetReadDeadline(due); err != nil {
			return netip.Addr{}, err
		}
		n, err := conn.Read(b[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return netip.Addr{}, err
		}
		if a, err := parseSTUN(b[:n], ask[4:]); err != errUnexpectedSTUN {
			return a, err
		}
	}
}

// errUnexpectedSTUN is for what answers another question, or none. It is passed over.
var errUnexpectedSTUN = errors.New("it is no answer to the question")

// parseSTUN takes the address out of what answers a binding request. id is the
// cookie and the transaction's number. MAPPED-ADDRESS is not taken: routers
// rewrite it.
func parseSTUN(b, id []byte) (netip.Addr, error) {
	if len(b) < stunHeaderSize || int(binary.BigEndian.Uint16(b[2:])) != len(b)-stunHeaderSize || !bytes.Equal(b[4:stunHeaderSize], id) {
		return netip.Addr{}, errUnexpectedSTUN
	}
	switch binary.BigEndian.Uint16(b) {
	case 0x0101:
	case 0x0111:
		return netip.Addr{}, errors.New("the server refused")
	default:
		return netip.Addr{}, errUnexpectedSTUN
	}
	for b = b[stunHeaderSize:]; len(b) >= 4; {
		kind, size := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		padded := (size + 3) &^ 3
		if padded > len(b)-4 {
			break
		}
		if value := b[4 : 4+size]; kind == 0x0020 { // XOR-MAPPED-ADDRESS: family, port, address
			return decodeXORMapped(value, id)
		}
		b = b[4+padded:]
	}
	return netip.Addr{}, errors.New("its answer cannot be read: it holds no XOR-MAPPED-ADDRESS")
}

func decodeXORMapped(value, id []byte) (netip.Addr, error) {
	if !(len(value) == 8 && value[1] == 1 || len(value) == 20 && value[1] == 2) {
		return netip.Addr{}, errors.New("its answer cannot be read: its address is of no known form")
	}
	plain := bytes.Clone(value[4:])
	for i := range plain {
		plain[i] ^= id[i]
	}
	a, _ := netip.AddrFromSlice(plain)
	return a, nil
}
