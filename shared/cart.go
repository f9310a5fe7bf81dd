package shared

import "time"

// Limits of a cart. They bound what one shopper, or one bot, can make the
// server keep, and keep every total far inside an int64. Merging two carts may
// pass the first two, since nothing may be lost then, but not the others.
const (
	MaxQuantity       = 999
	MaxLines          = 200
	MaxMergedQuantity = 9_999
	MaxMergedLines    = 1_000
	MaxPrice          = 1_000_000_000_00 // minor units
)

// Product is one thing that the shop sells.
type Product struct {
	SKU         string `json:"sku"`
	Slug        string `json:"slug"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Category    string `json:"category,omitempty"`
	Price       Money  `json:"price"`
}

// CartStatus says whether a cart can still change.
type CartStatus string

// The states of a cart. Only an open one changes.
const (
	CartOpen    CartStatus = "open"
	CartOrdered CartStatus = "ordered"
	CartMerged  CartStatus = "merged"  // into another; see Cart.MergedInto
	CartExpired CartStatus = "expired" // it is only told of, and no longer there
)

// Cart is a cart as its shopper, or staff who may see it, read it. What is only for
// some of them is left out for the others: see package assist.
type Cart struct {
	ID string `json:"id"`
	// Name is short and can be spoken on the phone, like "amber-fox-42". It
	// says nothing of who the shopper is.
	Name    string     `json:"name"`
	Version int64      `json:"version"`
	Status  CartStatus `json:"status"`
	Lines   []Line     `json:"lines"`
	// Items is the sum of the quantities.
	Items int `json:"items"`
	// Subtotal is what the lines cost without any discount, Total with all of
	// them. Total is the sum of the lines' totals.
	Subtotal Money     `json:"subtotal"`
	Discount *Discount `json:"discount,omitempty"` // on the whole cart
	Total    Money     `json:"total"`

	// SignedIn says that the cart belongs to a customer with an account, Phone
	// that staff keep it for a caller, and Simulated that its shopper says that it
	// is a program. Seen says that a browser has reported a page view: until then
	// it may be a bot's.
	SignedIn  bool `json:"signed_in,omitempty"`
	Phone     bool `json:"phone,omitempty"`
	Simulated bool `json:"simulated,omitempty"`
	Seen      bool `json:"seen,omitempty"`

	// Page is the path of the page that the shopper looks at, PageAt since when.
	Page   string    `json:"page,omitempty"`
	PageAt time.Time `json:"page_at,omitzero"`
	// HelpAt is when the shopper asked to be helped, by any of the staff. See
	// HelpWanted.
	HelpAt time.Time `json:"help_at,omitzero"`

	Attendants []Attendant `json:"attendants,omitempty"`
	Knocks     []Knock     `json:"knocks,omitempty"`
	Links      []Link      `json:"links,omitempty"`
	Handover   *Handover   `json:"handover,omitempty"` // staff only

	// Customer is filled in for those only who may know who the shopper is. It is
	// never kept with the cart, nor told in an event.
	Customer *Customer `json:"customer,omitempty"`

	Order      *Order `json:"order,omitempty"`
	MergedInto string `json:"merged_into,omitempty"`

	Last *LastChange `json:"last,omitempty"`

	CreatedAt time.Time `json:"created_at,omitzero"`
	// UpdatedAt is the time of the last change of what is in the cart.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Line is a quantity of one product in a cart.
type Line struct {
	SKU       string `json:"sku"`
	Slug      string `json:"slug,omitempty"`
	Name      string `json:"name"`
	Quantity  int    `json:"quantity"`
	UnitPrice Money  `json:"unit_price"`
	// Subtotal is UnitPrice times Quantity; Discount is the line's own; Share is
	// the line's part of the cart's discount, in the minor unit. Total is what is
	// left.
	Subtotal Money     `json:"subtotal"`
	Discount *Discount `json:"discount,omitempty"`
	Share    int64     `json:"share,omitempty"`
	Total    Money     `json:"total"`
	// Version is the cart's version that last changed this line. A change
	// quotes it, and is refused if the line has moved on.
	Version int64 `json:"version"`
}

// Customer is who a shopper with an account is.
type Customer struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Order is what a cart became when it was placed.
type Order struct {
	Number string    `json:"number"`
	At     time.Time `json:"at"`
	By     Actor     `json:"by"`
}

// Line returns the line of a product, if the cart has it.
func (c *Cart) Line(sku string) (Line, bool) {
	for _, line := range c.Lines {
		if line.SKU == sku {
			return line, true
		}
	}
	return Line{}, false
}

// Attendant returns who attends the cart by that name, if they do.
func (c *Cart) Attendant(staff string) (Attendant, bool) {
	for _, a := range c.Attendants {
		if a.Staff == staff {
			return a, true
		}
	}
	return Attendant{}, false
}

// Summary is what a list of carts shows of this one.
func (c *Cart) Summary() CartSummary {
	s := CartSummary{
		ID:        c.ID,
		Name:      c.Name,
		Version:   c.Version,
		Status:    c.Status,
		Lines:     len(c.Lines),
		Items:     c.Items,
		Total:     c.Total,
		SignedIn:  c.SignedIn,
		Phone:     c.Phone,
		Simulated: c.Simulated,
		Seen:      c.Seen,
		Page:      c.Page,
		PageAt:    c.PageAt,
		HelpAt:    c.HelpAt,
		Last:      c.Last,
		UpdatedAt: c.UpdatedAt,
	}
	for _, line := range c.Lines {
		s.Products = append(s.Products, line.Name)
	}
	for _, a := range c.Attendants {
		s.Attendants = append(s.Attendants, a.Staff)
	}
	return s
}

// CartSummary is one row of a list of carts. It has no personal data.
type CartSummary struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Version int64      `json:"version"`
	Status  CartStatus `json:"status"`
	Lines   int        `json:"lines"`
	Items   int        `json:"items"`
	Total   Money      `json:"total"`
	// Products are the names of what is in the cart, in the order of its lines.
	Products  []string  `json:"products,omitempty"`
	SignedIn  bool      `json:"signed_in,omitempty"`
	Phone     bool      `json:"phone,omitempty"`
	Simulated bool      `json:"simulated,omitempty"`
	Seen      bool      `json:"seen,omitempty"`
	Page      string    `json:"page,omitempty"`
	PageAt    time.Time `json:"page_at,omitzero"`
	HelpAt    time.Time `json:"help_at,omitzero"`
	// Attendants are the usernames of the staff who attend the cart.
	Attendants []string    `json:"attendants,omitempty"`
	Last       *LastChange `json:"last,omitempty"`
	UpdatedAt  time.Time   `json:"updated_at"`
}

// LastChange is the last change of what is in a cart, made at its UpdatedAt.
type LastChange struct {
	Kind  ActivityKind `json:"kind"`
	Actor Actor        `json:"actor"`
	Line  *LineChange  `json:"line,omitempty"`
}
