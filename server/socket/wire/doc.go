// Package wire carries WebSocket messages (RFC 6455) over a hijacked HTTP
// connection, server side.
//
// The protocol engine is github.com/coder/websocket. It does the opening
// handshake, unmasking, reassembly and most checks. This package adds what the
// engine leaves to its users: UTF-8 validation that fails at the first bad byte,
// the right close code for every fault, writes bounded by deadlines instead of
// contexts, a closing sequence that is prompt, bounded and never loses the close
// frame, and small buffers, so that an idle connection is cheap.
//
// It knows nothing of echo, carts, sessions or origins: who may connect is
// decided before [Accept], what is said afterwards by the caller.
//
// Start reading at [Accept] and [Conn]; transport.go holds the byte level,
// guard.go the checks on what arrives, fragment.go messages in many frames,
// heartbeat.go what finds out whether the peer is still there.
package wire
