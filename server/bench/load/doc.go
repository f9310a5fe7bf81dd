// Package load is many clients in one process, which take as little of the machine as
// they can: what they take is missing to the server that is measured.
//
// One goroutine reads all connections, with epoll, and looks in what arrives for marks,
// whatever is around them; so it does the same work for every server, and needs neither
// a goroutine nor a buffer for each connection. Of WebSocket it knows what a client
// needs that gets no messages in pieces: the handshake, the lengths of frames, and the
// answer to a ping. It knows nothing of Cartline, and must not be taken for a client:
// shared/live is one.
//
// It needs Linux. Start with [Open], which makes a [Crowd] that listens, and [Echo],
// which measures an echo.
package load
