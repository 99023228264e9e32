package cli

import (
	"net"
	"path/filepath"
	"testing"
)

func TestAPeerOfTheSameUserIsOurs(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := isOurs(c); err != nil {
		t.Errorf("a process of our own is refused: %v", err)
	}
}
