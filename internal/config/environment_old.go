package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// oldName is a variable with another name, and perhaps another way of writing,
// for a setting.
type oldName struct {
	name, path, now string
	host            string // whose variable it is; empty: homing's own
	doc             string // how it is written otherwise; may be empty
	fine            bool   // it is not out of date
	read            func(d *Draft, text string) (string, error)
}

func (c *Catalogue) oldNames() []oldName {
	same := func(_ *Draft, text string) (string, error) { return text, nil }
	var of []oldName
	for _, h := range c.Hosts {
		for _, s := range h.Settings {
			path := "accounts." + DefaultAccount + "." + s.Key
			if s.OldEnv != "" {
				of = append(of, oldName{name: s.OldEnv, path: path, now: s.Env, host: h.Word, read: same})
			}
			for _, name := range s.Also {
				of = append(of, oldName{name: name, path: path, now: s.Env, host: h.Word, doc: "The same.", fine: true, read: same})
			}
			if s.OldEnv != "" && s.File {
				of = append(of, oldName{name: s.OldEnv + "_FILE", path: path + "_file", now: s.Env + "_FILE", host: h.Word, read: same})
			}
		}
	}
	return append(of, []oldName{
		{name: "IP4_POLICY", path: "detect.ipv4.sources", now: "IP4_PROVIDER", doc: policyWords, read: oldPolicy},
		{name: "IP6_POLICY", path: "detect.ipv6.sources", now: "IP6_PROVIDER", doc: policyWords, read: oldPolicy},
		{name: "UPDATE_INTERVAL", path: "schedule.every", now: "UPDATE_CRON", doc: "A number of seconds.", fine: true, read: seconds},
		{name: "DEBUG", path: "log.level", now: "HOMING_LOG_LEVEL", doc: "`true` is `debug`.", fine: true, read: debugging},
		{name: "CACHE_EXPIRATION", path: "schedule.resync", now: "HOMING_RESYNC", doc: "The same.", fine: true, read: same},
	}...)
}

const policyWords = "`cloudflare` is `cloudflare.trace`, `unmanaged` is `none`."

// readOld takes variables that go by other names today, and tells about those
// that do nothing.
func (d *Draft) readOld(in *Input) {
	for _, o := range in.Catalogue.oldNames() {
		text := in.Env(o.name)
		if text == "" || o.name == "DEBUG" && in.Env(o.now) != "" {
			continue
		}
		now, err := o.read(d, text)
		if err != nil {
			d.Refuse(o.path, Variable(o.name), text, err)
			continue
		}
		if now == "" {
			continue
		}
		d.Set(o.path, now, Variable(o.name))
		e := &d.Entries[len(d.Entries)-1]
		e.host = o.host
		if !o.fine {
			d.Notice("%s is an old name; today it is %s", o.name, o.now)
			e.notice = d.Notices[len(d.Notices)-1]
		}
	}
	for _, name := range []string{"CF_ACCOUNT_ID", "PUID", "PGID"} {
		if in.Env(name) != "" {
			d.Notice("%s has no effect", name)
		}
	}
	if in.Env("CONFIG_PATH") != "" { // with which a predecessor names the folder of its config.json
		d.Notice("CONFIG_PATH has no effect: a config.json is read only where neither a token nor a homing.yaml is set")
	}
}

// oldPolicy reads the words of IP4_POLICY and IP6_POLICY.
func oldPolicy(_ *Draft, word string) (string, error) {
	switch word {
	case "cloudflare", "cloudflare.trace":
		return "cloudflare.trace", nil
	case "cloudflare.doh", "ipify", "local":
		return word, nil
	case "unmanaged":
		return none, nil
	}
	return "", hinted(fmt.Sprintf("%q is not a policy", word), "set IP4_PROVIDER or IP6_PROVIDER instead; unmanaged is none there")
}

// seconds reads a number of seconds.
func seconds(_ *Draft, text string) (string, error) {
	n, err := strconv.Atoi(text)
	switch most := int(24 * 365 * time.Hour / time.Second); {
	case err != nil:
		return "", hinted("it is not a number of seconds", "write a number, such as 300, or set UPDATE_CRON=@every "+strings.TrimSpace(text))
	case n < 1 || n > most:
		return "", hinted(fmt.Sprintf("it is not from 1 to %d", most), "write a number of seconds, such as 300")
	}
	return fmt.Sprintf("@every %ds", n), nil
}

// debugging reads DEBUG, which others may have set to anything.
func debugging(_ *Draft, text string) (string, error) {
	if text == "true" {
		return "debug", nil
	}
	return "", nil
}
