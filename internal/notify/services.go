package notify

import (
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/googlechat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/lark"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/mattermost"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/rocketchat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/signal"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/slack"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/teams"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/wecom"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/zulip"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/incident/opsgenie"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/incident/pagerduty"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/bark"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ifttt"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/join"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushbullet"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushover"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/signalgrid"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/sms/twilio"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/notifiarr"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// shoutrrrService is one of the library's.
type shoutrrrService struct {
	scheme     string
	takesTitle bool          // takes a title
	urlForm    string        // of its URLs, without the scheme: what stands there has to stand in each; several with blanks between
	impl       types.Service // a new one
}

const (
	withTitle    = true
	withoutTitle = false
)

// shoutrrrServices is what the library sends for us. Three are missing and made here,
// because in the library they run templates, whose reflection would make the
// linker keep every method of the program (2 MB, measured 2026-11): smtp,
// generic, logger. mqtt is left out: 0.45 MB for one service.
func shoutrrrServices() [25]shoutrrrService {
	return [...]shoutrrrService{
		{"bark", withTitle, "//:key@host", new(bark.Service)},
		{"discord", withTitle, "//token@id", new(discord.Service)},
		{"googlechat", withoutTitle, "//host/v1/spaces/space/messages?key=key&token=token", new(googlechat.Service)},
		{"gotify", withTitle, "//host/token", new(gotify.Service)},
		{"hangouts", withoutTitle, "//host/v1/spaces/space/messages?key=key&token=token", new(googlechat.Service)},
		{"ifttt", withTitle, "//key/?events=names", new(ifttt.Service)},
		{"join", withTitle, "//:key@join/?devices=ids", new(join.Service)},
		{"lark", withTitle, "//host/token ///token", new(lark.Service)},
		{"matrix", withTitle, "//:token@host", new(matrix.Service)},
		{"mattermost", withTitle, "//host/token", new(mattermost.Service)},
		{"notifiarr", withTitle, "//key", new(notifiarr.Service)},
		{"ntfy", withTitle, "//host/topic", new(ntfy.Service)},
		{"opsgenie", withTitle, "//host/key", new(opsgenie.Service)},
		{"pagerduty", withoutTitle, "///key", new(pagerduty.Service)},
		{"pushbullet", withTitle, "//token", new(pushbullet.Service)},
		{"pushover", withTitle, "//shoutrrr:token@user", new(pushover.Service)},
		{"rocketchat", withoutTitle, "//host/token-a/token-b", new(rocketchat.Service)},
		{"signal", withoutTitle, "//host/sender/recipient", new(signal.Service)},
		{"signalgrid", withTitle, "//key@channel", new(signalgrid.Service)},
		{"slack", withTitle, "//hook:token@webhook //token-a/token-b/token-c", new(slack.Service)},
		{"teams", withTitle, "//?host=url", new(teams.Service)},
		{"telegram", withTitle, "//id:token@telegram?chats=names //id:token@telegram?channels=names", new(telegram.Service)},
		{"twilio", withTitle, "//sid:token@sender/recipient", new(twilio.Service)},
		{"wecom", withoutTitle, "//key", new(wecom.Service)},
		{"zulip", withTitle, "//mail:key@host?stream=name //mail:key@host?type=direct&to=people", new(zulip.Service)},
	}
}

// findService is the one of this kind.
func findService(kind string) (shoutrrrService, bool) {
	for _, s := range shoutrrrServices() {
		if s.scheme == kind {
			return s, true
		}
	}
	return shoutrrrService{}, false
}

// disableSleep takes the pauses out of a service that has been initialized: it may sleep
// for minutes, and nothing can wake it.
func disableSleep(s types.Service) {
	if d, ok := s.(*discord.Service); ok {
		d.Sleeper = noSleep{}
	}
}

// noSleep does not sleep.
type noSleep struct{}

func (noSleep) Sleep(time.Duration) {}
