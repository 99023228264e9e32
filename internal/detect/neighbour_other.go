//go:build !linux

package detect

import "errors"

// neighbourTable is not read: no system but Linux tells its table to a program
// without rights, in one way.
func neighbourTable() ([]neighbour, error) {
	return nil, errors.New("this is not Linux, the only system whose table homing reads; write the host as ::10 or mac(…), or keep what stands there with keep")
}

func linkPrefixes() (map[int][]ifaceAddr, error) { return nil, nil }
