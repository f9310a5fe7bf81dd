package shared

import "time"

// CookieHandshake is a cookie that a page of ours sets, for a minute and for one
// endpoint, before it connects there: a random id, under which the server keeps what it
// saw of the handshake (see HandshakeRecord). Browsers let pages add no header to a
// handshake; and whatever is in the address, a page could not hide.
const CookieHandshake = "cartline_handshake"

// HandshakeIDLength is how many hexadecimal digits such an id has.
const HandshakeIDLength = 32

// HandshakeRecord answers GET /api/handshake/ID: a handshake as this server saw it,
// which browsers hide from pages. Each is told once, and kept for a minute.
type HandshakeRecord struct {
	// At is when the request arrived, and Now when this is told, both by the server's
	// clock, so that a page can find out how far its own is off.
	At  time.Time `json:"at"`
	Now time.Time `json:"now"`
	// Request is its first line, like "GET /echo HTTP/1.1", Host what it was asked of,
	// Remote the network address that it came from.
	Request string `json:"request"`
	Host    string `json:"host"`
	Remote  string `json:"remote"`
	TLS     bool   `json:"tls"`
	// Headers are in the order of their names. What may be secret is masked.
	Headers []HeaderLine `json:"headers"`
	// Truncated says that there were more, or longer ones.
	Truncated bool `json:"truncated,omitempty"`

	// Origin is the verdict on where the page came from.
	OriginAllowed bool   `json:"origin_allowed"`
	OriginVerdict string `json:"origin_verdict"` // a sentence

	// Offered are the sub-protocols of the client, in its order, and Chosen the one
	// of the server, or "".
	Offered []string `json:"offered,omitempty"`
	Chosen  string   `json:"chosen,omitempty"`
	// Extensions is what the client offered of those, of which this server takes none.
	Extensions string `json:"extensions,omitempty"`

	// User is who connected, if the endpoint asks for that.
	User string `json:"user,omitempty"`
	// Faults are what the echo was asked to do wrong, as in the address.
	Faults string `json:"faults,omitempty"`

	// Status is what was answered: 101, or what refused it with the sentence Refusal.
	Status  int    `json:"status"`
	Refusal string `json:"refusal,omitempty"`
}

// HeaderLine is one line of the headers of a request.
type HeaderLine struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Masked says that the value isn't shown, or only in part.
	Masked bool `json:"masked,omitempty"`
}
