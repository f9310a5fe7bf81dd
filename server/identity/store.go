package identity

import (
	"context"
	"errors"
	"time"
)

// Errors that a Store returns.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
)

// Store keeps staff, their sessions, and the sessions of shoppers. Its methods
// are safe for concurrent use and end when their context does. Sessions are
// found by the hash of their token: who reads the database can't use them.
type Store interface {
	// Staff returns an account, or ErrNotFound.
	Staff(ctx context.Context, username string) (Account, error)
	// AllStaff lists every account by name.
	AllStaff(ctx context.Context) ([]Account, error)
	// AddStaff adds an account, or returns ErrExists.
	AddStaff(ctx context.Context, account Account) error
	// SetPassword replaces the password hash and ends the account's sessions,
	// but for one, which may be nil. It returns ErrNotFound.
	SetPassword(ctx context.Context, username, hash string, except []byte) error
	// Rehash replaces the password hash and nothing else, if it is still old.
	Rehash(ctx context.Context, username, old, hash string) error
	// SetRoles replaces the roles, or returns ErrNotFound.
	SetRoles(ctx context.Context, username string, roles []string) error
	// RemoveStaff removes an account with its sessions, or returns ErrNotFound.
	RemoveStaff(ctx context.Context, username string) error

	// AddSession begins a session and ends the one that it replaces, if that is
	// not nil. It returns ErrNotFound if the account is gone.
	AddSession(ctx context.Context, session Session, replaces []byte) error
	// Session returns a session with the account's present roles, or
	// ErrNotFound. It doesn't look at the time.
	Session(ctx context.Context, hash []byte) (Session, error)
	// EndSession ends a session. It is no error if there is none.
	EndSession(ctx context.Context, hash []byte) error

	// Revision grows with every change that can take a right away: a session
	// ended, roles set, an account removed or added.
	Revision(ctx context.Context) (int64, error)

	// AddShopper begins a shopper's session.
	AddShopper(ctx context.Context, shopper Shopper) error
	// Shopper returns a shopper's session, or ErrNotFound. It doesn't look at
	// the time.
	Shopper(ctx context.Context, hash []byte) (Shopper, error)

	// Sweep forgets sessions of either kind that expired before a time, and
	// returns how many.
	Sweep(ctx context.Context, before time.Time) (int64, error)
}

// Account is a member of the staff as stored.
type Account struct {
	Username     string
	PasswordHash string
	Roles        []string
	CreatedAt    time.Time
}

// Session is a signed-in member of the staff.
type Session struct {
	Hash      []byte // of the token; see hashToken
	Username  string
	Roles     []string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Shopper is an anonymous customer's session.
type Shopper struct {
	Hash      []byte
	ID        string // names the shopper in carts; not a secret
	CreatedAt time.Time
	ExpiresAt time.Time
}
