//go:build !race

package year

// seeds is how many years are lived.
const seeds = 20
