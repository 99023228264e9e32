//go:build !unix

package status

const openFlags = 0
