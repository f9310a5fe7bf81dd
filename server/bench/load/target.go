package load

// Target is what a client connects to, and what it says then.
type Target struct {
	// Address is HOST:PORT, of which the host is an IPv4 address.
	Address string
	// Path is that of a WebSocket; "" means a TCP connection without a protocol.
	Path string
	// Header is more lines of the handshake, each of them "Name: value".
	Header []string
	// Say is sent as a text message once the connection stands, and Await is what must
	// come before it counts as open. Both may be "".
	Say, Await string
}
