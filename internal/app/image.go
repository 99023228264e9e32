package app

import (
	"slices"

	"github.com/homing-dns/homing/internal/config"
)

// imageVariable is set by homing's container image, and by nobody else.
const imageVariable = "HOMING_CONTAINER"

// imageDraft is what the image says where nobody else says anything: on a network
// of its own it listens everywhere, or a published port would lead nowhere.
func (s *Settings) imageDraft(in *config.Input) *config.Draft {
	d := new(config.Draft)
	if in.Env(imageVariable) != "" && networkSeen().own() {
		d.Set("serve.listen", "0.0.0.0:8245", config.Variable(imageVariable))
	}
	return d
}

// networkFacts are what shows whose network a container is on. What is not known
// counts as the machine's, so that nothing is opened by mistake.
type networkFacts struct {
	known   bool
	kinds   []string // of the interfaces but loopback, as the kernel calls them: veth, bridge; empty: hardware
	manager bool     // somebody listens who manages the machine or its containers
}

// own reports whether a container has a network of its own. What a runtime puts
// into one has a kind (veth, macvlan, ipvlan, tun); hardware, a virtual machine's
// too, has none. A machine that is a container itself (LXC) has none either, but
// a bridge, or the sockets of systemd or of a container runtime.
func (n networkFacts) own() bool {
	return n.known && !n.manager && !slices.Contains(n.kinds, "") && !slices.Contains(n.kinds, "bridge")
}
