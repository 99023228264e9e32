package app

import (
	"cmp"
	"os"
	"runtime"

	"github.com/homing-dns/homing/internal/config"
)

// Folder is where what outlives a process is kept.
func (s *Settings) Folder(cfg *config.Config) string {
	return cmp.Or(cfg.State, stateFolder(s.Getenv, runtime.GOOS, os.Geteuid() == 0))
}
