package shared

import (
	"fmt"
	"time"
)

// MaxBody is the size in bytes of the largest body that the HTTP API reads.
const MaxBody = 16 << 10

// Roles that staff can have. What each allows is told in docs/configuration.md.
const (
	RoleEventListener = "event_listener" // watch carts and their events
	RoleCartEditor    = "cart_editor"    // change a customer's cart
	RoleDiscounter    = "discounter"     // grant discounts
	RoleAdmin         = "admin"          // read the audit
)

// Roles lists every role, in the order in which they are told to people.
func Roles() []string {
	return []string{RoleEventListener, RoleCartEditor, RoleDiscounter, RoleAdmin}
}

// ProductList answers GET /api/products.
type ProductList struct {
	Products []Product `json:"products"`
	// Next is to be given as ?after= to read on; empty at the end.
	Next string `json:"next,omitempty"`
}

// CartList answers GET /api/carts, newest change first.
type CartList struct {
	Carts []CartSummary `json:"carts"`
	// Cursor is the log's position before the carts were read: every event
	// after it may be news, no event up to it is.
	Cursor string `json:"cursor"`
	// Next is to be given as ?after= to read on; empty at the end.
	Next string `json:"next,omitempty"`
}

// SetLine is the body of PUT …/lines/SKU: how many of the product there are to
// be. Version is the line's version that the change is based on, and left out
// for a product that the cart doesn't have yet.
type SetLine struct {
	Quantity int   `json:"quantity"`
	Version  int64 `json:"version,omitempty"`
}

// Validate reports the first thing that is wrong.
func (s SetLine) Validate() error {
	if s.Quantity < 1 || s.Quantity > MaxQuantity {
		return invalid("quantity", fmt.Sprintf("A quantity is from 1 to %d. To remove the line, use DELETE.", MaxQuantity))
	}
	if s.Version < 0 {
		return invalid("version", "A version is not negative.")
	}
	return nil
}

// SignIn is the body of POST /api/staff/session.
type SignIn struct {
	Username string `json:"username"`
	Password string `json:"password"`
	// Code is that of the second factor, of whoever has one: six digits, or a recovery
	// code.
	Code string `json:"code,omitempty"`
}

// Limits of what a sign-in may carry. A password is hashed at a cost that grows
// with nothing but its length, so that is bounded.
const (
	MaxUsername = 64
	MaxPassword = 256
	MaxCode     = 32
)

// Validate reports the first thing that is wrong.
func (s SignIn) Validate() error {
	switch {
	case s.Username == "":
		return invalid("username", "Enter your username.")
	case s.Password == "":
		return invalid("password", "Enter your password.")
	case len(s.Username) > MaxUsername:
		return invalid("username", fmt.Sprintf("A username has at most %d bytes.", MaxUsername))
	case len(s.Password) > MaxPassword:
		return invalid("password", fmt.Sprintf("A password has at most %d bytes.", MaxPassword))
	case len(s.Code) > MaxCode:
		return invalid("code", fmt.Sprintf("A code has at most %d bytes.", MaxCode))
	}
	return nil
}

// ChangePassword is the body of PUT /api/staff/password.
type ChangePassword struct {
	Current string `json:"current"`
	New     string `json:"new"`
}

// Validate reports the first thing that is wrong.
func (c ChangePassword) Validate() error {
	switch {
	case c.Current == "":
		return invalid("current", "Enter your present password.")
	case c.New == "":
		return invalid("new", "Enter a new password.")
	case len(c.Current) > MaxPassword:
		return invalid("current", fmt.Sprintf("A password has at most %d bytes.", MaxPassword))
	case len(c.New) > MaxPassword:
		return invalid("new", fmt.Sprintf("A password has at most %d bytes.", MaxPassword))
	case c.New == c.Current:
		return invalid("new", "That is the password that you have.")
	}
	return nil
}

// StaffSession answers POST and GET /api/staff/session: who is signed in.
type StaffSession struct {
	Username  string    `json:"username"`
	Roles     []string  `json:"roles"`
	ExpiresAt time.Time `json:"expires_at"`
}

// GatewayStatus answers GET /api/gateway and is the payload of ChannelGateway.
type GatewayStatus struct {
	// Process tells one process from another: host name and process id.
	Process string `json:"process"`
	// Mode says which part of the program answers: all, app, events or gateway.
	Mode      string    `json:"mode"`
	Version   string    `json:"version"`
	Store     string    `json:"store"`
	StartedAt time.Time `json:"started_at"`
	// Connections counts the event connections, Echo those to the echo.
	Connections int `json:"connections"`
	Echo        int `json:"echo"`
	// Refused counts what was turned away since the start, by limit.
	Refused map[Limit]int64 `json:"refused"`
	// Sessions are the event connections, oldest first, and at most
	// MaxListedSessions of them.
	Sessions []SocketSession `json:"sessions"`
	// All is what all processes serve that share the database. It is nil where there can
	// be only this one, or where that isn't known at the moment.
	All *AllProcesses `json:"all,omitempty"`
}

// AllProcesses counts what several processes serve together. What others say is a few
// seconds old.
type AllProcesses struct {
	Connections int `json:"connections"`
	Echo        int `json:"echo"`
	// Count is how many processes there are, and Processes the first of them, the
	// answering one at the front, and at most MaxListedProcesses.
	Count     int             `json:"count"`
	Processes []ProcessStatus `json:"processes"`
}

// Several tells whether there is any other process. It may be called on nil.
func (a *AllProcesses) Several() bool { return a != nil && a.Count > 1 }

// ProcessStatus is what one process says of itself; see GatewayStatus.
type ProcessStatus struct {
	Process     string    `json:"process"`
	Mode        string    `json:"mode"`
	Version     string    `json:"version"`
	StartedAt   time.Time `json:"started_at"`
	Connections int       `json:"connections"`
	Echo        int       `json:"echo"`
}

// MaxListedProcesses bounds AllProcesses.
const MaxListedProcesses = 50

// Limit names one of the limits of the sockets.
type Limit string

// The limits.
const (
	LimitConnections Limit = "connections"             // in all
	LimitAddress     Limit = "connections_per_address" // from one address
	LimitUser        Limit = "connections_per_user"    // of one member of the staff, or one shopper
	LimitHandshakes  Limit = "handshakes"              // in a second
	LimitMessages    Limit = "messages"                // from one client in a second
	LimitSize        Limit = "message_size"            // in bytes
	LimitQueue       Limit = "queue"                   // in bytes that wait for one client
	LimitFaults      Limit = "echo_faults"             // of the echo's connections, those with faults
)

// MaxListedSessions bounds GatewayStatus.
const MaxListedSessions = 200

// SocketSession is one event connection.
type SocketSession struct {
	// Name is USERNAME-N, as in the log.
	Name      string    `json:"name"`
	Since     time.Time `json:"since"`
	Listening []string  `json:"listening"`
}

// Handshake answers GET /api/handshake?path=/events/io: it tells a page why a
// socket of this server can or can't be opened, which browsers hide.
type Handshake struct {
	Path    string `json:"path"`
	Allowed bool   `json:"allowed"`
}
