package app

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
)

// Without a folder for its state and without HOME homing neither reads nor
// writes a file where it happens to stand.
func TestWithoutAFolderNoTokenIsReadOrWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("token", []byte("a-token-of-somebody-else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if path := tokenIn(""); path != "" {
		t.Errorf("the token is in %q", path)
	}
	if os.Geteuid() == 0 {
		return // root has a folder always
	}
	s := &Settings{Getenv: func(string) string { return "" }}
	page := s.PageToken(&config.Config{})
	if got := page.Kept(); !got.IsZero() {
		t.Error("it is read")
	}
	if _, path, err := page.Renew(); err == nil || !strings.Contains(err.Error(), "name another with state") {
		t.Errorf("it is kept in %q: %v", path, err)
	}
}

// A short token that somebody has set is told, where it guards something.
func TestAShortTokenIsTold(t *testing.T) {
	for token, told := range map[string]bool{"": false, "hunter2": true, strings.Repeat("x", 15): true, strings.Repeat("x", 16): false} {
		for listen, served := range map[string]bool{"127.0.0.1:8245": true, config.Off: false} {
			cfg := &config.Config{}
			cfg.Serve.Token, cfg.Serve.Listen = secret.New(token), listen
			var b strings.Builder
			(&App{Config: cfg}).Notice(slog.New(slog.NewTextHandler(&b, nil)))
			if got := strings.Contains(b.String(), "shorter than 16 characters"); got != (told && served) || token != "" && strings.Contains(b.String(), token) {
				t.Errorf("%d characters at %s: %s", len(token), listen, b.String())
			}
		}
	}
}

// So is one that somebody wrote into the file in which homing keeps its own.
func TestAShortTokenInAFileIsTold(t *testing.T) {
	for token, told := range map[string]bool{"hunter2": true, strings.Repeat("x", 43): false} {
		folder := t.TempDir()
		if err := os.WriteFile(tokenIn(folder), []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := &Settings{Getenv: func(string) string { return "" }}
		var b strings.Builder
		got := s.PageToken(&config.Config{State: folder}).InForce(slog.New(slog.NewTextHandler(&b, nil)))
		if got.Reveal() != token || strings.Contains(b.String(), "can be guessed") != told || strings.Contains(b.String(), token) {
			t.Errorf("%d characters: %s", len(token), b.String())
		}
	}
}
