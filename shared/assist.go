package shared

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Consent is what allows staff to attend a cart: to see who the customer is, to
// edit, and to send pages.
type Consent string

// The kinds of consent.
const (
	ConsentCode    Consent = "code"    // the customer has read their code aloud
	ConsentKnock   Consent = "knock"   // they have answered "Yes" to a knock
	ConsentRequest Consent = "request" // they have asked for help on the page
	ConsentPhone   Consent = "phone"   // staff keep the cart for a caller
	ConsentNotice  Consent = "notice"  // this shop asks for none; the customer is told
)

// Attendant is one of the staff who attends a cart, which the customer sees, and
// can stop.
type Attendant struct {
	Staff   string    `json:"staff"` // username
	Since   time.Time `json:"since"`
	Consent Consent   `json:"consent"`
}

// Knock is a question to the shopper, whether they are on the phone with someone.
// It lapses unanswered.
type Knock struct {
	Staff string    `json:"staff"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
	// Declined says that the answer was no. The knock stays until it lapses, and
	// keeps its sender from another.
	Declined bool `json:"declined,omitempty"`
}

// Handover is an offer to let a colleague go on with a customer.
type Handover struct {
	From string    `json:"from"`
	To   string    `json:"to"`
	Note string    `json:"note"`
	At   time.Time `json:"at"`
}

// LinkState is how far a link that was sent has come.
type LinkState string

// The states of a link, in their order, but for dismissed, which is instead of
// opened and what follows.
const (
	LinkSent      LinkState = "sent"
	LinkDelivered LinkState = "delivered" // an open page shows it
	LinkOpened    LinkState = "opened"
	LinkAdded     LinkState = "added" // its product was put into the cart
	LinkDismissed LinkState = "dismissed"
)

// Link is a page of this site that staff suggest to a shopper.
type Link struct {
	ID    string    `json:"id"`
	Staff string    `json:"staff"`
	Path  string    `json:"path"`
	Title string    `json:"title"`
	SKU   string    `json:"sku,omitempty"` // of the product whose page it is
	State LinkState `json:"state"`
	At    time.Time `json:"at"` // of the state
}

// Pending says whether the shopper is still to be shown the link.
func (l Link) Pending() bool { return l.State == LinkSent || l.State == LinkDelivered }

// HelpLasts is how long a request for help stands: who asked yesterday doesn't expect
// somebody today.
const HelpLasts = 15 * time.Minute

// HelpWanted says whether a request for help, made at a time, still stands.
func HelpWanted(asked, now time.Time) bool { return !asked.IsZero() && now.Sub(asked) < HelpLasts }

// Limits of what assistance keeps with a cart.
const (
	MaxAttendants = 8
	MaxLinks      = 20 // the oldest are forgotten
	MaxNote       = 1000
	MaxPath       = 500
)

// AssistCode answers POST /api/cart/code: six digits to be read aloud.
type AssistCode struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// FindCart is the body of POST /api/carts/find: a caller's code, which attaches
// who asks to the cart; or the whole e-mail address of a customer.
type FindCart struct {
	Code  string `json:"code,omitempty"`
	Email string `json:"email,omitempty"`
}

// Validate reports the first thing that is wrong.
func (f FindCart) Validate() error {
	switch {
	case (f.Code == "") == (f.Email == ""):
		return invalid("code", "Give the caller's code, or a whole e-mail address.")
	case f.Code != "" && !IsCode(f.Digits()):
		return invalid("code", "A code has six digits, like 482 913.")
	case f.Email != "":
		return validEmail(f.Email)
	}
	return nil
}

// Digits returns the code without the spaces and dashes that people put into it.
func (f FindCart) Digits() string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(f.Code)
}

// CodeDigits is the length of an assist code.
const CodeDigits = 6

// IsCode says whether a text can be an assist code.
func IsCode(text string) bool {
	if len(text) != CodeDigits {
		return false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// FoundCarts answers POST /api/carts/find: by a code the one cart, as an attendant
// sees it; by an e-mail address the customer's carts, without what they hide.
type FoundCarts struct {
	Cart  *CartView     `json:"cart,omitempty"`
	Carts []CartSummary `json:"carts,omitempty"`
}

// CartView answers GET /api/carts/ID: one cart, and from where in the log to follow
// it. Attached says that who asks attends it, and is shown more.
type CartView struct {
	Cart     Cart   `json:"cart"`
	Cursor   string `json:"cursor"`
	Attached bool   `json:"attached"`
}

// CartEvent is the payload of an event on the channel of one cart, and on
// ChannelMyCart: what happened, and the cart after it.
type CartEvent struct {
	Activity Activity `json:"activity"`
	Cart     Cart     `json:"cart"`
}

// ChannelMyCart carries a shopper's own cart, as CartEvent. It needs a shopper's
// session.
const ChannelMyCart = "my_cart"

// channelCart begins the name of the channel of one cart.
const channelCart = "cart/"

// ChannelOfCart names the channel that carries one cart, as CartEvent, to the
// staff who attend it.
func ChannelOfCart(id string) string { return channelCart + id }

// CartOfChannel is the reverse of ChannelOfCart.
func CartOfChannel(channel string) (id string, ok bool) {
	return strings.CutPrefix(channel, channelCart)
}

// AnswerKnock is the body of POST /api/cart/knock.
type AnswerKnock struct {
	Staff  string `json:"staff"`
	Accept bool   `json:"accept"`
}

// Validate reports the first thing that is wrong.
func (a AnswerKnock) Validate() error { return validStaff(a.Staff) }

// StopAssistance is the body of POST /api/cart/stop: who is to go, or all if it
// is empty.
type StopAssistance struct {
	Staff string `json:"staff,omitempty"`
}

// Validate reports the first thing that is wrong.
func (s StopAssistance) Validate() error {
	if s.Staff == "" {
		return nil
	}
	return validStaff(s.Staff)
}

func validStaff(name string) error {
	if name == "" || len(name) > MaxUsername {
		return invalid("staff", "Say who, by their username.")
	}
	return nil
}

// ViewPage is the body of POST /api/cart/pageview, by which a page reports that a
// browser shows it.
type ViewPage struct {
	Path string `json:"path"`
	// Simulated says that the browser is a program that plays a shopper.
	Simulated bool `json:"simulated,omitempty"`
}

// Validate reports the first thing that is wrong.
func (v ViewPage) Validate() error {
	if !strings.HasPrefix(v.Path, "/") || len(v.Path) > MaxPath || !isPlain(v.Path) {
		return invalid("path", "Give the page's path, which begins with a slash.")
	}
	return nil
}

// isPlain says whether a text is UTF-8 without control characters, and without those
// that turn the direction of what stands after it.
func isPlain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	})
}

// MoveLink is the body of POST /api/cart/links/ID: what has become of it.
type MoveLink struct {
	State LinkState `json:"state"`
}

// Validate reports the first thing that is wrong.
func (m MoveLink) Validate() error {
	switch m.State {
	case LinkDelivered, LinkOpened, LinkDismissed:
		return nil
	}
	return invalid("state", "A page can tell that a link was delivered, opened or dismissed.")
}

// SendLink is the body of POST /api/carts/ID/links: a path of this site, like
// /shop/p/blue-mug, or the whole address.
type SendLink struct {
	URL string `json:"url"`
}

// Validate reports the first thing that is wrong. Whether the address is of this
// site is for the server to say.
func (s SendLink) Validate() error {
	if s.URL == "" || len(s.URL) > MaxPath || !isPlain(s.URL) {
		return invalid("url", "Give the address of a page of this shop.")
	}
	return nil
}

// WriteNote is the body of POST /api/carts/ID/notes.
type WriteNote struct {
	Text string `json:"text"`
}

// Validate reports the first thing that is wrong.
func (w WriteNote) Validate() error {
	if strings.TrimSpace(w.Text) == "" {
		return invalid("text", "Write something.")
	}
	return validNote("text", w.Text)
}

func validNote(field, text string) error {
	if len(text) > MaxNote || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return invalid(field, fmt.Sprintf("A note is text of at most %d bytes.", MaxNote))
	}
	return nil
}

// OfferHandover is the body of POST /api/carts/ID/handover. The colleague accepts
// by attaching, or who offered withdraws it with DELETE.
type OfferHandover struct {
	To   string `json:"to"`
	Note string `json:"note,omitempty"`
}

// Validate reports the first thing that is wrong.
func (o OfferHandover) Validate() error {
	if o.To == "" || len(o.To) > MaxUsername {
		return invalid("to", "Say to whom, by their username.")
	}
	return validNote("note", o.Note)
}

// Undo is the body of POST …/undo: the version of the cart that the change to be
// undone made.
type Undo struct {
	Version int64 `json:"version"`
}

// Validate reports the first thing that is wrong.
func (u Undo) Validate() error {
	if u.Version < 1 {
		return invalid("version", "Give the version that the change made.")
	}
	return nil
}

// PlaceOrder is the body of POST …/order. Total is the one that was shown, in the
// minor unit; if it is another by now, nothing is ordered.
type PlaceOrder struct {
	Total int64 `json:"total"`
}

// Validate reports the first thing that is wrong.
func (p PlaceOrder) Validate() error {
	if p.Total < 0 {
		return invalid("total", "A total is not negative.")
	}
	return nil
}

// StartPhoneOrder is the body of POST /api/carts: a cart for a caller who has no
// browser open. A customer is found by the e-mail address, or noted as new.
type StartPhoneOrder struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// Validate reports the first thing that is wrong.
func (s StartPhoneOrder) Validate() error {
	if err := validName(s.Name); err != nil {
		return err
	}
	if s.Email == "" {
		return nil
	}
	return validEmail(s.Email)
}

// Timeline answers GET /api/carts/ID/activity, newest first.
type Timeline struct {
	Activities []Activity `json:"activities"`
	// Next is to be given as ?before= to read on, to what is older; 0 at the end.
	Next int64 `json:"next,omitempty"`
}

// Desk answers GET /api/desk: what the desk of who asks can do.
type Desk struct {
	// ConsentNeeded says whether a shopper has to agree before anyone attaches.
	ConsentNeeded bool `json:"consent_needed"`
	// DiscountLimit is the most that who asks may take off, in basis points.
	DiscountLimit int `json:"discount_limit"`
	// Colleagues are the usernames of others who may attend carts.
	Colleagues []string `json:"colleagues"`
	// IdleSeconds is after how long without a deed an attendant is released.
	IdleSeconds int `json:"idle_seconds"`
}

// AuditEntry is one action of the staff, done or refused. It holds no personal
// data of customers: they appear by the ID of their account, which means nothing
// once it is erased.
type AuditEntry struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Staff  string    `json:"staff"`
	Action string    `json:"action"`
	CartID string    `json:"cart_id,omitempty"`
	Cart   string    `json:"cart,omitempty"` // its name
	// Consent is that under which the staff attended the cart, if they did.
	Consent Consent `json:"consent,omitempty"`
	// Customer is the ID of the account concerned.
	Customer string `json:"customer,omitempty"`
	// Outcome is "done", or the code of the problem for which it was refused.
	Outcome string `json:"outcome"`
	// Before and After tell, in words, what was changed, or was to be.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// AuditDone is the outcome of an action that was not refused.
const AuditDone = "done"

// AuditList answers GET /api/audit, oldest first, or newest first if it is asked with
// ?before=.
type AuditList struct {
	Entries []AuditEntry `json:"entries"`
	// Next is to be given as ?after=, or as ?before=, to read on; 0 at the end.
	Next int64 `json:"next,omitempty"`
}
