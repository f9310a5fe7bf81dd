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
	ErrSpent    = errors.New("spent already, or never given")
)

// Store keeps staff, customers, and the sessions of staff and of shoppers. Its
// methods are safe for concurrent use and end when their context does. Sessions are
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

	// SetSecondFactor gives an account a secret and the hashes of recovery codes, in
	// place of any that it has, and ends its sessions. It returns ErrNotFound.
	SetSecondFactor(ctx context.Context, username, secret string, recovery [][]byte, at time.Time) error
	// RemoveSecondFactor takes the secret and the recovery codes away, or returns
	// ErrNotFound if there are none.
	RemoveSecondFactor(ctx context.Context, username string) error
	// SpendStep notes that the code of a time step was used. It returns ErrSpent if
	// that, or a later one, was used before; so of two who use one at the same time,
	// one succeeds.
	SpendStep(ctx context.Context, username string, step int64) error
	// SpendRecovery deletes a recovery code by its hash, or returns ErrSpent.
	SpendRecovery(ctx context.Context, username string, hash []byte) error

	// AddSession begins a session and ends the one that it replaces, if that is
	// not nil. It returns ErrNotFound if the account is gone. What ends the account's
	// sessions at the same time either ends this one as well, or is seen by who reads
	// the account afterwards.
	AddSession(ctx context.Context, session Session, replaces []byte) error
	// Session returns a session with the account's present roles, or
	// ErrNotFound. It doesn't look at the time.
	Session(ctx context.Context, hash []byte) (Session, error)
	// EndSession ends a session. It is no error if there is none.
	EndSession(ctx context.Context, hash []byte) error

	// Revision grows with every change that can take a right away: a session of
	// staff ended, roles set, an account removed or added, a customer erased.
	Revision(ctx context.Context) (int64, error)

	ShopperStore

	// AddCustomer adds an account. It returns ErrExists if that has a password and
	// another one with a password has the same EmailKey.
	AddCustomer(ctx context.Context, customer Customer) error
	// Customer returns an account by its ID, or ErrNotFound.
	Customer(ctx context.Context, id string) (Customer, error)
	// CustomerByEmail returns the account that has this EmailKey and a password,
	// or ErrNotFound.
	CustomerByEmail(ctx context.Context, key string) (Customer, error)
	// CustomersByEmail lists every account with this EmailKey: the one with a
	// password first, then the others, the latest first.
	CustomersByEmail(ctx context.Context, key string) ([]Customer, error)
	// AllCustomers lists every account, the latest last.
	AllCustomers(ctx context.Context) ([]Customer, error)
	// RehashCustomer replaces the password hash and nothing else, if it is still
	// old.
	RehashCustomer(ctx context.Context, id, old, hash string) error
	// EraseCustomer removes an account with its sessions, or returns ErrNotFound.
	EraseCustomer(ctx context.Context, id string) error

	// Sweep forgets sessions of either kind that expired before a time, and
	// returns how many.
	Sweep(ctx context.Context, before time.Time) (int64, error)
}

// ShopperStore is the part of a Store that keeps the sessions of shoppers. It is apart, as
// they may be kept elsewhere than the rest: bots begin many, and few are worth a disk.
type ShopperStore interface {
	// AddShopper begins a shopper's session and ends the one that it replaces, if
	// that is not nil. It returns ErrNotFound if it is a customer's who is gone.
	AddShopper(ctx context.Context, shopper Shopper, replaces []byte) error
	// Shopper returns a shopper's session, or ErrNotFound. It doesn't look at
	// the time.
	Shopper(ctx context.Context, hash []byte) (Shopper, error)
	// ShoppersOf lists the sessions of a customer, the latest last.
	ShoppersOf(ctx context.Context, customer string) ([]Shopper, error)
	// EndShopper ends a shopper's session. It is no error if there is none.
	EndShopper(ctx context.Context, hash []byte) error
}

// Account is a member of the staff as stored.
type Account struct {
	Username     string
	PasswordHash string
	Roles        []string
	CreatedAt    time.Time
	// Secret is what the codes of the second factor are reckoned from, or "" if the
	// password is enough.
	Secret string
}

// Session is a signed-in member of the staff.
type Session struct {
	Hash      []byte // of the token; see hashToken
	Username  string
	Roles     []string
	CreatedAt time.Time
	ExpiresAt time.Time
	// Proof is what a foreign authority needs to be asked again; of our own sessions
	// there is none. It is as good as a password, and never logged or shown.
	Proof Proof
}

// Proof is a secret that says who somebody is. Printing it doesn't tell it.
type Proof string

// String implements fmt.Stringer.
func (Proof) String() string { return "•••" }

// GoString implements fmt.GoStringer.
func (Proof) GoString() string { return "•••" }

// MarshalText has encoders, those of logs among them, tell as little.
func (Proof) MarshalText() ([]byte, error) { return []byte("•••"), nil }

// Shopper is the session of someone who shops: a guest, or a customer who has
// signed in.
type Shopper struct {
	Hash []byte // of the token; see hashToken
	// ID names the shopper in carts. It is not a secret. A customer's is that of
	// their account, on every device; a guest's is the session's own.
	ID        string
	Customer  string // the ID of the account, "" for a guest
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Customer is the account of someone who shops, as stored.
type Customer struct {
	ID           string
	Name         string
	Email        string // as it was typed; see EmailKey. "" if it isn't known
	PasswordHash string // "" for those whom staff have noted, who can't sign in
	Shopper      string // the shopper's ID under which their carts are kept
	CreatedAt    time.Time
}
