package detect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// Pick says which addresses of an interface count. Its zero value is All.
type Pick uint8

const (
	All    Pick = iota // local.iface: every public one, but for temporary ones that have a stable one beside them
	Stable             // local.iface.stable: those but for the temporary ones of IPv6 (RFC 8981)
	First              // local.iface.first: of these, the one the system lists first
)

func (p Pick) sourceWord() string {
	return [...]string{"local.iface:", "local.iface.stable:", "local.iface.first:"}[p]
}

// Interface returns the sources local.iface:<name>, local.iface.stable:<name> and
// local.iface.first:<name>: the public addresses of a network interface, and
// what allow adds to them. The prefix lengths of the interface mean its link, not what is
// ours of it, and are ignored.
//
// On Linux the kernel says of each address what it is good for. One that is
// still checked for a duplicate (tentative, optimistic), is one (dadfailed), or
// is to be given up (deprecated) is never published. A temporary one is left out
// where a stable one of the same prefix is there.
//
// Elsewhere Go is not told any of this: the plain form publishes every public
// address that the system lists, temporary and deprecated ones too, and the
// stable form is refused for IPv6 rather than guessed. IPv4 has no temporary
// addresses, so that both forms are the same there.
func Interface(w Wanted, name string, pick Pick, allow addr.Allow) (Source, error) {
	if err := httpx.CheckName(name); err != nil {
		return nil, err
	}
	if pick == Stable && w.Family == addr.IPv6 && !hasAddressFlags {
		return nil, errors.New("this system does not tell which addresses are temporary; use local.iface:" + name + ", or turn temporary addresses off")
	}
	ask := func(context.Context) ([]netip.Prefix, error) {
		i, err := httpx.FindInterface(name)
		if err != nil {
			return nil, err
		}
		if i.Flags&net.FlagUp == 0 { // IPv4 addresses stay on one that is down
			return nil, fmt.Errorf("the interface %s is down", name)
		}
		found, err := interfaceAddrs(i, w.Family)
		if err != nil {
			return nil, fmt.Errorf("read the addresses of %s: %w", name, err)
		}
		if pick != Stable {
			found = dropTemporary(found)
		}
		if pick == First {
			found = stableFirst(found)
		}
		ps, err := publishableAddrs(w, name, found, pick == Stable, allow)
		if pick == First && len(ps) > 1 {
			ps = ps[:1]
		}
		return ps, err
	}
	return &routeSource{voter: certainVoter(pick.sourceWord() + name), ask: ask}, nil
}

// CheckInterface returns nil if this machine has an interface of that name now. An
// *httpx.NoInterface lists those it has.
func CheckInterface(name string) error {
	if err := httpx.CheckName(name); err != nil {
		return err
	}
	_, err := httpx.FindInterface(name)
	return err
}

// An ifaceAddr is one address of an interface, with what the system says of it.
type ifaceAddr struct {
	ip        netip.Addr
	bits      int // of its prefix on the link
	temporary bool
	unusable  string // why nobody should be sent there; empty when nothing is wrong
}

// publishableAddrs picks those that may be published. One that may not is passed
// over in silence while others are left: most interfaces have some.
func publishableAddrs(w Wanted, name string, found []ifaceAddr, stable bool, allow addr.Allow) ([]netip.Prefix, error) {
	var left []netip.Prefix
	none := &noPublishableError{name: name, family: w.Family}
	for _, a := range found {
		err := addr.Public(a.ip, allow)
		switch {
		case err != nil:
		case a.unusable != "":
			err = fmt.Errorf("%s is %s", a.ip, a.unusable)
		case stable && a.temporary:
			err = fmt.Errorf("%s is temporary, and a stable one is wanted", a.ip)
		}
		if err != nil {
			none.passed = append(none.passed, err)
			continue
		}
		left = append(left, w.toPrefix(a.ip))
	}
	if len(left) == 0 {
		return nil, none
	}
	return left, nil
}

// noPublishableError is an interface of which no address may be published.
type noPublishableError struct {
	name   string
	family addr.Family
	passed []error // why, one for each address it has; some are *addr.Refusal
}

// maxListed are listed; an interface may have hundreds.
const maxListed = 5

func (e *noPublishableError) Error() string {
	if len(e.passed) == 0 {
		return fmt.Sprintf("%s has no %s address", e.name, e.family)
	}
	var why []string
	for _, err := range e.passed[:min(len(e.passed), maxListed)] {
		if r, ok := errors.AsType[*addr.Refusal](err); ok {
			why = append(why, describeRefusal(r))
		} else {
			why = append(why, err.Error())
		}
	}
	if more := len(e.passed) - len(why); more > 0 {
		why = append(why, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s has no public %s address: %s", e.name, e.family, strings.Join(why, "; "))
}

func (e *noPublishableError) Unwrap() []error { return e.passed }

// describeRefusal words r without "refuse": nobody asked for this address.
func describeRefusal(r *addr.Refusal) string {
	s := r.Addr.String() + " is " + r.What
	if r.Hint != "" {
		s += ": " + r.Hint
	}
	return s
}
