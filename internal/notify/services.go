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

// service is one of the library's.
type service struct {
	kind    string
	titled  bool          // takes a title
	form    string        // of its URLs, without the scheme: what stands there has to stand in each; several with blanks between
	library types.Service // a new one
}

const (
	titled   = true
	untitled = false
)

// services is what the library sends for us. Three are missing and made here,
// because in the library they run templates, whose reflection would make the
// linker keep every method of the program (2 MB, measured 2026-11): smtp,
// generic, logger. mqtt is left out: 0.45 MB for one service.
func services() [25]service {
	return [...]service{
		{"bark", titled, "//:key@host", new(bark.Service)},
		{"discord", titled, "//token@id", new(discord.Service)},
		{"googlechat", untitled, "//host/v1/spaces/space/messages?key=key&token=token", new(googlechat.Service)},
		{"gotify", titled, "//host/token", new(gotify.Service)},
		{"hangouts", untitled, "//host/v1/spaces/space/messages?key=key&token=token", new(googlechat.Service)},
		{"ifttt", titled, "//key/?events=names", new(ifttt.Service)},
		{"join", titled, "//:key@join/?devices=ids", new(join.Service)},
		{"lark", titled, "//host/token ///token", new(lark.Service)},
		{"matrix", titled, "//:token@host", new(matrix.Service)},
		{"mattermost", titled, "//host/token", new(mattermost.Service)},
		{"notifiarr", titled, "//key", new(notifiarr.Service)},
		{"ntfy", titled, "//host/topic", new(ntfy.Service)},
		{"opsgenie", titled, "//host/key", new(opsgenie.Service)},
		{"pagerduty", untitled, "///key", new(pagerduty.Service)},
		{"pushbullet", titled, "//token", new(pushbullet.Service)},
		{"pushover", titled, "//shoutrrr:token@user", new(pushover.Service)},
		{"rocketchat", untitled, "//host/token-a/token-b", new(rocketchat.Service)},
		{"signal", untitled, "//host/sender/recipient", new(signal.Service)},
		{"signalgrid", titled, "//key@channel", new(signalgrid.Service)},
		{"slack", titled, "//hook:token@webhook //token-a/token-b/token-c", new(slack.Service)},
		{"teams", titled, "//?host=url", new(teams.Service)},
		{"telegram", titled, "//id:token@telegram?chats=names //id:token@telegram?channels=names", new(telegram.Service)},
		{"twilio", titled, "//sid:token@sender/recipient", new(twilio.Service)},
		{"wecom", untitled, "//key", new(wecom.Service)},
		{"zulip", titled, "//mail:key@host?stream=name //mail:key@host?type=direct&to=people", new(zulip.Service)},
	}
}

// serviceOf is the one of this kind.
func serviceOf(kind string) (service, bool) {
	for _, s := range services() {
		if s.kind == kind {
			return s, true
		}
	}
	return service{}, false
}

// calm takes the pauses out of a service that has been initialized: it may sleep
// for minutes, and nothing can wake it.
func calm(s types.Service) {
	if d, ok := s.(*discord.Service); ok {
		d.Sleeper = awake{}
	}
}

// awake does not sleep.
type awake struct{}

func (awake) Sleep(time.Duration) {}
