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

// awsError is what AWS says of a refusal.
type awsError struct {
	code    string
	message string // of a batch that was refused, all it says of its changes
}

// parseAWSError reads a refusal in one of the two forms that there are. Of one that is
// cut off what came counts.
func parseAWSError(body []byte) (p awsError) {
	doc, _ := parseXML(string(body))
	switch doc.name {
	case "ErrorResponse":
		p.code, p.message = doc.textAt("Error", "Code"), doc.textAt("Error", "Message")
	case codeInvalidChangeBatch:
		p.code = codeInvalidChangeBatch
		var all []string
		for _, m := range doc.childrenAt("Messages") {
			all = append(all, m.text)
		}
		p.message = strings.Join(all, ", ")
	}
	p.message = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(p.message), "["), "]")
	return p
}

const codeInvalidChangeBatch = "InvalidChangeBatch"

// parseRefusal reads a refusal whose message is shown as it stands.
func parseRefusal(body []byte) rest.Refusal {
	p := parseAWSError(body)
	if p.code == "" {
		return rest.Refusal{}
	}
	return rest.Refusal{Understood: true, Messages: []string{p.String()}}
}

func (p awsError) String() string {
	if p.message == "" {
		return p.code
	}
	return p.code + ": " + p.message
}

// explainRefusal reads a refusal.
func (p *Provider) explainRefusal(_ int, body []byte) rest.Refusal {
	r, said := parseRefusal(body), parseAWSError(body)
	r.Meaning = p.meaningOf(said)
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

// meaningOf returns what a refusal means: by its status where the code is not known.
func (p *Provider) meaningOf(said awsError) rest.Meaning {
	switch said.code {
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId":
		return rest.Meaning{Kind: provider.Auth, Cause: "AWS does not know this access key, or it was made inactive", Cure: p.credentialHint(cureKey)}
	case "ExpiredToken", "ExpiredTokenException":
		return rest.Meaning{Kind: provider.Auth, Cause: "the session token has expired", Cure: p.credentialHint(cureExpired)}
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired", "IncompleteSignature", "InvalidSignatureException":
		return p.signatureMeaning(said)
	case "MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired":
		return rest.Meaning{Kind: provider.Auth, Cause: "AWS refused the access key", Cure: p.credentialHint(cureKey)}
	case "AccessDenied", "AccessDeniedException":
		return accessDeniedMeaning(said.message)
	case "NoSuchHostedZone":
		return rest.Meaning{Kind: provider.NoZone, Cause: "this AWS account has no such hosted zone", Cure: cureNoZone}
	case "NoSuchChange":
		return rest.Meaning{Kind: provider.Stale, Cause: "Route 53 no longer knows this change"}
	case "PriorRequestNotComplete":
		return rest.Meaning{Kind: provider.Throttled, Cause: "Route 53 is still busy with an earlier change of this zone", Cure: cureWait}
	case "Throttling", "ThrottlingException", "RequestLimitExceeded":
		return rest.Meaning{Kind: provider.Throttled, Cause: "too many calls", Cure: cureThrottled}
	case codeInvalidChangeBatch:
		return rest.Meaning{Kind: provider.Rejected, Cause: "Route 53 refused the changes"}
	}
	return rest.Meaning{}
}

// signatureMeaning returns what a refused signature means: the clock, the region or
// the key.
func (p *Provider) signatureMeaning(said awsError) rest.Meaning {
	late := strings.Contains(said.message, "Signature expired") || strings.Contains(said.message, "Signature not yet current")
	switch {
	case late || said.code == "RequestTimeTooSkewed" || said.code == "RequestExpired":
		return rest.Meaning{Kind: provider.Unavailable, Cause: "AWS refused the time of the request: " + p.describeClockSkew(), Cure: httpx.ClockCure}
	case strings.Contains(said.message, "scoped to a valid region"):
		return rest.Meaning{Kind: provider.Auth, Cause: "the request is signed for another region than the API's",
			Cure: "set {accounts.region} to a region of the part of AWS in which the account is, such as us-east-1, cn-north-1 or us-gov-west-1"}
	}
	return rest.Meaning{Kind: provider.Auth, Cause: "the secret access key is not the one of this access key", Cure: p.credentialHint(cureSecret)}
}

// describeClockSkew is by how much the clock of this machine is wrong, in words.
func (p *Provider) describeClockSkew() string {
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

// accessDeniedMeaning names the right that is missing: "… is not authorized to perform: ACTION
// on resource: …".
func accessDeniedMeaning(words string) rest.Meaning {
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

// credentialHint returns what to do about keys; about those of a machine nobody can write any.
func (p *Provider) credentialHint(about text.Hint) text.Hint {
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
