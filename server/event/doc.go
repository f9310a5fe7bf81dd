// Package event carries what has happened from where it is known to everyone who
// listens: the log's activities, in the log's order, and bare notifications.
//
//	log ─ Tail ───┐
//	   └ catch-up ┼─ Hub ─ Subscription ─ Queue ─ (a connection writes)
//	notifications ┘
//
// It knows channels, subscribers and bytes, but not SQL and not WebSockets: the
// log is a cart.Log, notifications come from a Source, what an audience is told of
// an activity is a Feed, and a subscriber is whoever takes a text without blocking.
//
// Start with Hub; tail.go follows the log, stream.go does so without reading it,
// subscription.go and catchup.go see to it that each subscriber gets everything once and
// in order, and queue.go keeps a slow one from holding up others.
package event
