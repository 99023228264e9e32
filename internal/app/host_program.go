package app

import (
	"strings"

	"net/http"
	"os"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/program"
	"github.com/homing-dns/homing/internal/text"
)

// programHost is the row of a program of somebody's own. It stands in homing.yaml
// alone: who can set a variable, or the page, must not be able to run one.
func programHost() *host {
	return &host{
		HostKind: config.HostKind{
			Word: "exec", Also: strings.Fields("program script command external"), Name: "a program",
			Settings: programSettings(), Check: checkOwnProgram,
			MinTTL: program.MinTTL, MaxTTL: program.MaxTTL,
			ZoneID: zoneByName, WhatZoneID: "the name of the zone",
			Inside: true,
		},
		Advice: Advice{
			Host:      "a program",
			NoZones:   "check that the account that {accounts.command} uses at its DNS host has the zones of the names",
			NotListed: "try the program with: homing hosts test",
		},
		traits: traits{
			what:  "any other host, by a program that speaks JSON lines",
			needs: "command, and what that program needs in env_file", types: andTexts(), unit: "set", limits: program.Limits(), page: "docs/hosts/exec.md",
			asking: asking{get: "write the program as docs/hosts/exec.md says", keys: always("command", "?env")},
			bounds: []string{"What the program says of its TTLs, of how many values a set holds and of TXT records.", "Every set is read again immediately before it is written, and after it."},
		},
		route: func(*http.Request) string { return "" }, // nothing goes over HTTP
		make: func(a config.Account, r reach) (provider.Provider, error) {
			words, err := detect.SplitCommand(a.Text("command"))
			if err != nil {
				return nil, err
			}
			return program.New(program.Config{Command: words, Env: a.Settings["env"], Path: os.Getenv("PATH"), Timeout: r.timeout, Log: r.world.log,
				ZoneIDs: a.ZoneIDs, ZoneNames: a.ZoneNames})
		},
	}
}

func programSettings() []config.HostSetting {
	return []config.HostSetting{
		{Key: "command", Command: true, Type: "command", Doc: "The program that keeps the records: an absolute path and arguments, without a shell. It is set in homing.yaml alone.",
			Check: func(s string) error {
				words, err := detect.SplitCommand(s)
				if err == nil {
					err = program.CheckCommand(words)
				}
				return advised(err, "write the whole path of the program and its arguments, such as /usr/local/bin/my-dns --fast")
			}},
		{Key: "env", File: true, Secret: true, Command: true, Type: "text", Doc: "The environment of that program, beside PATH: NAME=value, one a line.",
			Check: func(s string) error {
				_, err := program.ParseEnv(s)
				return advised(err, text.Hint("write a line for each variable, such as API_TOKEN=…"))
			}},
	}
}

// checkOwnProgram wants a command, and tells of one whose program is not there.
func checkOwnProgram(c config.Credential) {
	command := c.Text("command")
	if command == "" {
		c.Missing("command", "it is not set, and it is what changes the records", "write the whole path of the program: "+c.ToSet("command", "/usr/local/bin/my-dns"))
		return
	}
	if words, err := detect.SplitCommand(command); err != nil || program.CheckCommand(words) != nil {
		return // which was told of
	}
	if err := checkImage(command); err != nil {
		c.Malformed("command", err)
		return
	}
	if err := detect.CheckProgram(command); err != nil {
		c.Notice(c.Name("command") + ": " + err.Error())
	}
}
