package sim

import (
	"testing"
	"time"
)

func TestEachBadCredentialIsRefusedInItsOwnWay(t *testing.T) {
	cf, c := serve(t)
	const key = "0123456789abcdef0123456789abcdef01234"
	cf.AddKey("me@example.org", key)
	cf.AddToken(Token{Value: "off", Disabled: true})
	cf.AddToken(Token{Value: "late", ExpiresOn: time.Now().Add(-time.Second)})
	cf.AddToken(Token{Value: "early", NotBefore: time.Now().Add(time.Hour)})
	cf.AddToken(Token{Value: "revoked"})
	cf.RevokeToken("revoked")
	for _, tt := range []struct {
		name                string
		bearer, email, key  string
		status, code, chain int
	}{
		{name: "none", status: 400, code: 9106},
		{name: "a token with quotes", bearer: `Bearer "x"`, status: 400, code: 6003, chain: 6111},
		{name: "the Global key as a token", bearer: "Bearer " + key, status: 400, code: 6003, chain: 6111},
		{name: "another scheme", bearer: "Basic x", status: 400, code: 6003, chain: 6111},
		{name: "an unknown token", bearer: "Bearer unknown", status: 403, code: 9109},
		{name: "a disabled token", bearer: "Bearer off", status: 403, code: 9109},
		{name: "an expired token", bearer: "Bearer late", status: 403, code: 9109},
		{name: "a token not yet valid", bearer: "Bearer early", status: 403, code: 9109},
		{name: "a revoked token", bearer: "Bearer revoked", status: 403, code: 9109},
		{name: "a key without e-mail", key: key, status: 400, code: 9107},
		{name: "an odd e-mail", email: "me", key: key, status: 400, code: 6003, chain: 6102},
		{name: "a token as key", email: "me@example.org", key: token, status: 400, code: 6003, chain: 6103},
		{name: "another's key", email: "you@example.org", key: key, status: 403, code: 9103},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := c.with("Authorization", tt.bearer).with("X-Auth-Email", tt.email).with("X-Auth-Key", tt.key)
			e := c.get("/zones").refused(t, tt.status, tt.code)
			if (tt.chain != 0) != (len(e.Chain) == 1) || tt.chain != 0 && e.Chain[0].Code != tt.chain {
				t.Errorf("chain %v, want code %d", e.Chain, tt.chain)
			}
		})
	}
	c = c.with("Authorization", "").with("X-Auth-Email", "me@example.org").with("X-Auth-Key", key)
	c.get("/zones").into(t, &[]any{})
}

func TestTokenSeesAndChangesWhatItsScopeAllows(t *testing.T) {
	cf, c := serve(t)
	edit := cf.AddZone(Zone{Name: "edit.example"})
	read := cf.AddZone(Zone{Name: "read.example"})
	see := cf.AddZone(Zone{Name: "see.example"})
	hidden := cf.AddZone(Zone{Name: "hidden.example"})
	cf.AddToken(Token{Value: "scoped", Zones: map[string]Access{
		edit.ID: EditDNS, "read.example": ReadDNS, "see.example": SeeZone,
	}})
	c = c.with("Authorization", "Bearer scoped")

	var zones []struct{ Name string }
	c.get("/zones").into(t, &zones)
	if len(zones) != 3 {
		t.Errorf("the listing has %v, want the three zones of the scope", zones)
	}
	c.get("/zones?name=hidden.example").into(t, &zones)
	if len(zones) != 0 {
		t.Errorf("a zone outside the scope is listed: %v", zones)
	}
	c.get("/zones/"+hidden.ID).refused(t, 403, 10000)
	c.get("/zones/"+see.ID).into(t, &struct{ ID string }{})
	c.get("/zones/"+see.ID+"/dns_records").refused(t, 403, 10000)
	c.get("/zones/"+read.ID+"/dns_records").into(t, &[]row{})
	body := `{"type":"A","name":"@","content":"9.9.9.9"}`
	c.do("POST", "/zones/"+read.ID+"/dns_records", body).refused(t, 403, 10000)
	c.do("POST", "/zones/"+edit.ID+"/dns_records", body).into(t, &row{})
	if n := len(cf.Records("read.example")); n != 0 {
		t.Errorf("a refused write left %d records", n)
	}
}

func TestListingZonesDependsOnTheToken(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"})
	for _, tt := range []struct {
		listing        Listing
		plain, by, one int // status, and 0 for 200 with an empty list
	}{
		{ListScope, 200, 200, 200},
		{ListByName, 403, 200, 200},
		{ListNothing, 0, 200, 200},
		{ListNever, 403, 403, 403},
	} {
		cf.AddToken(Token{Value: "t", Listing: tt.listing})
		c := c.with("Authorization", "Bearer t")
		status := func(path string) int {
			g := c.get(path)
			if g.Success && string(g.Result) == "[]" {
				return 0
			}
			return g.Status
		}
		if p, b, o := status("/zones"), status("/zones?name=EXAMPLE.org"), status("/zones/"+z.ID); p != tt.plain || b != tt.by || o != tt.one {
			t.Errorf("listing %d: plain %d, by name %d, one zone %d; want %+v", tt.listing, p, b, o, tt)
		}
		c.get("/zones/"+z.ID+"/dns_records").into(t, &[]row{}) // a configured zone id always works
	}
}
