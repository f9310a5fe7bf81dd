package shared

import "time"

// Limits of a cart. They bound what one shopper, or one bot, can make the
// server keep, and keep every total far inside an int64.
const (
	MaxQuantity = 999
	MaxLines    = 200
	MaxPrice    = 1_000_000_000_00 // minor units
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

// The states of a cart.
const (
	CartOpen CartStatus = "open"
)

// Cart is a cart as its shopper, or staff who may see it, read it.
type Cart struct {
	ID string `json:"id"`
	// Name is short and can be spoken on the phone, like "amber-fox-42". It
	// says nothing of who the shopper is.
	Name    string     `json:"name"`
	Version int64      `json:"version"`
	Status  CartStatus `json:"status"`
	Lines   []Line     `json:"lines"`
	// Items is the sum of the quantities.
	Items     int       `json:"items"`
	Total     Money     `json:"total"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Line is a quantity of one product in a cart.
type Line struct {
	SKU       string `json:"sku"`
	Name      string `json:"name"`
	Quantity  int    `json:"quantity"`
	UnitPrice Money  `json:"unit_price"`
	Total     Money  `json:"total"`
	// Version is the cart's version that last changed this line. A change
	// quotes it, and is refused if the line has moved on.
	Version int64 `json:"version"`
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

// Summary is what a list of carts shows of this one.
func (c *Cart) Summary() CartSummary {
	return CartSummary{
		ID:        c.ID,
		Name:      c.Name,
		Version:   c.Version,
		Status:    c.Status,
		Lines:     len(c.Lines),
		Items:     c.Items,
		Total:     c.Total,
		UpdatedAt: c.UpdatedAt,
	}
}

// CartSummary is one row of a list of carts. It has no personal data.
type CartSummary struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Version   int64      `json:"version"`
	Status    CartStatus `json:"status"`
	Lines     int        `json:"lines"`
	Items     int        `json:"items"`
	Total     Money      `json:"total"`
	UpdatedAt time.Time  `json:"updated_at"`
}
