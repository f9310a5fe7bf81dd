// Package terminal is what the commands connect and echo-bench do: one sends lines and
// prints messages over a WebSocket, the other measures an echo.
//
// It reads no flags and decides no exit status; package main does. Of servers it knows
// WebSocket, through shared/live, and of ours the sign-in of staff (signin.go) and the
// channels, to which [Session] listens through the same client as the pages.
//
// Start with session.go, which sends and prints whatever carries the messages: one
// connection (plain.go), or a client that comes back (kept.go). bench.go is on its own.
package terminal
