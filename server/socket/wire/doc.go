// Package wire carries WebSocket messages (RFC 6455) over a hijacked HTTP
// connection, server side.
//
// github.com/coder/websocket answers the opening handshake. Frames are read and written
// here, on the connection itself, so that an idle one costs next to nothing and a busy one
// no copies: what comes is unmasked and checked in the buffer it was read into, and a
// buffer is only held while there is something in it. Every fault has its own close code,
// text that is not UTF-8 fails at its first bad byte, whatever waits for the peer has a
// deadline, and the closing sequence is prompt, bounded and never loses the close frame.
//
// It knows nothing of echo, carts, sessions or origins: who may connect is
// decided before [Accept], what is said afterwards by the caller.
//
// Start reading at [Accept] and [Conn]; frame.go holds the rules of frames, control.go
// answers pings and close frames, inbound.go and outbound.go are the byte level, offer.go
// sends many frames at once, close.go is the end, heartbeat.go finds out whether the peer
// is still there.
package wire
