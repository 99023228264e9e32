package release

import (
	_ "github.com/goreleaser/goreleaser/v2/pkg/config"
	_ "howett.net/plist"
)
