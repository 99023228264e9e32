package app

import (
	"strings"

	"errors"
	"fmt"
	"io"
	"os"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/google"
	"github.com/homing-dns/homing/internal/secret"
)

func googleAPI() overHTTP {
	return overHTTP{usual: google.DefaultBase, doc: "Where the Cloud DNS API is"}
}

// googleHost is the row of Google Cloud DNS.
func googleHost() *host {
	return &host{
		HostKind: config.HostKind{
			Word: "google", Also: strings.Fields("gcp gcloud googlecloud googleclouddns googledns clouddns"), Name: "Google Cloud DNS",
			Settings: googleSettings(), Check: checkGoogle,
			MinTTL: google.MinTTL, MaxTTL: google.MaxTTL,
			ZoneID: func(s string) (string, error) {
				return s, advised(google.CheckZoneID(s), "write the name that the zone has in the project, as gcloud dns managed-zones list shows it")
			},
			WhatZoneID: "the name that it has in the project, such as example-org",
		},
		Advice: Advice{
			Host:      "Google Cloud DNS",
			NoZones:   "make the zones of the names in the project, or correct {accounts.project}",
			NotListed: "give the account dns.managedZones.list in the project, or set {records.zone_id}",
		},
		traits: traits{
			needs: "credentials_file, or credentials: instance", types: andTexts(), unit: "set", guard: provider.GuardsBatch, limits: google.Limits(), page: "docs/hosts/google.md",
			asking: asking{get: "make a key as docs/hosts/google.md says", keys: always(googleFile, "?project")},
			bounds: []string{"A change adds and deletes at most 1,000 sets, or what the quota of the project says.", "The calls a minute are a quota of the project."},
		},
		address: google.Host,
		route:   google.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			c := google.Config{Instance: onInstance(a), Project: a.Text("project"), BaseURL: a.Text(config.BaseURL), AllowHTTP: allows(a.Text(config.AllowHTTP)),
				Client: r.client, Timeout: r.timeout, ZoneIDs: a.ZoneIDs, ZoneNames: a.ZoneNames}
			if c.Instance {
				c.Tokens = r.metadata()
				return google.New(c)
			}
			key, err := readKey(a.Text(googleFile))
			if err != nil {
				return nil, err
			}
			c.Key, c.Tokens = key, r.issuer()
			p, err := google.New(c)
			if bad, ok := errors.AsType[*google.Malformed](err); ok {
				return nil, config.Hinted(a.Text(googleFile)+": "+bad.Reason, bad.Hint)
			}
			return p, err
		},
	}
}

// googleFile is the key of the setting that names the key file.
const googleFile = "credentials_file"

func googleSettings() []config.HostSetting {
	return append([]config.HostSetting{
		{Key: googleFile, Env: "GOOGLE_APPLICATION_CREDENTIALS", Also: []string{"GCE_SERVICE_ACCOUNT_FILE"}, Type: "path", Path: true,
			Doc: "The key file (JSON) of a service account at Google that may change records.",
			Check: func(content string) error {
				err := google.CheckKey(content)
				if bad, ok := errors.AsType[*google.Malformed](err); ok {
					return config.Hinted(bad.Reason, bad.Hint)
				}
				return err
			}},
		instanceSetting(),
		{Key: "project", Env: "GOOGLE_CLOUD_PROJECT", Also: []string{"GCE_PROJECT"}, Type: "id",
			Doc: "The id of the project at Google that the zones are in, where it is not that of the key or of the machine.",
			Check: func(s string) error {
				return advised(google.CheckProject(s), "write the id of the project, as gcloud projects list shows it, and not its name")
			}},
	}, googleAPI().settings()...)
}

// checkGoogle wants one credential.
func checkGoogle(c config.Credential) {
	googleAPI().check(c)
	switch file, instance := c.Text(googleFile) != "", c.Text("credentials") != ""; {
	case file && instance:
		c.Wrong("credentials", "there are two credentials: "+c.Name(googleFile)+" is set as well", "take one of them away")
	case !file && !instance:
		c.Missing(googleFile, "it is not set, and without it no record can be changed",
			"make a key as docs/hosts/google.md says, then: "+c.ToSet(googleFile, "/run/secrets/google.json")+"; or, on a machine of Google Cloud: "+c.ToSet("credentials", instanceWord))
	}
}

// maxKeyFile is more than a key file of any cloud has.
const maxKeyFile = 64 << 10

// readKey is what a key file holds.
func readKey(path string) (secret.String, error) {
	f, err := os.Open(path)
	if err != nil {
		return secret.String{}, fmt.Errorf("read the key of the account: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return secret.String{}, fmt.Errorf("read the key of the account: %w", err)
	}
	return secret.New(string(b)), nil
}
