// Package console is the page at /: a console for any WebSocket, filled in with
// this server's own echo endpoint.
//
// console.go is the page: up to four panes side by side, each with one connection.
// pane.go is what a pane has and does, face.go draws its simple face, folds.go the folds, and
// carrier.go brings it what happens. What a pane decides is in plain types that know
// nothing of a browser and are tested natively: address.go says what may be connected to,
// link.go carries one connection, ending.go and refusal.go put into words how one ended
// or why there is none, and model.go is what is known of it.
//
// Behind the folds are options.go (sub-protocols, faults of the echo), package compose
// (writing messages), and insight.go with what a pane finds out beside its log: how the
// server saw the handshake, round trips, events by channel, and the log as a file that
// can be read back and sent again. The log is package transcript.
//
// It may not import the server, and reaches it over package api only.
package console
