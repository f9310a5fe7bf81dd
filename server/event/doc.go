// Package event carries what has happened from where it is known to everyone who
// listens: the log's activities, in the log's order, and bare notifications.
//
//	log ─ Tail ─┐
//	            ├─ Hub ─ Queue ─ (a connection writes)
//	notifications ┘
//
// It knows channels, subscribers and bytes, but not SQL and not WebSockets: the
// log is a cart.Log, notifications come from a Source, and a subscriber is
// whoever takes a text without blocking.
//
// Start with Hub; tail.go reads the log, queue.go keeps a slow reader from
// holding up others.
package event
