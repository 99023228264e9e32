package httpx

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
)

// CheckName refuses what can be no interface's name, on Linux because the
// kernel takes it for none (dev_valid_name in net/core/dev.c).
func CheckName(name string) error {
	const size = 16 // IFNAMSIZ, with the zero byte
	switch {
	case name == "":
		return errors.New("the name of an interface is missing")
	case runtime.GOOS != "linux":
		return nil
	case len(name) >= size:
		return errors.New("no interface has a name of more than 15 bytes")
	case name == "." || name == ".." || strings.ContainsAny(name, "/: \t\n\v\f\r"):
		return errors.New("the name of an interface holds no slash, colon or blank")
	}
	return nil
}

// NoInterface is a network interface that this machine does not have, or not
// at the moment.
type NoInterface struct {
	Name      string
	Available []string // those it has
}

func (e *NoInterface) Error() string {
	s := fmt.Sprintf("there is no interface %q", e.Name)
	if near := e.closestName(); near != "" {
		s += "; did you mean " + near + "?"
	}
	if len(e.Available) > 0 {
		s += "; there are " + strings.Join(e.Available, ", ")
	}
	return s
}

// FindInterface finds a network interface by its name. The error is a
// *NoInterface when there is none.
func FindInterface(name string) (*net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	missing := &NoInterface{Name: name}
	for i := range all {
		if all[i].Name == name {
			return &all[i], nil
		}
		missing.Available = append(missing.Available, all[i].Name)
	}
	return nil, missing
}

// closestName returns the interface whose name has most of this one's at its ends;
// empty when none has half.
func (e *NoInterface) closestName() string {
	best, most := "", 0
	for _, name := range e.Available {
		if n := commonEnds(e.Name, name); n > most && 2*n >= max(len(name), len(e.Name)) {
			best, most = name, n
		}
	}
	return best
}

// commonEnds returns how many bytes a and b begin and end with alike. Names with one
// typing error share all but one.
func commonEnds(a, b string) int {
	n, shorter := 0, min(len(a), len(b))
	for n < shorter && a[n] == b[n] {
		n++
	}
	for end := 1; n < shorter && a[len(a)-end] == b[len(b)-end]; end++ {
		n++
	}
	return n
}
