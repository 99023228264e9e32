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
	titled bool   // takes a title
	form   string // of its URLs, without the scheme: what stands there has to stand in each; several with blanks between
	make   func() types.Service
}

const (
	titled   = true
	untitled = false
)

// services is what the library sends for us. Three are missing and made here,
// because in the library they run templates, whose reflection would make the
// linker keep every method of the program (2 MB, measured 2026-11): smtp,
// generic, logger. mqtt is left out: 0.45 MB for one service.
func services() map[string]service {
	return map[string]service{
		"bark":       {titled, "//:key@host", func() types.Service { return &bark.Service{} }},
		"discord":    {titled, "//token@id", func() types.Service { return &discord.Service{} }},
		"googlechat": {untitled, "//host/v1/spaces/space/messages?key=key&token=token", func() types.Service { return &googlechat.Service{} }},
		"gotify":     {titled, "//host/token", func() types.Service { return &gotify.Service{} }},
		"hangouts":   {untitled, "//host/v1/spaces/space/messages?key=key&token=token", func() types.Service { return &googlechat.Service{} }},
		"ifttt":      {titled, "//key/?events=names", func() types.Service { return &ifttt.Service{} }},
		"join":       {titled, "//:key@join/?devices=ids", func() types.Service { return &join.Service{} }},
		"lark":       {titled, "//host/token ///token", func() types.Service { return &lark.Service{} }},
		"matrix":     {titled, "//:token@host", func() types.Service { return &matrix.Service{} }},
		"mattermost": {titled, "//host/token", func() types.Service { return &mattermost.Service{} }},
		"notifiarr":  {titled, "//key", func() types.Service { return &notifiarr.Service{} }},
		"ntfy":       {titled, "//host/topic", func() types.Service { return &ntfy.Service{} }},
		"opsgenie":   {titled, "//host/key", func() types.Service { return &opsgenie.Service{} }},
		"pagerduty":  {untitled, "///key", func() types.Service { return &pagerduty.Service{} }},
		"pushbullet": {titled, "//token", func() types.Service { return &pushbullet.Service{} }},
		"pushover":   {titled, "//shoutrrr:token@user", func() types.Service { return &pushover.Service{} }},
		"rocketchat": {untitled, "//host/token-a/token-b", func() types.Service { return &rocketchat.Service{} }},
		"signal":     {untitled, "//host/sender/recipient", func() types.Service { return &signal.Service{} }},
		"signalgrid": {titled, "//key@channel", func() types.Service { return &signalgrid.Service{} }},
		"slack":      {titled, "//hook:token@webhook //token-a/token-b/token-c", func() types.Service { return &slack.Service{} }},
		"teams":      {titled, "//?host=url", func() types.Service { return &teams.Service{} }},
		"telegram":   {titled, "//id:token@telegram?chats=names //id:token@telegram?channels=names", func() types.Service { return &telegram.Service{} }},
		"twilio":     {titled, "//sid:token@sender/recipient", func() types.Service { return &twilio.Service{} }},
		"wecom":      {untitled, "//key", func() types.Service { return &wecom.Service{} }},
		"zulip":      {titled, "//mail:key@host?stream=name //mail:key@host?type=direct&to=people", func() types.Service { return &zulip.Service{} }},
	}
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
