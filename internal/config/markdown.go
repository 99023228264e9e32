package config

import "strings"

// Markdown is docs/settings.md.
func Markdown(c *Catalogue) []byte {
	var b strings.Builder
	b.WriteString(strings.NewReplacer("{host}", c.host("").Word, "{variable}", strings.ToLower(firstVariable(c))).Replace(settingsHead))
	t, section := newTable(c), ""
	for _, s := range t.rows {
		if now, _, _ := strings.Cut(s.Path, "."); now != section {
			section = now
			b.WriteString("\n## " + section + "\n\n| homing.yaml | environment | value | unless it is set | |\n|---|---|---|---|---|\n")
		}
		s.row(&b)
	}
	b.WriteString("\n## Other names\n\nThese are read too. What has an old name is told at the start.\n\n| environment | today | |\n|---|---|---|\n")
	for _, o := range c.oldNames() {
		b.WriteString("| `" + o.name + "` | `" + o.now + "` | " + o.doc + " |\n")
	}
	b.WriteString(settingsFoot)
	return []byte(b.String())
}

// firstVariable is the variable of the first secret of the first host.
func firstVariable(c *Catalogue) string {
	for _, s := range c.host("").Settings {
		if s.Secret {
			return s.Env
		}
	}
	return ""
}

// row is the row of a setting in its table.
func (s *Setting) row(b *strings.Builder) {
	path, env, form := "`"+s.Path+"`", "", s.Type
	if s.File {
		path += ", `" + s.Path + "_file`"
	}
	if v := s.Variable(); v != "" {
		env = "`" + v + "`"
	}
	if s.File {
		env += ", `" + s.Env + "_FILE`"
	}
	value := s.Default
	if value != "" {
		value = "`" + value + "`"
	}
	if s.Form == List && s.set != nil {
		form = "list: " + form
	}
	for i, cell := range []string{path, env, form, value, s.Doc} {
		if i == 0 {
			b.WriteByte('|')
		}
		b.WriteString(" " + strings.ReplaceAll(cell, "|", `\|`) + " |")
	}
	b.WriteByte('\n')
}

const settingsHead = `# Settings

Read when: you write a homing.yaml or set variables for homing.
Defines: every setting, its two names, what it may be, and what holds when it is not set.
Does not define: what a predecessor's variables mean (see migrating.md).

This page is made from the table in internal/config; ` + "`go test ./internal/config -update`" + ` writes it anew.

    # homing.yaml: five lines that are enough
    accounts:
      default: {token_file: /run/secrets/{host}}
    records:
      - home.example.org
      - {name: nas.example.org, types: [AAAA], ipv6_host: "::10"}

## Where they are read

- A flag has more weight than a variable, a variable more than homing.yaml, and that more than what holds by itself. ` + "`homing config show`" + ` says which was taken, and instead of what.
- homing.yaml is the file that ` + "`--config`" + ` or ` + "`HOMING_CONFIG`" + ` names, or the first there is of ` + "`./homing.yaml`, `$XDG_CONFIG_HOME/homing/homing.yaml` (or `~/.config/homing/homing.yaml`), `/etc/homing/homing.yaml`, `/config/homing.yaml`" + `. On Windows: ` + "`.\\homing.yaml`, `%AppData%\\homing\\homing.yaml`, `%ProgramData%\\homing\\homing.yaml`" + `. Before ` + "`/etc`" + ` macOS has ` + "`~/Library/Application Support/homing`" + ` and ` + "`/Library/Application Support/homing`" + `, FreeBSD ` + "`/usr/local/etc/homing`" + `. Last of all it is looked for in the state folder, where the page makes one.
- Names in the environment (` + "`DOMAINS`, `IP4_DOMAINS`, `IP6_DOMAINS`" + `) replace the records of the file, and ` + "`WAF_LISTS`" + ` its lists. What the environment says of records otherwise holds for all that do not say it themselves, as ` + "`record_defaults`" + ` does.
- A variable that is empty is not set. Blanks around a value do not count, and neither do quotes around it and a comment behind it (a blank and ` + "`#`" + `), which Docker's env files keep. They do in texts (comments, descriptions, the form of messages, the token of the page), commands, header lines and regular expressions.
- A ` + "`${NAME}`" + ` in a variable that nothing has filled in is told.
- In homing.yaml a list is written item by item, or as a text with commas as in the environment. In an item, commas mean nothing: ` + "`exec:`" + ` may stand beside other sources there.
- ` + "`${NAME}`" + ` in a value of homing.yaml is the value of that variable, once and literally; ` + "`$${`" + ` is ` + "`${`" + `. One that is not set is an error.
- A text that begins with ` + "`* & ! @`" + `, such as a wildcard, needs quotes in YAML. Anchors, aliases and tags are not taken.
- Relative paths in homing.yaml begin at its folder.

## Secrets

Each secret can be in a file: ` + "`…_FILE`" + ` in the environment, ` + "`…_file`" + ` in homing.yaml. systemd's credentials are found by themselves: a file in ` + "`$CREDENTIALS_DIRECTORY`" + ` that is called like the variable, in capitals or not (` + "`LoadCredential={variable}:/etc/homing/{variable}`" + `).
A file that everybody may read is told of, but for those in ` + "`/run/secrets`" + `, ` + "`$CREDENTIALS_DIRECTORY`" + ` and Kubernetes volumes. Where a secret is set twice, both must be the same.

Schema for editors: homing.schema.json, beside this page. Put this above a homing.yaml: ` + "`# yaml-language-server: $schema=…/homing.schema.json`" + `
`

const settingsFoot = `
` + "`CF_ACCOUNT_ID`, `PUID` and `PGID`" + ` have no effect, which is told at the start.
`
