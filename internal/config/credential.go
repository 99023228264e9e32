package config

// Credential is the settings of an account, for the row of its host to say
// what is wrong with them.
type Credential struct {
	loader  *loader
	account *account
}

// Text is what a setting holds; empty where it is not set.
//
//go:noinline // many callers: see dependencies.md
func (c Credential) Text(key string) string { return c.account.Text(key) }

// Names is how many names the account keeps.
func (c Credential) Names() int { return len(c.account.Spec.Names()) }

// Name is a setting as the person wrote it, or would have to write it.
//
//go:noinline // many callers: see dependencies.md
func (c Credential) Name(key string) string { return c.loader.name(c.account.path(key)) }

// ToSet is how a person would set it.
//
//go:noinline // many callers: see dependencies.md
func (c Credential) ToSet(key, example string) string {
	return c.loader.toSet(c.account.path(key), example)
}

// Missing says that there is no credential, for want of this setting.
//
//go:noinline // many callers: see dependencies.md
func (c Credential) Missing(key, reason, hint string) {
	c.Wrong(key, reason, hint)
	c.loader.leaveUnset(c.account.path(key))
}

// Wrong says what is wrong with a setting, or with the lack of it, unless
// something is wrong with the account already, other than what is missing.
//
//go:noinline // many callers: see dependencies.md
func (c Credential) Wrong(key, reason, hint string) {
	c.loader.wrong(c.account.path(key), reason, hint)
}

// Malformed says what is wrong with a setting, whatever else is.
func (c Credential) Malformed(key string, err error) {
	c.loader.tell(c.account.path(key), err.Error(), hintOf(err).In(c.loader.words))
}

// Notice is what the person should know.
func (c Credential) Notice(text string) { c.loader.notice(text) }
