//go:build !linux

package daemon

// reportsAllChanges reports whether the system tells of every change in a folder.
func reportsAllChanges(string) bool { return false }
