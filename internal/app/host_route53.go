package app

import (
	"strings"

	"fmt"
	"os"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/route53"
)

func route53API() overHTTP {
	return overHTTP{url: "AWS_ENDPOINT_URL_ROUTE_53", usual: route53.DefaultBase, doc: "Where the Route 53 API is"}
}

// route53Host is the row of Amazon Route 53.
func route53Host() *host {
	quotas := new(rest.Quotas[string])
	return &host{
		HostKind: config.HostKind{
			Word: "route53", Also: strings.Fields("aws amazon awsroute53 amazonroute53 r53"), Name: "Route 53",
			Settings: route53Settings(), Check: checkRoute53,
			MinTTL: route53.MinTTL, MaxTTL: route53.MaxTTL,
			ZoneID:     route53ZoneID,
			WhatZoneID: "the hosted zone ID, such as Z0123456789ABCDEF, that the console shows beside the zone",
		},
		Advice: Advice{
			Host:      "Route 53",
			NoZones:   "make public hosted zones for the names in this AWS account, or use a key of the account that has them",
			NotListed: "give it the right route53:ListHostedZones, or set {records.zone_id}",
			Narrower:  "a policy for the zones in use alone can do less harm when the key is lost; docs/hosts/route53.md has one",
		},
		traits: traits{
			what:  "Amazon Route 53",
			needs: "access_key_id and secret_access_key, credentials_file, or credentials: instance", types: andTexts(), unit: "set", guard: provider.GuardsBatch,
			limits: route53.Limits(), page: "docs/hosts/route53.md",
			asking: asking{get: "make an access key as docs/hosts/route53.md says", keys: always("access_key_id", "secret_access_key")},
			bounds: []string{"5 calls a second for all that one AWS account does.", "A change batch holds 1,000 values: 500 names whose address changes.",
				"Alias records, and those of routing policies and health checks, are left alone."},
		},
		address: route53.Host,
		route:   route53.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			c := route53.Config{Region: a.Text("region"), BaseURL: a.Text(config.BaseURL), Client: r.client, Timeout: r.timeout, ZoneIDs: a.ZoneIDs, ZoneNames: a.ZoneNames}
			if onInstance(a) {
				c.Instance = &route53.Instance{Getenv: os.Getenv, Metadata: r.metadata(), Issuer: r.issuer()}
			} else {
				var err error
				if c.Keys, err = awsKeys(a); err != nil {
					return nil, err
				}
			}
			c.Quota = quotas.For(c.Keys.ID, route53.Limit())
			return route53.New(c)
		},
	}
}

// awsKeys are the keys of an account, of its settings or of a file.
func awsKeys(a config.Account) (route53.Keys, error) {
	file := a.Text("credentials_file")
	if file == "" {
		return route53.Keys{ID: a.Text("access_key_id"), Secret: a.Settings["secret_access_key"], Token: a.Settings["session_token"]}, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return route53.Keys{}, fmt.Errorf("read the access key in %s: %w", file, err)
	}
	profile := a.Text("profile")
	if profile == "" {
		profile = route53.DefaultProfile
	}
	keys, err := route53.ParseProfile(string(content), profile)
	if err != nil {
		return keys, fmt.Errorf("read the access key in %s: %w", file, err)
	}
	return keys, nil
}

func route53Settings() []config.HostSetting {
	return append([]config.HostSetting{
		{Key: "access_key_id", Env: "AWS_ACCESS_KEY_ID", Type: "key id",
			Doc:   "The id of an access key of AWS; docs/hosts/route53.md says what it has to be allowed.",
			Check: func(s string) error { return advised(route53.CheckKeyID(s), "it looks like AKIAIOSFODNN7EXAMPLE") }},
		{Key: "secret_access_key", Env: "AWS_SECRET_ACCESS_KEY", File: true, Secret: true, Type: "secret",
			Doc: "The secret of the access key.",
			Check: func(s string) error {
				return advised(route53.CheckSecret(s), "copy it again; AWS shows it once, when the key is made")
			}},
		{Key: "session_token", Env: "AWS_SESSION_TOKEN", File: true, Secret: true, Type: "token",
			Doc:   "The token beside a temporary access key, whose id begins with ASIA. Such a key ends after some hours.",
			Check: func(s string) error { return advised(route53.CheckSecret(s), "copy it again, in one line") }},
		{Key: "credentials_file", Env: "AWS_SHARED_CREDENTIALS_FILE", Type: "path", Path: true,
			Doc:   "A file with an access key in it, in the place of the settings for one: for Route 53 as the AWS CLI has it, such as ~/.aws/credentials.",
			Check: func(s string) error { return advised(route53.CheckProfiles(s), "it begins with [default]") }},
		{Key: "profile", Env: "AWS_PROFILE", Type: "name",
			Doc: "The profile in the file of credentials; without it default."},
		instanceSetting(),
		{Key: "region", Env: "AWS_REGION", Also: []string{"AWS_DEFAULT_REGION"}, Type: "region",
			Doc:   "A region of AWS. Route 53 is one for all of them; this counts for accounts in China (cn-north-1) and GovCloud (us-gov-west-1), and for where a web identity is shown.",
			Check: func(s string) error { return advised(route53.CheckRegion(s), "it looks like eu-central-1") }},
	}, route53API().settings()...)
}

func route53ZoneID(s string) (string, error) {
	id, err := route53.ParseZoneID(s)
	return id, advised(err, "write the hosted zone ID, such as Z0123456789ABCDEF")
}

// checkRoute53 wants a credential, in one way.
func checkRoute53(c config.Credential) {
	route53API().check(c)
	id, file := c.Text("access_key_id") != "" || c.Text("secret_access_key") != "", c.Text("credentials_file") != ""
	const needed = "it is not set, and without it no record can be changed"
	switch onIt := c.Text("credentials") != ""; {
	case onIt && (id || file):
		c.Wrong("credentials", "there are two credentials: an access key is set as well", "take one of them away")
	case onIt:
	case id && file:
		c.Wrong("credentials_file", "there are two credentials: "+c.Name("access_key_id")+" is set as well", "take one of them away")
	case file:
	case !id:
		c.Missing("access_key_id", needed, "make an access key as docs/hosts/route53.md says, then: "+c.ToSet("access_key_id", "AKIA…"))
	case c.Text("access_key_id") == "":
		c.Wrong("access_key_id", "it is not set, but "+c.Name("secret_access_key")+" is", "set both")
	case c.Text("secret_access_key") == "":
		c.Wrong("secret_access_key", "it is not set, but "+c.Name("access_key_id")+" is", "set both")
	}
	if c.Text("profile") != "" && !file {
		c.Notice(c.Name("profile") + " is set and has no effect without " + c.Name("credentials_file"))
	}
}
