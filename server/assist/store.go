package assist

import (
	"context"
	"time"

	"cartline/shared"
)

// Store keeps the audit, and who is present at which cart. Its methods are safe for
// concurrent use. Who attends a cart is kept with the cart; here is only how lately
// they were there. A presence appears and goes with its attendant, in the same
// transaction (cart.Store.Change), and is alive then.
type Store interface {
	// AppendAudit adds an entry, whose ID it makes. Nothing can change an entry.
	AppendAudit(ctx context.Context, entry shared.AuditEntry) error
	// Audit lists entries with IDs above `after`, oldest first.
	Audit(ctx context.Context, after int64, limit int) ([]shared.AuditEntry, error)
	// AuditBefore lists entries with IDs below `before`, or all if that is 0, the
	// newest first.
	AuditBefore(ctx context.Context, before int64, limit int) ([]shared.AuditEntry, error)
	// TrimAudit forgets entries from before a time, and returns how many.
	TrimAudit(ctx context.Context, before time.Time) (int64, error)

	// KeepAlive notes that these are present at a time. Who doesn't attend is
	// passed over.
	KeepAlive(ctx context.Context, present []Presence, at time.Time) error
	// Acted notes that one did something at a time.
	Acted(ctx context.Context, present Presence, at time.Time) error
	// Lapsed lists who was not alive since one time, or did nothing since another.
	Lapsed(ctx context.Context, alive, acted time.Time) ([]Lapse, error)
}

// Presence is one of the staff at one cart.
type Presence struct{ CartID, Staff string }

// Lapse is a presence that is over: because of idleness, or else because nobody is
// there any more.
type Lapse struct {
	Presence
	Idle bool
}

// People knows customers and staff. Its methods are safe for concurrent use.
type People interface {
	// Customer returns a customer by the ID of the account, and whether there is
	// one.
	Customer(ctx context.Context, id string) (shared.Customer, bool, error)
	// CustomersByEmail lists everyone with exactly this address.
	CustomersByEmail(ctx context.Context, email string) ([]shared.Customer, error)
	// AddCustomer notes someone whom staff know from the phone.
	AddCustomer(ctx context.Context, name, email string) (shared.Customer, error)
	// Attenders lists the usernames of the staff who may attend carts.
	Attenders(ctx context.Context) ([]string, error)
}
