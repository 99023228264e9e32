package web

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"
)

// SessionFile keeps what has to outlive the process for a log-out to be final.
// It holds no secret that opens anything without the token.
type SessionFile interface {
	Read() ([]byte, error)
	Write([]byte) error // all of it; or else nothing is left there, if that can be
}

// Sessions outlives a Server, as at a reload. A session is told by the second it
// ends in. Its key is made of the token and of a salt: without the file that
// keeps the log-outs there is no salt of before either, so that no session
// outlives what is known of its log-out.
type Sessions struct {
	file SessionFile // nil: the process alone remembers
	log  *slog.Logger

	mu      sync.Mutex
	salt    []byte
	floor   int64   // Unix seconds: sessions that end then or before are over
	revoked []int64 // Unix seconds: those that were logged out and end later
	newest  int64   // Unix seconds: the end of the latest one that this process opened
}

const (
	saltSize  = 32   // bytes
	endedMost = 1000 // log-outs that are remembered one by one; 11 KB
	closeBy   = 60   // seconds within which sessions are opened one after another
)

// NewSessions goes on with the sessions of a file, and begins anew without one.
func NewSessions(file SessionFile, log *slog.Logger) *Sessions {
	s := &Sessions{file: file, log: log}
	if file != nil {
		if b, err := file.Read(); err == nil && s.parse(b) {
			return s
		}
	}
	s.salt = make([]byte, saltSize)
	_, _ = rand.Read(s.salt) // it never fails
	if err := s.save(); err != nil {
		s.file = nil
		log.Info("sessions of the page end with homing, since nothing can be kept of them", "error", err)
	}
	return s
}

// revoke ends a session before its time. What is remembered is bounded by ending
// those that are oldest: none of them comes back.
func (s *Sessions) revoke(end int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hasEnded(end) {
		return
	}
	s.revoked = append(s.revoked, end)
	slices.Sort(s.revoked)
	now := time.Now().Unix()
	for len(s.revoked) > endedMost || len(s.revoked) > 0 && s.revoked[0] <= now {
		s.floor, s.revoked = s.revoked[0], s.revoked[1:]
	}
	if err := s.save(); err != nil {
		s.log.Warn("a log-out from the page cannot be kept; when homing starts again, all sessions end", "error", err)
	}
}

// uniqueExpiry returns the end of a new session: wanted, or soon after where another one ends
// then, so that one log-out does not end both, or one that was logged out.
func (s *Sessions) uniqueExpiry(wanted int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted = max(wanted, s.floor+1)
	if ahead := s.newest - wanted; ahead >= 0 && ahead < closeBy { // more is a clock that was wrong
		wanted = s.newest + 1
	}
	for s.hasEnded(wanted) {
		wanted++
	}
	s.newest = wanted
	return wanted
}

func (s *Sessions) isRevoked(end int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hasEnded(end)
}

func (s *Sessions) hasEnded(end int64) bool {
	_, found := slices.BinarySearch(s.revoked, end)
	return found || end <= s.floor
}

// save writes the salt, the floor and the ends, a line each.
func (s *Sessions) save() error {
	if s.file == nil {
		return nil
	}
	b := fmt.Appendf(nil, "%s\n%d\n", base64.RawURLEncoding.EncodeToString(s.salt), s.floor)
	for _, end := range s.revoked {
		b = append(strconv.AppendInt(b, end, 10), '\n')
	}
	return s.file.Write(b)
}

// parse reports whether b is what save writes, and takes it.
func (s *Sessions) parse(b []byte) bool {
	lines := bytes.Split(b, []byte("\n"))
	if len(lines) < 3 || len(lines) > 3+endedMost || len(lines[len(lines)-1]) > 0 {
		return false
	}
	salt, err := base64.RawURLEncoding.DecodeString(string(lines[0]))
	if err != nil || len(salt) != saltSize {
		return false
	}
	var ends []int64
	for _, line := range lines[1 : len(lines)-1] {
		end, err := strconv.ParseInt(string(line), 10, 64)
		if err != nil || len(ends) > 0 && end <= ends[len(ends)-1] {
			return false
		}
		ends = append(ends, end)
	}
	s.salt, s.floor, s.revoked = salt, ends[0], ends[1:]
	return true
}
