// Package shared holds the words that Cartline's server, pages, command line
// and tests speak to each other: every JSON message of every WebSocket and HTTP
// exchange, with its encoding, decoding and validation. No other package writes
// or parses a message by hand.
//
// It uses the standard library only, does no I/O, and knows nothing of the
// server, of the pages or of a database. Whatever is in it can be seen by a
// browser, so it holds no secret and no personal data that a message does not
// need.
//
// Start with socket.go for what travels over WebSockets, api.go for HTTP, and
// cart.go for the things that both talk about.
package shared
