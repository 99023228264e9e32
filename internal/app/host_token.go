package app

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// keyed is the row of a credential of one word, such as a token.
func keyed(key, env, doc string) config.HostSetting {
	return config.HostSetting{Key: key, Env: env, File: true, Secret: true, Type: key, Doc: doc, Check: oneWord}
}

// oneWord refuses what can be no token.
func oneWord(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return config.Hinted("it has a blank, a line break or a character beyond ASCII in it", "copy it again, alone and in one line")
	}
	return nil
}

// needs tells of a credential that is not there; from is where it is made.
func needs(c config.Credential, key string, from text.Hint) {
	if c.Text(key) == "" {
		c.Missing(key, "it is not set, and without it no record can be changed", string(from)+", then: "+c.ToSet(key, "…"))
	}
}

// overAPI is what the Provider of an account is made of beside its credential.
func overAPI(a config.Account, r reach, q *rest.Quota) rest.Account {
	return rest.Account{BaseURL: a.Text(config.BaseURL), Client: r.client, Timeout: r.timeout, Quota: q, ZoneIDs: a.ZoneIDs, ZoneNames: a.ZoneNames}
}
