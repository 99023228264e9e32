//go:build race

package year

// seeds is fewer where each takes ten times as long.
const seeds = 3
