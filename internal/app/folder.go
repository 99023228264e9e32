package app

import (
	"cmp"
	"os"
	"runtime"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
)

// Folder is where what outlives a process is kept.
func (s *Settings) Folder(cfg *config.Config) string {
	return cmp.Or(cfg.State, status.Folder(s.Getenv, runtime.GOOS, os.Geteuid() == 0))
}
