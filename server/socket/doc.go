// Package socket is the WebSocket side of the server: the echo, and the events
// endpoint with its sessions.
//
// It knows HTTP requests, WebSocket connections (package wire) and the hub of
// package event; who someone is, it is told by a function. It knows neither SQL
// nor the rules of carts.
//
// Start with events.go, which admits a client, and session.go, which lives with
// it. echo.go is the echo, fault.go and faultecho.go what it does wrong on request.
// origin.go decides which pages may connect, and witness.go tells them how their
// handshake looked. What both endpoints share is in handshake.go and gate.go (who gets
// in, and how many), registry.go (who is in), heartbeat.go (who is gone without a word)
// and drain.go (the end).
package socket
