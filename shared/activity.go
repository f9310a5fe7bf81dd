package shared

import "time"

// ChannelCartActivity carries every committed change of every cart, as the
// payload type Activity, without what only those who attend the cart may know. The
// name is that of the second article, and of the PostgreSQL channel on which
// anyone's NOTIFY reaches the same listeners.
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

	// What follows is set for the kinds to which it belongs.

	Line     *LineChange     `json:"line,omitempty"`
	Discount *DiscountChange `json:"discount,omitempty"`
	Link     *Link           `json:"link,omitempty"`
	// Staff is whom it is about, where that isn't the actor: who is knocked for,
	// attached, released or handed over to. Consent is that under which they
	// attend, Reason why they no longer do.
	Staff   string        `json:"staff,omitempty"`
	Consent Consent       `json:"consent,omitempty"`
	Reason  ReleaseReason `json:"reason,omitempty"`
	// Note is text among staff. It is told only to those who attend the cart.
	Note string `json:"note,omitempty"`
	// Undoes is the version whose change this one took back.
	Undoes int64 `json:"undoes,omitempty"`
	// Other is the cart that this one was merged into or with, MergedLines how
	// many lines that brought.
	Other       string `json:"other,omitempty"`
	MergedLines int    `json:"merged_lines,omitempty"`
	// Order is the number under which the cart was ordered.
	Order string `json:"order,omitempty"`
	// Trace is the trace that the change belongs to (W3C traceparent), where the server
	// traces.
	Trace string `json:"trace,omitempty"`

	Cart CartSummary `json:"cart"`
}

// ActivityKind says what changed.
type ActivityKind string

// The kinds of activity.
const (
	// What is in the cart.
	LineAdded       ActivityKind = "line_added"
	LineChanged     ActivityKind = "line_changed"
	LineRemoved     ActivityKind = "line_removed"
	DiscountSet     ActivityKind = "discount_set"
	DiscountRemoved ActivityKind = "discount_removed"
	CartsMerged     ActivityKind = "carts_merged" // another cart's lines came into this one
	MergedAway      ActivityKind = "merged_away"  // this cart's lines went into another one
	Ordered         ActivityKind = "ordered"
	Expired         ActivityKind = "expired"

	// Who the shopper is and where they are.
	PageViewed ActivityKind = "page_viewed"
	SignedIn   ActivityKind = "signed_in"
	HelpAsked  ActivityKind = "help_asked"
	HelpEnded  ActivityKind = "help_ended"
	CodeShown  ActivityKind = "code_shown" // which code is never told
	CodeHidden ActivityKind = "code_hidden"

	// Who helps them.
	Knocked          ActivityKind = "knocked"
	KnockDeclined    ActivityKind = "knock_declined"
	Attached         ActivityKind = "attached"
	Released         ActivityKind = "released"
	HandoverOffered  ActivityKind = "handover_offered"
	HandoverEnded    ActivityKind = "handover_ended" // declined or withdrawn
	LinkWasSent      ActivityKind = "link_sent"
	LinkWasDelivered ActivityKind = "link_delivered"
	LinkWasOpened    ActivityKind = "link_opened"
	LinkWasDismissed ActivityKind = "link_dismissed"
	NoteWritten      ActivityKind = "note_written"
	PhoneStarted     ActivityKind = "phone_started"
)

// ChangesContent says whether what is in the cart is another after an activity of
// this kind: those count as the cart's last change.
func (k ActivityKind) ChangesContent() bool {
	switch k {
	case LineAdded, LineChanged, LineRemoved, DiscountSet, DiscountRemoved, CartsMerged, MergedAway, Ordered, Expired:
		return true
	}
	return false
}

// ReleaseReason says why someone no longer attends a cart.
type ReleaseReason string

// The reasons.
const (
	ReleasedByThemselves ReleaseReason = "left"
	ReleasedByShopper    ReleaseReason = "stopped"
	ReleasedDisconnected ReleaseReason = "disconnected"
	ReleasedIdle         ReleaseReason = "idle"
	ReleasedHandedOver   ReleaseReason = "handed_over"
)

// Actor says who changed the cart: a shopper, of whom nothing more is said, staff
// by name, or the server itself.
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
	ActorServer  ActorKind = "server"
)

// LineChange tells how one line changed. A quantity of 0 is a line that was not,
// or is no longer, there.
type LineChange struct {
	SKU         string `json:"sku"`
	Name        string `json:"name"`
	OldQuantity int    `json:"old_quantity"`
	NewQuantity int    `json:"new_quantity"`
}

// DiscountChange tells how a discount changed: the cart's, or that of the line of
// a SKU. None is nil.
type DiscountChange struct {
	SKU string    `json:"sku,omitempty"`
	Old *Discount `json:"old,omitempty"`
	New *Discount `json:"new,omitempty"`
}
