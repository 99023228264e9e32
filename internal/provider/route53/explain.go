package route53

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

// problem is what AWS says of a refusal.
type problem struct {
	code  string
	words string // of a batch that was refused, all it says of its changes
}

// problemOf reads a refusal in one of the two forms that there are. Of one that is
// cut off what came counts.
func problemOf(body []byte) (p problem) {
	doc, _ := parseXML(string(body))
	switch doc.name {
	case "ErrorResponse":
		p.code, p.words = doc.at("Error", "Code"), doc.at("Error", "Message")
	case invalidBatch:
		p.code = invalidBatch
		var all []string
		for _, m := range doc.under("Messages") {
			all = append(all, m.text)
		}
		p.words = strings.Join(all, ", ")
	}
	p.words = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(p.words), "["), "]")
	return p
}

const invalidBatch = "InvalidChangeBatch"

// refusalOf is a refusal that is told as it stands.
func refusalOf(body []byte) rest.Refusal {
	p := problemOf(body)
	if p.code == "" {
		return rest.Refusal{}
	}
	return rest.Refusal{Understood: true, Said: []string{p.String()}}
}

func (p problem) String() string {
	if p.words == "" {
		return p.code
	}
	return p.code + ": " + p.words
}

// explain reads a refusal.
func (p *Provider) explain(_ int, body []byte) rest.Refusal {
	r, said := refusalOf(body), problemOf(body)
	r.Meaning = p.meaning(said)
	switch said.code {
	case "PriorRequestNotComplete":
		r.Busy, r.Pause = true, busyPause
	case "Throttling", "ThrottlingException", "RequestLimitExceeded":
		r.Pause = throttledPause
	}
	return r
}

// Route 53 does not say how long to wait.
const (
	busyPause      = 2 * time.Second
	throttledPause = time.Second
)

// meaning is what a refusal means; by its status, where nothing is known of it.
func (p *Provider) meaning(said problem) rest.Meaning {
	switch said.code {
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId":
		return rest.Meaning{Kind: provider.Auth, Cause: "AWS does not know this access key, or it was made inactive", Cure: p.cure(cureKey)}
	case "ExpiredToken", "ExpiredTokenException":
		return rest.Meaning{Kind: provider.Auth, Cause: "the session token has expired", Cure: p.cure(cureExpired)}
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired", "IncompleteSignature", "InvalidSignatureException":
		return p.unsigned(said)
	case "MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired":
		return rest.Meaning{Kind: provider.Auth, Cause: "AWS refused the access key", Cure: p.cure(cureKey)}
	case "AccessDenied", "AccessDeniedException":
		return denied(said.words)
	case "NoSuchHostedZone":
		return rest.Meaning{Kind: provider.NoZone, Cause: "this AWS account has no such hosted zone", Cure: cureNoZone}
	case "NoSuchChange":
		return rest.Meaning{Kind: provider.Stale, Cause: "Route 53 no longer knows this change"}
	case "PriorRequestNotComplete":
		return rest.Meaning{Kind: provider.Throttled, Cause: "Route 53 is still busy with an earlier change of this zone", Cure: cureWait}
	case "Throttling", "ThrottlingException", "RequestLimitExceeded":
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls", Cure: cureThrottled}
	case invalidBatch:
		return rest.Meaning{Kind: provider.Rejected, Cause: "Route 53 refused the changes"}
	}
	return rest.Meaning{}
}

// unsigned is what it means that a signature is refused: the clock, the region or
// the key.
func (p *Provider) unsigned(said problem) rest.Meaning {
	late := strings.Contains(said.words, "Signature expired") || strings.Contains(said.words, "Signature not yet current")
	switch {
	case late || said.code == "RequestTimeTooSkewed" || said.code == "RequestExpired":
		return rest.Meaning{Kind: provider.Unavailable, Cause: "AWS refused the time of the request: " + p.skewed(), Cure: httpx.ClockCure}
	case strings.Contains(said.words, "scoped to a valid region"):
		return rest.Meaning{Kind: provider.Auth, Cause: "the request is signed for another region than the API's",
			Cure: "set {accounts.region} to a region of the part of AWS in which the account is, such as us-east-1, cn-north-1 or us-gov-west-1"}
	}
	return rest.Meaning{Kind: provider.Auth, Cause: "the secret access key is not the one of this access key", Cure: p.cure(cureSecret)}
}

// skewed is by how much the clock of this machine is wrong, in words.
func (p *Provider) skewed() string {
	ahead, known := p.api.ClockSkew()
	if !known {
		return "the clock of this machine is wrong"
	}
	way := "ahead of"
	if ahead > 0 {
		way = "behind"
	}
	return fmt.Sprintf("the clock of this machine is %d s %s AWS's", int(math.Abs(ahead.Seconds())+0.5), way)
}

// denied names the right that is missing: "… is not authorized to perform: ACTION
// on resource: …".
func denied(words string) rest.Meaning {
	m := rest.Meaning{Kind: provider.Auth, Cause: "the credential may not do this", Cure: cureRights}
	_, after, ok := strings.Cut(words, "perform: ")
	if action, _, _ := strings.Cut(after, " "); ok && strings.HasPrefix(action, "route53:") {
		m.Cause = "the credential lacks the right " + rest.Printable(action)
		if strings.Contains(words, "explicit deny") {
			m.Cause += ", which a policy denies"
		}
	}
	return m
}

// cure is what to do about keys; about those of a machine nobody can write any.
func (p *Provider) cure(about text.Hint) text.Hint {
	if p.instance {
		return "look at the role of this machine in the IAM console; homing asks for its keys anew"
	}
	return about
}

const (
	cureKey       text.Hint = "set {accounts.access_key_id} and {accounts.secret_access_key} to an active key of an IAM user; a key that begins with ASIA needs its {accounts.session_token} too"
	cureSecret    text.Hint = "copy the secret access key again into {accounts.secret_access_key}, or make a new key; AWS shows a secret once"
	cureExpired   text.Hint = "set {accounts.session_token} with its keys anew, or use the key of an IAM user, which does not end; on AWS itself set {accounts.credentials=instance}"
	cureRights    text.Hint = "add it to the policy of the IAM user or role; docs/hosts/route53.md has a policy with all that homing needs"
	cureNoZone    text.Hint = "make a public hosted zone for it in this AWS account, or correct {records.zone_id} or the name"
	cureWait      text.Hint = "homing waits and goes on by itself"
	cureThrottled text.Hint = "homing waits and goes on by itself. AWS takes five calls a second of an account, and other programs count too"
	cureNoMachine text.Hint = "{accounts.credentials=instance} is for machines, containers and workloads on AWS. In a container on EC2 the hop limit of the metadata has to be 2; elsewhere set {accounts.access_key_id}"
)
