package config

import (
	"slices"
	"strings"
	"testing"
)

func TestAnOwnersIDIsThatOfAllAccounts(t *testing.T) {
	cfg, err := load(ok("HOMING_OWNER_ID", "home-1"), files("homing.yaml", "accounts: {b: {token: x}}\nrecords: [{name: c.example.org, account: b}]"))
	if err != nil || len(cfg.Accounts) == 0 {
		t.Fatal(err)
	}
	for _, a := range cfg.Accounts {
		if a.Spec.OwnerID != "home-1" {
			t.Errorf("%s: %q", a.Name, a.Spec.OwnerID)
		}
	}
	if cfg, err := load(ok(), nil); err != nil || cfg.Accounts[0].Spec.OwnerID != "" {
		t.Errorf("without one: %v", err)
	}
}

func TestAnOwnersIDThatCannotBeIsTold(t *testing.T) {
	for value, why := range map[string]string{"a b": "may only contain", "ü": "may only contain", "a,b": "may only contain", strings.Repeat("x", 64): "longer than 63"} {
		_, err := load(ok("HOMING_OWNER_ID", value), nil)
		if err == nil || !slices.Equal(problems(t, err), []string{"HOMING_OWNER_ID"}) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v", value, err)
		}
	}
	_, err := load(ok("HOMING_OWNER_ID", "home", "MANAGED_RECORDS_COMMENT_REGEX", "^x", "RECORD_COMMENT", "x"), nil)
	if err == nil || !slices.Equal(problems(t, err), []string{"HOMING_OWNER_ID"}) || !strings.Contains(err.Error(), "MANAGED_RECORDS_COMMENT_REGEX tells whose a record is as well") {
		t.Errorf("with an expression: %v", err)
	}
	_, err = load(ok("HOMING_OWNER_ID", "home", "RECORD_COMMENT", "x homing/owner=away"), nil)
	if err == nil || !slices.Equal(problems(t, err), []string{"RECORD_COMMENT"}) {
		t.Errorf("with another's mark in the comment: %v", err)
	}
}
