package shared

import "time"

// ChannelCartActivity carries every committed change of every cart, as the
// payload type Activity. The name is that of the second article, and of the
// PostgreSQL channel on which anyone's NOTIFY reaches the same listeners.
const ChannelCartActivity = "cart_activity"

// Activity is one committed change of one cart. It carries enough to update a
// list without asking again.
type Activity struct {
	CartID string `json:"cart_id"`
	// CartVersion counts the cart's changes from 1, without gaps.
	CartVersion int64        `json:"cart_version"`
	Kind        ActivityKind `json:"kind"`
	Actor       Actor        `json:"actor"`
	At          time.Time    `json:"at"`
	Line        *LineChange  `json:"line,omitempty"`
	Cart        CartSummary  `json:"cart"`
}

// ActivityKind says what changed.
type ActivityKind string

// The kinds of activity.
const (
	LineAdded   ActivityKind = "line_added"
	LineChanged ActivityKind = "line_changed"
	LineRemoved ActivityKind = "line_removed"
)

// Actor says who changed the cart: a shopper, of whom nothing more is said, or
// staff by name.
type Actor struct {
	Kind ActorKind `json:"kind"`
	Name string    `json:"name,omitempty"`
}

// ActorKind is the part in which someone acts.
type ActorKind string

// The kinds of actors.
const (
	ActorShopper ActorKind = "shopper"
	ActorStaff   ActorKind = "staff"
)

// LineChange tells how one line changed. A quantity of 0 is a line that was not,
// or is no longer, there.
type LineChange struct {
	SKU         string `json:"sku"`
	Name        string `json:"name"`
	OldQuantity int    `json:"old_quantity"`
	NewQuantity int    `json:"new_quantity"`
}
