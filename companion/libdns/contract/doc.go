// Package contract holds homing-libdns to what homing asks of a program. It is a module
// of its own, so that homing-libdns needs nothing of homing, and homing nothing of it.
package contract
