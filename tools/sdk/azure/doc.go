// Package azure holds the fake of Azure DNS to the official SDK, and homing's client
// to the fake server that the SDK has itself. It is a module of its own, so that
// homing's has nothing of the SDK.
package azure
