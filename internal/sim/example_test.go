package sim_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/homing-dns/homing/internal/sim"
)

func Example() {
	cf := sim.NewCloudflare()
	cf.AddToken(sim.Token{Value: "secret-token"})
	cf.AddZone(sim.Zone{Name: "example.org"}, sim.Address("home.example.org", "84.1.2.3"))
	srv := httptest.NewServer(cf)
	defer srv.Close()

	// Here a client works with srv.URL + "/client/v4", and then:
	fmt.Println(cf.Contents("example.org", "home.example.org"), len(cf.Calls(sim.IsWrite)))
	// Output: [84.1.2.3] 0
}
