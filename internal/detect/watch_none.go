//go:build !linux && !windows && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd

package detect

import (
	"context"
	"errors"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
)

// Watch: nothing is known of how this system tells.
func (System) Watch(context.Context, func(string)) error {
	return errors.New("this system does not tell when an address changes")
}

// Gateway: nor of how it is asked.
func Gateway(addr.Family, string) (netip.Addr, error) { return netip.Addr{}, errNoGateway }
