package dyndns2

import (
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

type hint = text.Hint

// troublePause is how long a service is left alone that says 911 or dnserr
// (noip.com/integrate/response, 2026-11-29).
const troublePause = 30 * time.Minute

// block is a refusal after which nothing is sent until a person has acted, as the
// hosts ask for (help.dyn.com/remote-access-api/policies, 2026-11-29).
type block struct {
	wholeAccount bool // of the account, not of the name alone
	kind         provider.Kind
	cause        string // behind the name of the service: "refused …"
	cure         hint
}

const (
	hintOne     hint = "delete all but one of them at the service"
	hintLost    hint = "homing looks at the name servers, and sends it again if they do not show it"
	hintUnsure  hint = "homing waits until the name servers had time to show it"
	cureWait    hint = "homing waits and goes on by itself. If it stays so, look for other programs that update this account"
	cureTrouble hint = "homing waits and goes on by itself. If it stays so, see what the service says about its state"
	cureProgram hint = "update homing, or tell its makers"
	cureUser    hint = "correct {accounts.username} and {accounts.password}"
	cureToken   hint = "correct {accounts.token}"
)

// blockForCode returns the block that a return code of dyndns2 means; nil for another code. See
// help.dyn.com/return-codes and noip.com/integrate/response (2026-11-29).
func blockForCode(word string) *block {
	switch word {
	case "badauth":
		return &block{true, provider.Auth, "refused the user name or the password", cureUser}
	case "!donator":
		return &block{true, provider.Rejected, "wants an account that is paid for", "pay for it there, or use another service"}
	case "abuse":
		return &block{true, provider.Rejected, "has blocked the account or the name for abuse", "see what it says about that, and have it unblocked; look for another updater that sends the same again and again"}
	case "badagent":
		return &block{true, provider.Rejected, "refuses this program", cureProgram}
	case "badsys":
		return &block{true, provider.Rejected, "refuses a part of the request", cureProgram}
	case "nohost":
		return &block{false, provider.Rejected, "has no such name in this account", "make the name there, or correct it"}
	case "!yours":
		return &block{false, provider.Rejected, "has this name in another account", "take the user of that account, or correct the name"}
	case "notfqdn":
		return &block{false, provider.Rejected, "takes this for no whole name", "correct the name"}
	case "numhost":
		return &block{false, provider.Rejected, "has several addresses at this name, or takes no more names", "look at the name there"}
	case "!active":
		return &block{false, provider.Rejected, "has the domain of this name not activated", "activate it there"}
	case "badrequest":
		return &block{false, provider.Rejected, "refuses the request", "look at the name there"}
	}
	return nil
}

// blockOtherAddr: an answer that names another address than was sent, as 127.0.0.1
// does, means that the program is refused.
func blockOtherAddr() *block {
	return &block{true, provider.Rejected, "answers with another address than was sent, by which it refuses this program or this account", "look at the account and the name there"}
}

// blockRefused: it says no, in its own words or by the status alone.
func blockRefused() *block {
	return &block{false, provider.Rejected, "refused the change", "look at the name and the account there"}
}

// blockKO: it does not tell whether the token or the name is wrong.
func blockKO() *block {
	return &block{false, provider.Rejected, "refused the token, or has no such name", "correct {accounts.token} or the name"}
}

// blockBadPattern: the person says what a refusal looks like.
func blockBadPattern() *block {
	return &block{false, provider.Rejected, "refused the change", "see what it says; what counts as a refusal is {accounts.bad}"}
}
