// Package nats spares a database those who listen: of all processes that share it, one
// reads the log and listens to notifications, and passes both on to the others over NATS.
//
//	log ── Tail ── chain ── JetStream ── ordered consumer ── event.Tail ── Hub
//	       the elected one's             each process's
//	LISTEN ─────── beats ── NATS ─────── pulse
//
// Nothing rests on who is elected, or for how long. Each message of the stream holds an
// entry of the log and the position right before it, and is only stored behind the
// message that its publisher knows as the last; so the stream is the log's own order,
// even if two take themselves for elected. Whoever follows it hands on what comes right
// after what they handed on last, and reads the log for anything else, or when the beats
// of the elected one fail to come: see event.Stream.
//
// It knows the log as a cart.Log, but neither SQL nor what the log tells. Start with
// Relay; stand.go elects, office.go is what the elected one does, chain.go publishes,
// follow.go consumes, and pulse.go judges whether that is to be relied on.
package nats
