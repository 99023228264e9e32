package cli

import (
	"context"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/status"
)

// session is the parts of a configuration while they are used.
type session struct {
	*app.App
	read sight // the files of the configuration, just after they were read
}

func build(ctx context.Context, env Env, scope config.Scope) (*session, error) {
	cfg, err := env.settings.Load(ctx, scope)
	if err != nil {
		return nil, err
	}
	read := look(cfg.Files)
	a, err := env.settings.Make(cfg, scope)
	return &session{a, read}, err
}

// remembering is a with what the history says, for commands that keep none.
func (a *session) remembering(env Env) *session {
	a.Recall(new(engine.Memory), status.ReadHistory(stateFolder(env, a.Config)), app.QuietLog())
	return a
}
