// Package lab is what people do with the messages of a WebSocket when they try one out,
// alike on the page and in the terminal: write a message as text, JSON, hex or base64
// (payload.go), keep what was sent and received as JSON lines and send it again
// (recording.go, replay.go), and measure round trips (probe.go, roundtrip.go).
//
// It opens no connection, draws nothing and keeps no state of a page. It is part of the
// WebAssembly, so it may import nothing large.
//
// Start with payload.go.
package lab
