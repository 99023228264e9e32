package app

import (
	"cmp"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/azure"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

func azureAPI() overHTTP {
	return overHTTP{usual: azure.DefaultBase, doc: "Where the Azure Resource Manager is; who hands out tokens is that of the same cloud"}
}

// azureHost is the row of Azure DNS.
func azureHost() *host {
	writes := new(rest.Quotas[string]) // by the subscription
	return &host{
		HostKind: config.HostKind{
			Word: "azure", Also: strings.Fields("azuredns microsoft microsoftazure"), Name: "Azure DNS",
			Settings: azureSettings(), Check: checkAzure,
			MinTTL: azure.MinTTL, MaxTTL: azure.MaxTTL,
			ZoneID: func(s string) (string, error) {
				id, err := azure.ParseZoneID(s)
				return id, advised(err, "write the resource group and the zone, such as dns/example.org, or the whole resource id")
			},
			WhatZoneID: "its resource group and its name, such as dns/example.org",
		},
		Advice: Advice{
			Host:      "Azure DNS",
			NoZones:   "give the credential a role for the zones of the names, or correct {accounts.subscription_id}",
			NotListed: "give the credential the role Reader for the zones, or set {records.zone_id}",
		},
		traits: traits{
			needs: "subscription_id, and tenant_id, client_id and client_secret_file, or credentials: instance", types: andTexts(), unit: "set",
			guard: provider.GuardsSet, limits: azure.Limits(), page: "docs/hosts/azure.md",
			asking: asking{get: "make an application as docs/hosts/azure.md says", keys: always("subscription_id", "tenant_id", "client_id", "client_secret")},
			bounds: []string{"1,200 changes an hour for a subscription, each of one name and type.", "A set holds 20 records."},
		},
		address: azure.Host,
		route:   azure.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			c := azure.Config{Subscription: a.Text("subscription_id"), Writes: writes.For(a.Text("subscription_id"), azure.Writes()),
				Credential: azure.Credential{Tenant: a.Text("tenant_id"), Client: a.Text("client_id"), Secret: a.Settings["client_secret"]}}
			switch file := a.Text(federatedFile); {
			case onInstance(a):
				c.Tokens = r.metadata()
			case file != "":
				c.Credential.Federated = func() (secret.String, error) {
					s, err := readKey(file)
					return secret.New(strings.TrimSpace(s.Reveal())), err
				}
				fallthrough
			default:
				c.Tokens = r.issuer()
			}
			return azure.New(c, overAPI(a, r, nil))
		},
	}
}

// federatedFile is the key of the setting that names the token of a workload. The
// file changes about every hour and is read whenever a token is asked for.
const federatedFile = "federated_token_file"

func azureSettings() []config.HostSetting {
	id := func(s string) error {
		if s == "" || strings.ContainsFunc(s, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.')
		}) {
			return config.Hinted("this is no id of Azure's", "write it as 00000000-0000-0000-0000-000000000000")
		}
		return nil
	}
	return append([]config.HostSetting{
		{Key: "tenant_id", Env: "AZURE_TENANT_ID", Type: "id", Doc: "The tenant (directory) at Azure that the application is in.", Check: id},
		{Key: "client_id", Env: "AZURE_CLIENT_ID", Type: "id", Doc: "The application (client) at Azure; with credentials: instance which of several identities of the machine.", Check: id},
		{Key: "client_secret", Env: "AZURE_CLIENT_SECRET", File: true, Secret: true, Type: "secret", Doc: "The client secret of the application at Azure: its value, and not its id.",
			Check: func(s string) error {
				if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
					return config.Hinted("a client secret has no line breaks and no characters beyond ASCII", "copy the value of the secret again, or set {accounts.client_secret_file} to the path of a file with it")
				}
				return nil
			}},
		{Key: federatedFile, Env: "AZURE_FEDERATED_TOKEN_FILE", Type: "path",
			Doc: "A file with the token of a workload, as AKS puts it there, in the place of a client secret."},
		instanceSetting(),
		{Key: "subscription_id", Env: "AZURE_SUBSCRIPTION_ID", Type: "id", Doc: "The subscription at Azure that the zones are in.", Check: id},
	}, azureAPI().settings()...)
}

// checkAzure wants a subscription and one credential.
func checkAzure(c config.Credential) {
	azureAPI().check(c)
	if c.Text("subscription_id") == "" {
		c.Missing("subscription_id", "it is not set, and without it no zone can be found", "take it from: az account show --query id; then: "+c.ToSet("subscription_id", "…"))
	}
	has := func(key string) bool { return c.Text(key) != "" }
	one := cmp.Or(when(has("client_secret"), "client_secret"), when(has(federatedFile), federatedFile))
	switch {
	case has("client_secret") && has(federatedFile):
		c.Wrong(federatedFile, "there are two credentials: "+c.Name("client_secret")+" is set as well", "take one of them away")
	case has("credentials") && one != "":
		c.Wrong("credentials", "there are two credentials: "+c.Name(one)+" is set as well", "take one of them away")
	case has("credentials"):
	case one == "":
		c.Missing("client_secret", "it is not set, and without it no record can be changed",
			"make an application as docs/hosts/azure.md says, then: "+c.ToSet("client_secret_file", "/run/secrets/azure")+"; or, on a machine of Azure: "+c.ToSet("credentials", instanceWord))
	default:
		for _, key := range []string{"tenant_id", "client_id"} {
			if !has(key) {
				c.Wrong(key, "it is not set, but "+c.Name(one)+" is", "set "+c.Name("tenant_id")+" and "+c.Name("client_id")+" of the same application")
			}
		}
	}
}

func when(yes bool, word string) string {
	if yes {
		return word
	}
	return ""
}
