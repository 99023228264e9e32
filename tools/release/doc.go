// Package release has only tests: that .goreleaser.yaml is valid and promises
// what the documentation does, that what it names is there, and that the files
// for launchd, for Windows' tasks and for GitHub's workflows are what these read.
package release
