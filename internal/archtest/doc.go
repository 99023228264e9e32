// Package archtest holds the architecture as tests: who may import whom, what
// pure packages must not touch, and that each package says what it is for.
package archtest
