// Package google holds the fake of Google Cloud DNS to the official SDK and to the
// discovery document that it is made from. It is a module of its own, so that
// homing's has nothing of the SDK.
package google
